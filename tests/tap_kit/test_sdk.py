"""The private members of the SDK that the kit rests on are still there, and still mean the same."""

from __future__ import annotations

import inspect
import signal
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk import Stream, Tap
from singer_sdk.singerlib import Catalog

from tap_kit.errors import SettingsError
from tap_kit.sdk import SdkStream, SdkTap
from tests.singer import discover
from tests.tap_kit.example import CONFIG, ExampleTap

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Signals as they were; discovery in the SDK's way takes them."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def overridden(ours: type, theirs: type) -> set[str]:
    return {
        name for name in vars(ours) if name in dir(theirs) and inspect.isfunction(vars(ours)[name])
    }


def parameters(function: Any) -> list[tuple[str, Any, Any]]:  # noqa: ANN401  # any function
    return [
        (one.name, one.kind, one.default) for one in inspect.signature(function).parameters.values()
    ]


MEMBERS = [
    *((SdkTap, Tap, name) for name in ("_validate_config", "_handle_termination", "sync_all")),
    (SdkStream, Stream, "_increment_stream_state"),
]


@pytest.mark.parametrize(("ours", "theirs", "name"), MEMBERS)
def test_what_is_overridden_has_the_parameters_of_the_sdk(
    ours: type, theirs: type, name: str
) -> None:
    assert parameters(getattr(ours, name)) == parameters(getattr(theirs, name))


def test_nothing_else_is_overridden() -> None:
    listed = {(ours, name) for ours, _, name in MEMBERS}
    assert listed == {
        (ours, name)
        for ours, theirs in ((SdkTap, Tap), (SdkStream, Stream))
        for name in overridden(ours, theirs)
    }


def test_the_sdk_has_settings_checked_and_takes_what_is_kept() -> None:
    with pytest.raises(SettingsError, match="token"):
        ExampleTap(config={})
    tap = ExampleTap(config=CONFIG)
    assert vars(tap)["_config"] is tap.given_config
    tap.keep_config({"token": "another"})
    assert tap.config == {"token": "another"}


def test_the_sdk_ends_a_stopped_discovery_with_the_code_of_the_signal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handled: dict[int, Any] = {}
    monkeypatch.setattr("signal.signal", handled.__setitem__)
    tap = ExampleTap(config=CONFIG)
    for number in (signal.SIGINT, signal.SIGTERM):
        assert handled[number].__self__ is tap
        with pytest.raises(SystemExit) as stopped:
            handled[number](number, None)
        assert stopped.value.code == 128 + number


def test_a_stream_knows_its_tap_and_whether_a_catalog_was_applied() -> None:
    tap = ExampleTap(config=CONFIG)
    stream = tap.discover_streams()[0]
    assert stream.owner is tap
    assert not stream.follows_catalog
    stream.apply_catalog(Catalog.from_dict(discover(ExampleTap, CONFIG)))
    assert stream.follows_catalog


def test_the_sdks_own_loop_moves_no_bookmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(tap: ExampleTap) -> Any:  # noqa: ANN401  # the state
        monkeypatch.setattr(
            ExampleTap, "records_of", lambda *_: iter([{"id": "a", "changed": "2"}])
        )
        tap.streams["things"].sync()
        return tap.state["bookmarks"]["things"].get("replication_key_value")

    assert read(ExampleTap(config=CONFIG)) is None
    monkeypatch.delattr(SdkStream, "_increment_stream_state")
    assert read(ExampleTap(config=CONFIG)) == "2"
