"""A run's end says the truth: status, exit code and ``--test`` agree, one line for each cause."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from tap_kit.cli import run as run_command
from tap_kit.errors import CredentialsError, SettingsError, StreamError, UnservedStreamError
from tap_kit.streams.reader import Page
from tap_kit.streams.stream import RecordStream
from tests.singer import discover, select, sync
from tests.tap_kit.example import CONFIG, ExampleTap, Lists, things

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tap_kit.streams.reader import Reader


class Forgotten(RecordStream):
    """Its factory makes no reader."""

    name = "forgotten"
    primary_keys = ("id",)
    schema = Lists.schema

    @staticmethod
    def reader(_tap: ExampleTap, _streams: Sequence[RecordStream]) -> Iterator[Reader]:
        return iter(())


class Forgetful(ExampleTap):
    """Has no reader for its last stream."""

    stream_types: ClassVar[Sequence[type[RecordStream]]] = (*ExampleTap.stream_types, Forgotten)


def test_a_stream_that_nothing_reads_is_an_error_at_the_start(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Forgetful.given = {"things": [[Page({"things": things(1)})]]}
    tap = Forgetful(config=CONFIG)
    with pytest.raises(UnservedStreamError, match="forgotten"):
        tap.sync_all()
    assert capsys.readouterr().out == ""
    assert not Forgetful(config=CONFIG).test_streams()
    assert "forgotten: nothing in tap-example reads" in capsys.readouterr().err


def test_a_selected_stream_that_the_tap_does_not_have_is_an_error_at_the_start(
    capsys: pytest.CaptureFixture[str],
) -> None:
    catalog = select(discover(ExampleTap, CONFIG), "lists")
    (entry,) = [entry for entry in catalog["streams"] if entry["tap_stream_id"] == "lists"]
    entry["tap_stream_id"] = entry["stream"] = "mistyped"
    tap = ExampleTap(config=CONFIG, catalog=catalog)
    for run in (tap.sync_all, tap.test_streams):
        with pytest.raises(SettingsError, match="stream mistyped is selected, but"):
            run()
    assert capsys.readouterr().out == ""
    for item in entry["metadata"]:
        item["metadata"]["selected"] = False
    assert ExampleTap(config=CONFIG, catalog=catalog).test_streams()


def test_nothing_selected_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    catalog = select(discover(ExampleTap, CONFIG))
    output = sync(ExampleTap, CONFIG, catalog=catalog)
    assert output.exit_code == 0
    assert [r.levelname for r in caplog.records if "no stream is selected" in r.message] == [
        "WARNING"
    ]


def command(folder: Path, given: dict[str, list[list[Any]]], *options: str) -> int:
    """The exit code of the command."""
    ExampleTap.given = given
    path = folder / "config.json"
    path.write_text(json.dumps(CONFIG))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["tap-example", "--config", str(path), *options])
        with pytest.raises(SystemExit) as left:
            run_command(ExampleTap)
    assert isinstance(left.value.code, int)
    return left.value.code


@pytest.mark.parametrize(
    ("error", "statuses"),
    [
        (CredentialsError("the vendor refuses them"), ["failed", "not_reached", "failed"]),
        (StreamError("the vendor is ill"), ["failed", "complete", "failed"]),
    ],
)
def test_one_cause_is_one_line(
    error: Exception,
    statuses: list[str],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    assert command(tmp_path, {"things": [[error]]}) == 1
    errors = [r.message for r in caplog.records if r.levelname == "ERROR"]
    assert len(errors) == 1, errors
    assert str(error) in errors[0]
    assert len([r for r in caplog.messages if str(error) in r]) == 1
    found = [m.split("status=")[1].split()[0] for m in caplog.messages if "status=" in m]
    assert found == statuses


def test_credentials_that_nothing_accepts_end_a_test_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    given = {"things": [[CredentialsError("refused")]], "lists": [[CredentialsError("refused")]]}
    assert command(tmp_path, given, "--test") == 1
    assert [m for m in caplog.messages if "refused" in m] == ["refused"]
    assert "works" not in capsys.readouterr().err


def test_batches_and_versions_are_refused_together(tmp_path: Path) -> None:
    batch = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": tmp_path.as_uri()},
    }
    pair = {"batch_config": batch, "emit_activate_version_messages": True}
    with pytest.raises(SettingsError, match="batch_config and emit_activate_version_messages"):
        sync(ExampleTap, {**CONFIG, **pair})


def test_batch_files_that_can_not_be_written_name_their_setting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    batch = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": (tmp_path / "file").as_uri()},
    }
    ExampleTap.given = {"things": [[Page({"things": things(1)})]]}
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**CONFIG, "batch_config": batch}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["tap-example", "--config", str(path)])
        with pytest.raises(SystemExit) as left:
            run_command(ExampleTap)
    assert left.value.code == 1
    [error] = [r.message for r in caplog.records if r.levelname == "ERROR"]
    assert "batch_config" in error
