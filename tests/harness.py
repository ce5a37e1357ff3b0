"""A tap against its vendor's sandbox: run it, see what it requested, compare what it brought."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from sandbox import Sandbox
from tap_kit.doctor.checkup import Checkup
from tap_kit.tap import KitTap
from tap_kit.text.redact_logs import REDACTOR
from tests.singer import Output, discover, select, sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pytest

    from sandbox.journal import Entry

Record = dict[str, Any]


class Harness:
    """One tap and a sandbox with its vendor.

    Args:
        tap: The tap.
        sandbox: From :func:`sandboxes`, so that both have the same present.
        settings: Besides those that the sandbox has for the tap.
    """

    def __init__(self, tap: type[KitTap], sandbox: Sandbox, **settings: Any) -> None:  # noqa: ANN401  # each has its own
        self.tap = tap
        self.sandbox = sandbox
        self.vendor = tap.name.removeprefix("tap-")
        self.config: dict[str, Any] = {**sandbox.settings(self.vendor), **settings}

    def discover(self, **settings: Any) -> dict[str, Any]:  # noqa: ANN401  # each has its own
        """The catalog, as plain JSON."""
        return discover(self.tap, {**self.config, **settings})

    def run(
        self,
        *streams: str,
        catalog: dict[str, Any] | None = None,
        state: Mapping[str, Any] | None = None,
        without: Sequence[tuple[str, str]] = (),
        **settings: Any,  # noqa: ANN401  # each has its own
    ) -> Output:
        """Run the tap in this process.

        Args:
            streams: Those to select; by default what the catalog selects.
            catalog: By default what the tap discovers.
            state: From an earlier run.
            without: (stream, property) pairs to deselect.
            settings: For this run only.
        """
        if streams:
            catalog = select(catalog or self.discover(**settings), *streams, without=without)
        config = {**self.config, **settings}
        return sync(self.tap, config, catalog=catalog, state=dict(state) if state else None)

    def doctor(self, **settings: Any) -> Record:  # noqa: ANN401  # each has its own
        """The report of ``--doctor``, made in this process."""

        def make(config: Mapping[str, Any]) -> KitTap:
            return self.tap(config=dict(config), setup_mapper=False)

        report = Checkup(make({**self.config, **settings}), make, REDACTOR).run()
        document: Record = json.loads(report.as_json(self.tap.name, "1.0"))
        return document

    def truth(self, stream: str, **options: Any) -> list[Record]:  # noqa: ANN401  # as the vendor's truth()
        """What a complete run brings now, in plain JSON."""
        vendor: Any = self.sandbox.vendor(self.vendor)
        made = vendor.truth(stream, **options) if options else None
        rows = self.sandbox.truth(self.vendor, stream) if made is None else list(made)
        plain: list[Record] = json.loads(json.dumps(rows))
        return plain

    def requests(self, *routes: str) -> list[Entry]:
        """The journal's entries for some routes, by default all."""
        return [entry for entry in self.sandbox.journal if not routes or entry.route in routes]

    def comparable(self, row: Record) -> Record:
        """A row without what means nothing to the vendor; some taps' harnesses say what."""
        return row

    def compared(self, rows: Iterable[Record], like: Sequence[Record]) -> Counter[str]:
        """Rows by the columns that the truth knows, wherever the tap put them."""
        known = frozenset[str]().union(*like)

        def plain(row: Record) -> Record:
            row = {**dict.fromkeys(known), **row, **(row.get("extra_columns") or {})}
            return {
                name: _as_number(value)
                for name, value in self.comparable(row).items()
                if name in known
            }

        return Counter(json.dumps(plain(row), sort_keys=True) for row in rows)

    def assert_same(self, rows: Iterable[Record], truth: Sequence[Record], stream: str) -> None:
        """The rows are those of the truth, each as often."""
        found, expected = self.compared(rows, truth), self.compared(truth, truth)
        missing, besides = expected - found, found - expected
        assert not missing, (stream, f"{missing.total()} missing", sorted(missing)[:2])
        assert not besides, (stream, f"{besides.total()} besides", sorted(besides)[:2])


@contextmanager
def sandboxes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Sandbox]]:
    """Opens sandboxes whose present is the taps' too; at the end sees that all taps only read.

    What it gives takes a vendor's name or class, the variants by their names without the
    vendor's, and the options of :class:`~sandbox.sandbox.Sandbox`.
    """
    with ExitStack() as stack:
        opened: list[Sandbox] = []

        def make(vendor: Any, variants: Mapping[str, str], **options: Any) -> Sandbox:  # noqa: ANN401  # as Sandbox takes them
            name = vendor if isinstance(vendor, str) else vendor.name
            chosen = {f"{name}.{variant}": choice for variant, choice in variants.items()}
            sandbox = stack.enter_context(Sandbox(vendors=[vendor], variants=chosen, **options))
            monkeypatch.setattr(KitTap, "clock", staticmethod(sandbox.now))
            opened.append(sandbox)
            return sandbox

        yield make
    assert not [entry for sandbox in opened for entry in sandbox.journal.writes()]


def forget_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what becomes known as a secret from now on, once the patch is undone."""
    monkeypatch.setattr(REDACTOR, "_values", {*vars(REDACTOR)["_values"]})
    monkeypatch.setattr(REDACTOR, "_known", vars(REDACTOR)["_known"])


def finding(report: Record, name: str) -> str:
    """What a report of ``--doctor`` says of a question."""
    (text,) = (one["finding"] for one in report["questions"] if one["name"] == name)
    return str(text)


def _as_number(value: object) -> object:
    """0.0 and 0 are the same number; most values are no whole float and stay."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
