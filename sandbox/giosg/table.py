"""Rows of an answer in columns, with the vendor's headings and the names that records have."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.giosg.texts import CAMPAIGNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sandbox.giosg.events import Event
    from sandbox.giosg.texts import Cell


class Column(NamedTuple):
    """One column of an answer."""

    heading: str
    """What the vendor writes over it."""
    name: str
    """The property that the tap makes of the heading."""
    position: int
    """Where its cell stands in a full row."""
    is_metric: bool = False


_NAMES = (
    "timestamp",
    "event_id",
    "label",
    "action",
    "visitor_id",
    "session_id",
    "geo_city",
    "value",
    "is_new_visitor",
    "booked_on",
    "comment",
    "recording_url",
)
_CAMPAIGN = "campaign"
_BASIC = {
    "Time": "timestamp",
    "Action": "action",
    "Visitor": "visitor_id",
    "City": "geo_city",
    "Value": "value",
    "Comment": "comment",
}

HEADINGS: dict[str, dict[str, tuple[str, str]]] = {
    "plain": {},
    "repeated_and_blank": {"session_id": ("action", "action_2"), "geo_city": ("", "column_7")},
    "like_envelope": {
        "session_id": ("target", "column_target"),
        "geo_city": ("row_id", "column_row_id"),
        "comment": ("extra_columns", "column_extra_columns"),
    },
}
"""The variant ``headings``: column -> its heading, and the property's name in records."""


class Table:
    """What one answer holds, whatever its format."""

    def __init__(  # noqa: PLR0913  # all that an answer depends on
        self,
        events: Iterable[Event],
        details: Sequence[tuple[Cell, ...]],
        *,
        headings: Mapping[str, tuple[str, str]],
        drift: Mapping[str, Cell],
        campaign_from: int | None,
        basic: bool,
    ) -> None:
        """Put events into columns.

        Args:
            events: The rows.
            details: The remaining cells, by the number in the event.
            headings: Columns with another heading than their name; see :data:`HEADINGS`.
            drift: Columns that the vendor added or changed since.
            campaign_from: The day from which rows have a campaign; None: no such column yet.
            basic: The vendor's flag: fewer columns, with readable headings.
        """
        self.events = events
        self.details = details
        self.campaign_from = campaign_from
        self.changed = {name: value for name, value in drift.items() if name in _NAMES}
        self.added = {name: value for name, value in drift.items() if name not in _NAMES}
        if basic:
            named = [(heading, heading) for heading in _BASIC]
            positions = [_NAMES.index(name) for name in _BASIC.values()]
        else:
            named = [headings.get(name, (name, name)) for name in _NAMES]
            positions = list(range(len(_NAMES)))
        self.later = [*([] if campaign_from is None else [_CAMPAIGN]), *self.added]
        named += [(name, name) for name in self.later]
        positions += range(len(_NAMES), len(_NAMES) + len(self.later))
        value = _NAMES.index("value")
        self.columns = [
            Column(heading, name, position, is_metric=position == value)
            for (heading, name), position in zip(named, positions, strict=True)
        ]

    def campaign(self, event: Event) -> str | None:
        """The cell of the column that giosg adds a day after the epoch."""
        if self.campaign_from is None or event[5] < self.campaign_from:
            return None
        return CAMPAIGNS[event[4] % len(CAMPAIGNS)]

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """The cells of each row, in the columns' order."""
        if not self.columns:
            return
        pick = itemgetter(*(column.position for column in self.columns))
        added = tuple(self.added.values())
        changed = [(_NAMES.index(name), value) for name, value in self.changed.items()]
        has_campaign = self.campaign_from is not None
        for event in self.events:
            row: tuple[Cell, ...] = event[:4] + self.details[event[4]]
            if changed:
                cells = list(row)
                for position, value in changed:
                    cells[position] = value
                row = tuple(cells)
            if has_campaign:
                row += (self.campaign(event),)
            yield pick(row + added)

    def records(self, form: Callable[[Cell], Any]) -> Iterator[dict[str, Any]]:
        """Each row under the names of records, its cells in the given form."""
        names = [column.name for column in self.columns]
        for row in self.rows():
            yield dict(zip(names, map(form, row), strict=True))


def as_text(cell: Cell) -> str | None:
    """A cell as a tap delivers it from a file: shortest numbers, links without signature."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (Decimal, int, float)):
        return shortest(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return _unsigned(cell)


def as_typed(cell: Cell) -> str | float | bool | None:
    """A cell as a tap delivers it from JSON."""
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return _unsigned(cell) or None
    return cell


def shortest(number: Decimal | float) -> str:
    """A number in its shortest form, without an exponent."""
    exact = Decimal(str(number))
    return format(exact.normalize() + 0, "f")


def _unsigned(text: str) -> str:
    address, _, query = text.partition("?")
    return address if "sig=" in query else text
