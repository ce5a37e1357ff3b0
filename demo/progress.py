"""How a run of Meltano goes, plugin by plugin: read from its lines, shown with a clock."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_BLOCK_ENDS = re.compile(r" meltano +Block run completed")
_MODELS = re.compile(r" (\d+) of (\d+) (?:OK|PASS|WARN) ")
_RECORDS = re.compile(r"stream (\w+): .*?(\d+) records")


class RunProgress:
    """What each plugin of a run has come to. They run one after the other.

    Args:
        plugins: Names of those that tell how they go, in the order in which they run.
        clock: Monotonic seconds.
    """

    def __init__(
        self, plugins: Sequence[str], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._began = clock()
        self._to_come = [*plugins]
        self._works: list[_Work] = []
        self._begin_next()

    def see(self, line: str) -> None:
        """Take in a line of Meltano's output."""
        work = self._works[-1]
        if _BLOCK_ENDS.search(line):
            work.ended = self._clock()
            self._begin_next()
        elif f" {work.plugin} " in line:
            work.see(line)

    def table(self) -> Table:
        """A line for each plugin, and the time that the run has taken so far."""
        now = self._clock()
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis", width=50)
        table.add_column(justify="right", no_wrap=True)
        for work in self._works:
            table.add_row(work.plugin, work.news, _minutes((work.ended or now) - work.began))
        for plugin in self._to_come:
            table.add_row(plugin, "to come", style="dim")
        table.add_row("", "", _minutes(now - self._began), style="bold")
        return table

    def _begin_next(self) -> None:
        if self._to_come:
            self._works.append(_Work(self._to_come.pop(0), self._clock()))


class _Work:
    """One plugin at work, and what it has come to."""

    def __init__(self, plugin: str, began: float) -> None:
        self.plugin = plugin
        self.began = began
        self.ended: float | None = None
        self._last = "starting"
        self._records: dict[str, int] = {}
        self._models = ""

    def see(self, line: str) -> None:
        if found := _RECORDS.search(line):
            self._records[found[1]] = int(found[2])
            self._last = f"{found[1]}: {int(found[2]):,} records"
        elif found := _MODELS.search(line):
            self._models = found[2]
            self._last = f"{found[1]} of {found[2]} models and tests"

    @property
    def news(self) -> str:
        """The last news while it works, the sums behind its end."""
        if self.ended is None:
            return f"{self._last} ..."
        if self._models:
            return f"{self._models} models and tests"
        return f"{sum(self._records.values()):,} records of {len(self._records)} streams"


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
