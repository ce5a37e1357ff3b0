"""giosg in the sandbox with few rows, or with the rows of a test, and the tap run against it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox
from sandbox.giosg import Giosg, Shape
from sandbox.world import Clock
from tap_giosg.tap import TapGiosg
from tap_kit.tap import KitTap
from tests.harness import Harness, Record
from tests.tap_giosg.given import Given

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.journal import Entry
    from tests.singer import Output

EVENTS = ("source_data", "step_source_data")
NOW = datetime(2026, 3, 12, 10, 30, tzinfo=timezone.utc)
"""A Thursday."""


class SmallGiosg(Giosg):
    """A month of few rows: five workflows now (one draft, one that has ended), one more later."""

    shape = Shape(rows_per_day=1.5, history_days=30, future_days=10)


class Account(Harness):
    """giosg, whose time stands still unless a test moves it."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(TapGiosg, sandbox)

    def truth(self, stream: str, **options: Any) -> list[Record]:  # noqa: ANN401  # as event_rows()
        """The rows; with options those of a stream of events, for other settings."""
        vendor = self.sandbox.vendor("giosg")
        if options:
            assert isinstance(vendor, Giosg)
            return list(vendor.event_rows(stream, **options))
        return super().truth(stream)


def payloads(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [json.loads(entry.body) for entry in entries]


@pytest.fixture(autouse=True)
def _no_back_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap_kit.http.retry.backoff.full_jitter", lambda _: 0.0)


@pytest.fixture
def account_of(open_sandbox: Callable[..., Sandbox]) -> Callable[..., Account]:
    """Makes accounts; variants are given as keywords."""

    def make(**variants: str) -> Account:
        chosen = {"examples": "left_out", **variants}
        return Account(open_sandbox(SmallGiosg, chosen, clock=Clock(frozen_at=NOW)))

    return make


@pytest.fixture
def account(account_of: Callable[..., Account]) -> Account:
    return account_of()


@pytest.fixture(scope="session")
def given_sandbox() -> Iterator[Sandbox]:
    with Sandbox(vendors=[Given], clock=Clock(frozen_at=NOW), journal=True) as sandbox:
        yield sandbox


@pytest.fixture
def given(given_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Given:
    """A giosg of one workflow and one step whose rows the test gives."""
    vendor = given_sandbox.vendor("giosg")
    assert isinstance(vendor, Given)
    vendor.reset()
    given_sandbox.clear_journal()
    given_sandbox.clear_faults()
    monkeypatch.setattr(KitTap, "clock", staticmethod(given_sandbox.now))
    return vendor


@pytest.fixture
def account_given(given_sandbox: Sandbox, given: Given) -> Account:  # noqa: ARG001  # resets it
    return Account(given_sandbox)


def properties(catalog: dict[str, Any], stream: str) -> dict[str, Any]:
    """The schemas of a stream's columns in a catalog."""
    (entry,) = (one for one in catalog["streams"] if one["tap_stream_id"] == stream)
    found: dict[str, Any] = entry["schema"]["properties"]
    return found


def contents(rows: Iterable[Record], *, without: Iterable[str] = ()) -> Counter[str]:
    """Rows as one may compare them: without nulls and without what only the run decides."""
    left_out = {"interval_start", "interval_end", "row_id", "extra_columns", *without}

    def plain(value: object) -> object:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    found: Counter[str] = Counter()
    for row in rows:
        whole = {**row, **(row.get("extra_columns") or {})}
        cells = {
            name: plain(cell)
            for name, cell in whole.items()
            if cell is not None and name not in left_out
        }
        found[json.dumps(cells, sort_keys=True, ensure_ascii=False)] += 1
    return found


def latest(output: Output, stream: str) -> list[Record]:
    """The rows that a target holds after the output: one for each key."""
    return list(output.by_key(stream, "row_id").values())
