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
from tests.singer import Output, discover, select, sync
from tests.tap_giosg.given import Given

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.journal import Entry

Record = dict[str, Any]

EVENTS = ("source_data", "step_source_data")
NOW = datetime(2026, 3, 12, 10, 30, tzinfo=timezone.utc)
"""A Thursday."""


class SmallGiosg(Giosg):
    """A month of few rows: five workflows now (one draft, one that has ended), one more later."""

    shape = Shape(rows_per_day=1.5, history_days=30, future_days=10)


class Account:
    """The sandbox's giosg, a tap's settings for it, and a clock that they share."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.config: dict[str, Any] = sandbox.settings("giosg")

    def run(
        self,
        *streams: str,
        catalog: dict[str, Any] | None = None,
        state: dict[str, Any] | None = None,
        **settings: Any,  # noqa: ANN401  # each has its own
    ) -> Output:
        """Run the tap; with streams or a catalog by that, otherwise as it discovers itself."""
        if streams:
            catalog = select(catalog or self.discover(**settings), *streams)
        return sync(TapGiosg, {**self.config, **settings}, catalog=catalog, state=state)

    def discover(self, **settings: Any) -> dict[str, Any]:  # noqa: ANN401  # each has its own
        return discover(TapGiosg, {**self.config, **settings})

    def truth(self, stream: str, **options: Any) -> list[Record]:  # noqa: ANN401  # as event_rows()
        vendor = self.sandbox.vendor("giosg")
        if options:
            assert isinstance(vendor, Giosg)
            return list(vendor.event_rows(stream, **options))
        return list(vendor.truth(stream))

    def asked(self, *routes: str) -> list[Entry]:
        """The requests since the journal was cleared, to some routes or to all."""
        entries = self.sandbox.journal.entries
        return [entry for entry in entries if not routes or entry.route in routes]


def payloads(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [json.loads(entry.body) for entry in entries]


@pytest.fixture(autouse=True)
def _no_back_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap_kit.http.retry.backoff.full_jitter", lambda _: 0.0)


@pytest.fixture
def account_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Account]]:
    """Makes accounts; variants are given as keywords."""
    opened: list[Sandbox] = []

    def make(**variants: str) -> Account:
        sandbox = Sandbox(
            clock=Clock(frozen_at=NOW),
            vendors=[SmallGiosg],
            variants={
                "giosg.examples": "left_out",
                **{f"giosg.{name}": choice for name, choice in variants.items()},
            },
        )
        monkeypatch.setattr("tap_kit.tap.utc_now", sandbox.now)
        opened.append(sandbox.__enter__())
        return Account(sandbox)

    yield make
    for sandbox in opened:
        sandbox.__exit__(None, None, None)


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
    monkeypatch.setattr("tap_kit.tap.utc_now", given_sandbox.now)
    return vendor


@pytest.fixture
def account_given(given_sandbox: Sandbox, given: Given) -> Account:  # noqa: ARG001  # resets it
    return Account(given_sandbox)


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
