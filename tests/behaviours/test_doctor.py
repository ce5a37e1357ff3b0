"""``--doctor``: few requests that only read, one report, and exit codes that say what follows."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.doctor.checkup import REQUESTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.behaviours.pipeline import Pipeline

_WORDS = 10
"""Characters of a text that no report has by chance."""


def said(pipeline: Pipeline, folder: Path, form: str, **settings: Any) -> tuple[int, str]:  # noqa: ANN401  # settings have all types
    """Exit code and stdout of the command."""
    output = pipeline.command(folder, form, config={**pipeline.config, **settings})
    written, _, _ = output.stderr.partition((folder / "stderr").read_text() or "\0")
    return output.exit_code, written


def report_of(pipeline: Pipeline, folder: Path, **settings: Any) -> dict[str, Any]:  # noqa: ANN401  # settings have all types
    """The JSON report; nothing else is on stdout."""
    code, written = said(pipeline, folder, "--doctor=json", **settings)
    report: dict[str, Any] = json.loads(written)
    assert report["exit_code"] == code
    assert report["requests"] == len(pipeline.sandbox.journal) <= REQUESTS
    assert not pipeline.sandbox.journal.writes()
    return report


def test_where_the_settings_fit(pipeline: Pipeline, tmp_path: Path) -> None:
    report = report_of(pipeline, tmp_path)
    assert report["exit_code"] == 0
    assert report["change"] == {}
    assert report["failure"] is None
    assert {one["stream"] for one in report["streams"]} == {*pipeline.names}
    assert all(one["works"] for one in report["streams"])
    asked = {question.name for question in pipeline.case.tap.questions if question.ask}
    assert {one["name"] for one in report["questions"]} == asked
    assert not [one for one in report["questions"] if one["state"] == "failed"]


def test_the_text_says_the_same_in_80_columns(pipeline: Pipeline, tmp_path: Path) -> None:
    code, written = said(pipeline, tmp_path, "--doctor")
    assert code == 0
    report = pipeline.doctor()
    plain = " ".join(written.split())
    for one in report["questions"]:
        assert " ".join(one["question"].split()) in plain
        assert " ".join(one["finding"].split()) in plain
    for stream in report["streams"]:
        assert f"{stream['stream']} works" in plain
    assert max(len(line) for line in written.splitlines()) <= 80
    assert "The settings fit." in written
    # It may take a while; meanwhile the terminal says what goes on, and stdout has the report only.
    assert "asks the account" not in written
    assert "asks the account, with at most 40 requests" in (tmp_path / "stderr").read_text()


def test_where_a_setting_must_change(pipeline: Pipeline, tmp_path: Path) -> None:
    if pipeline.case.misfit is None:
        pytest.skip("the sandbox's vendor takes every value of the tap's settings")
    (name,) = pipeline.case.misfit
    report = report_of(pipeline, tmp_path, **pipeline.case.misfit)
    assert report["exit_code"] == 1
    assert report["change"] == {name: pipeline.case.fit}
    assert all(one["works"] for one in report["streams"])
    code, written = said(pipeline, tmp_path, "--doctor", **pipeline.case.misfit)
    assert code == 1
    assert f"{name}: must be {json.dumps(pipeline.case.fit)}" in " ".join(written.split())


def test_a_setting_from_the_environment_is_put_right_too(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    if pipeline.case.misfit is None:
        pytest.skip("the sandbox's vendor takes every value of the tap's settings")
    ((name, wrong),) = pipeline.case.misfit.items()
    variable = f"{pipeline.case.name}_{name}".replace("-", "_").upper()
    output = pipeline.command(tmp_path, "--config=ENV", "--doctor=json", env={variable: str(wrong)})
    written, _, _ = output.stderr.partition((tmp_path / "stderr").read_text() or "\0")
    report = json.loads(written)
    assert report["change"] == {name: pipeline.case.fit}
    assert all(one["works"] for one in report["streams"])


def test_wrong_credentials_end_it(pipeline: Pipeline, tmp_path: Path) -> None:
    wrong = dict.fromkeys(pipeline.case.secrets, "not-the-right-one")
    report = report_of(pipeline, tmp_path, **wrong)
    assert report["exit_code"] == 2
    assert "credentials" in report["failure"]
    assert pipeline.case.secrets[0] in report["failure"]
    assert report["requests"] < 5
    assert not any(one["works"] for one in report["streams"])
    assert "not-the-right-one" not in json.dumps(report)


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 503}, {"kind": "reset"}, {"kind": "html"}], ids=str
)
def test_a_vendor_that_is_down_is_told(
    pipeline: Pipeline, tmp_path: Path, fault: dict[str, Any]
) -> None:
    pipeline.sandbox.fault(vendor=pipeline.vendor, times=None, **fault)
    report = report_of(pipeline, tmp_path)
    assert report["exit_code"] == 2
    assert report["failure"] or not any(one["works"] for one in report["streams"])
    if fault.get("status"):
        assert "503" in json.dumps(report)


def test_a_long_wait_is_not_waited_for(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.fault("status", status=429, retry_after=3600, times=None)
    report = report_of(pipeline, tmp_path)
    assert report["exit_code"] == 2
    assert "asks to wait" in json.dumps(report)


def test_a_vendor_that_can_not_be_reached_is_told(pipeline: Pipeline, tmp_path: Path) -> None:
    urls = {name: "http://127.0.0.1:9/" for name in pipeline.config if name.endswith("_url")}
    code, written = said(pipeline, tmp_path, "--doctor=json", **urls)
    assert code == 2
    failure = json.loads(written)["failure"]
    assert "can't be reached" in failure
    assert "_url" in failure


def test_wrong_settings_are_told_as_ever(pipeline: Pipeline, tmp_path: Path) -> None:
    output = pipeline.command(
        tmp_path, "--doctor", config={**pipeline.config, **pipeline.case.wrong}
    )
    (name,) = pipeline.case.wrong
    assert output.exit_code == 1
    assert name in output.stderr
    assert not pipeline.sandbox.journal


def test_errors_are_findings(pipeline: Pipeline, tmp_path: Path) -> None:
    """Also where they quote secrets and customers."""
    told = json.dumps(
        {
            "message": "No such thing as Jane Doe's boiler, token abc123def456, "
            + " ".join(str(pipeline.config[name]) for name in pipeline.case.secrets),
        }
    )
    pipeline.fault("status", status=400, body=told, times=None)
    report = report_of(pipeline, tmp_path)
    assert "HTTP 400" in json.dumps(report)
    for word in ("Jane", "boiler", "abc123def456"):
        assert word not in json.dumps(report)
    for name in pipeline.case.secrets:
        assert str(pipeline.config[name]) not in json.dumps(report)
    _, written = said(pipeline, tmp_path, "--doctor")
    assert "boiler" not in written


@pytest.mark.parametrize("status", [404, 503])
def test_nothing_that_a_vendor_says_is_on_the_terminal(
    pipeline: Pipeline, tmp_path: Path, status: int
) -> None:
    """A user copies what a terminal shows, stderr too."""
    told = json.dumps({"message": "Jane Doe's boiler"})
    pipeline.fault("status", status=status, body=told, times=None)
    output = pipeline.command(tmp_path, "--doctor", config=pipeline.config)
    assert str(status) in output.stderr
    assert "boiler" not in output.stderr
    if status == 503:  # a 404 is not tried again, so it is nobody's warning
        debug = {"LOGLEVEL": "DEBUG"}
        shown = pipeline.command(tmp_path, "--doctor", config=pipeline.config, env=debug)
        assert "boiler" in shown.stderr


def test_no_data_and_no_secret_is_in_a_report(pipeline: Pipeline, tmp_path: Path) -> None:
    _, text = said(pipeline, tmp_path, "--doctor")
    shown = text + json.dumps(pipeline.doctor())
    sent = {
        entry.headers["authorization"].rpartition(" ")[2]
        for entry in pipeline.sandbox.journal
        if "authorization" in entry.headers
    }
    for secret in (*sent, *(str(pipeline.config[name]) for name in pipeline.case.secrets)):
        assert secret not in shown
    words = {
        word for stream in pipeline.names for row in pipeline.truth(stream) for word in texts(row)
    }
    assert len(words) > 100
    ours = " ".join(f"{one.text} {one.source}" for one in pipeline.case.tap.questions)
    assert not [word for word in words if word in shown and word not in ours]


def texts(value: Any) -> set[str]:  # noqa: ANN401  # any JSON
    """All texts in a value that are long enough to be somebody's."""
    if isinstance(value, str):
        return {value} if len(value) >= _WORDS else set()
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for one in inner for text in texts(one)}


def test_the_rate_is_respected(pipeline: Pipeline) -> None:
    pipeline.doctor(requests_per_second=40)
    started = [entry.started for entry in pipeline.sandbox.journal]
    assert len(started) > 3
    # Each request begins a fortieth of a second after the one before, as the client counts.
    assert started[-1] - started[0] > (len(started) - 2) / 40
    assert all(earlier <= later for earlier, later in pairwise(started))
