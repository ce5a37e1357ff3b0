"""Entity-relationship diagrams as SVG that takes its colours from the page around it.

Boxes stand where :mod:`docs.relations` puts them; a relation is drawn where its two boxes are in
the same column or in neighbouring ones. Widths are counted in characters of a fixed-width font.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from docs.relations import Model, Relation

_CHARACTER = 6.7
_LINE = 17
_TITLE = 24
_PADDING = 9
_BETWEEN_COLUMNS = 58
_BETWEEN_BOXES = 14
_MARGIN = 8
_LOOP = 26


@dataclass(frozen=True)
class Entity:
    """What a box shows.

    Attributes:
        name: The stream.
        keys: Its primary key.
        optional: Whether it is off by default.
        target: Where a click leads.
    """

    name: str
    keys: Sequence[str]
    optional: bool
    target: str


@dataclass(frozen=True)
class _Box:
    entity: Entity
    rows: Sequence[str]
    column: int
    x: float
    y: float
    width: float

    @property
    def height(self) -> float:
        return _height(self.rows)

    @property
    def right(self) -> float:
        return self.x + self.width

    def level(self, row: str) -> float:
        return self.y + _TITLE + _LINE * (self.rows.index(row) + 0.5) + 2


def draw(model: Model, entities: Mapping[str, Entity], label: str) -> str:
    """The diagram; one line per element, none of them blank."""
    boxes = _place(model, entities)
    drawn = [
        relation
        for relation in model.relations
        if abs(boxes[relation.child_stream].column - boxes[relation.parent_stream].column) <= 1
    ]
    width = max(box.right for box in boxes.values()) + _MARGIN + _LOOP
    height = max(box.y + box.height for box in boxes.values()) + _MARGIN
    head = (
        f'<svg class="er" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="group" aria-label="{escape(label)}">'
    )
    lines = [head]
    lines += [line for relation in drawn for line in _edge(relation, boxes)]
    lines += [line for box in boxes.values() for line in _box(box)]
    lines.append("</svg>")
    return "\n".join(lines)


def _place(model: Model, entities: Mapping[str, Entity]) -> dict[str, _Box]:
    """The fullest column from the top on; then the others, boxes beside what they relate to."""
    rows = {name: _rows(name, entities[name], model.relations) for name in model.streams}
    widths = [
        max(len(text) for name in column for text in (name, *rows[name])) * _CHARACTER
        + 2 * _PADDING
        + 4
        for column in model.layout
    ]
    lefts = [
        _MARGIN + sum(widths[:number]) + number * _BETWEEN_COLUMNS
        for number in range(len(model.layout))
    ]
    heights = [sum(_height(rows[name]) for name in column) for column in model.layout]
    fullest = heights.index(max(heights))
    boxes: dict[str, _Box] = {}
    for number in sorted(range(len(model.layout)), key=lambda number: abs(number - fullest)):
        y: float = _MARGIN
        for name in model.layout[number]:
            beside = [
                boxes[other].y
                for other in _related(name, model.relations)
                if other in boxes
                and boxes[other].column == number - (1 if number > fullest else -1)
            ]
            if beside:
                y = max(y, sum(beside) / len(beside))
            boxes[name] = _Box(entities[name], rows[name], number, lefts[number], y, widths[number])
            y += boxes[name].height + _BETWEEN_BOXES
    return boxes


def _height(rows: Sequence[str]) -> float:
    return _TITLE + _LINE * len(rows) + 6


def _related(name: str, relations: Sequence[Relation]) -> Iterator[str]:
    for relation in relations:
        if relation.child_stream == name:
            yield relation.parent_stream
        elif relation.parent_stream == name:
            yield relation.child_stream


def _rows(name: str, entity: Entity, relations: Sequence[Relation]) -> Sequence[str]:
    """The key, then all other columns that take part in a relation."""
    ends = [
        end.partition(".")[2]
        for relation in relations
        for end in (relation.child, relation.parent)
        if end.partition(".")[0] == name
    ]
    return list(dict.fromkeys([*entity.keys, *ends]))


def _box(box: _Box) -> Iterator[str]:
    entity = box.entity
    kind = "entity optional" if entity.optional else "entity"
    yield f'<a class="{kind}" href="{escape(entity.target)}">'
    yield (
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{box.height:.0f}" '
        'rx="4"/>'
    )
    yield (
        f'<text class="name" x="{box.x + _PADDING:.0f}" y="{box.y + 16:.0f}">'
        f"{escape(entity.name)}</text>"
    )
    yield (
        f'<line x1="{box.x:.0f}" y1="{box.y + _TITLE:.0f}" x2="{box.right:.0f}" '
        f'y2="{box.y + _TITLE:.0f}"/>'
    )
    for row in box.rows:
        kind = "key" if row in entity.keys else "column"
        yield (
            f'<text class="{kind}" x="{box.x + _PADDING:.0f}" y="{box.level(row) + 4:.0f}">'
            f"{escape(row)}</text>"
        )
    yield "</a>"


def _edge(relation: Relation, boxes: Mapping[str, _Box]) -> Iterator[str]:
    """A curve with a crow's foot where there may be many and a bar where there is one."""
    child, parent = boxes[relation.child_stream], boxes[relation.parent_stream]
    start = child.level(relation.child.partition(".")[2])
    end = parent.level(relation.parent.partition(".")[2])
    if child.column == parent.column:
        left, right = child.right, parent.right
        toward, back = 1, 1
        bend = _LOOP
    else:
        forward = child.column < parent.column
        left = child.right if forward else child.x
        right = parent.x if forward else parent.right
        toward, back = (1, -1) if forward else (-1, 1)
        bend = _BETWEEN_COLUMNS // 2
    yield (
        f'<path class="relation" d="M{left:.0f} {start:.0f} '
        f"C{left + toward * bend:.0f} {start:.0f} {right + back * bend:.0f} {end:.0f} "
        f'{right:.0f} {end:.0f}"/>'
    )
    if relation.single:
        yield _bar(left + toward * 6, start)
    else:
        tip = left + toward * 9
        yield (
            f'<path class="relation" d="M{left:.0f} {start - 4:.0f} L{tip:.0f} {start:.0f} '
            f'L{left:.0f} {start + 4:.0f}"/>'
        )
    yield _bar(right + back * 6, end)


def _bar(x: float, y: float) -> str:
    return f'<path class="relation" d="M{x:.0f} {y - 4:.0f} V{y + 4:.0f}"/>'
