"""The figures as pictures: bars for the comparison, lines on logarithmic scales for growth."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    Points = Sequence[tuple[float, float]]

_BAR, _GAP, _WIDTH = 18, 34, 720
_CHARACTER = 7
"""Width of one, about."""


def bars(cases: Mapping[str, Mapping[str, float]], *, ours: Collection[str]) -> str:
    """Horizontal bars as SVG.

    Args:
        cases: By title of a case, seconds by contestant.
        ours: Which contestants are ours.
    """
    parts, y = [], 8
    label = 20 + _CHARACTER * max(len(name) for seconds in cases.values() for name in seconds)
    for title, seconds in cases.items():
        y += 16
        parts.append(f'<text x="0" y="{y}" font-weight="bold">{escape(title)}</text>')
        y += 8
        longest = max(seconds.values())
        for name, value in seconds.items():
            length = value / longest * (_WIDTH - label - 70)
            color = "#00796b" if name in ours else "#b0bec5"
            parts.append(f'<text x="0" y="{y + 13}">{escape(name)}</text>')
            parts.append(
                f'<rect x="{label}" y="{y}" width="{length:.1f}" height="{_BAR - 4}" '
                f'fill="{color}"/>'
            )
            parts.append(f'<text x="{label + length + 6:.1f}" y="{y + 13}">{value:.1f} s</text>')
            y += _BAR
        y += _GAP - _BAR
    return _picture(parts, y)


@dataclass(frozen=True, slots=True)
class Panel:
    """One curve.

    Attributes:
        title: Above it.
        formula: Below the title.
        axis: What is from left to right.
        series: What is measured, by its name, at which sizes; all values above 0.
        fitted: Points of the line that was fitted to the first.
    """

    title: str
    formula: str
    axis: str
    series: Mapping[str, Points]
    fitted: Points


_PANEL, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 360, 290, 44, 48, 12, 44
_COLORS = ("#00796b", "#78909c")


def lines(panels: Sequence[Panel]) -> str:
    """Panels two in a row as SVG, both scales logarithmic."""
    parts = []
    for number, panel in enumerate(panels):
        row, column = divmod(number, 2)
        parts.append(f'<g transform="translate({column * _PANEL} {row * _HEIGHT})">')
        parts.extend(_panel(panel))
        parts.append("</g>")
    return _picture(parts, ceil(len(panels) / 2) * _HEIGHT)


def _panel(panel: Panel) -> Iterator[str]:
    every = [*panel.fitted, *(point for points in panel.series.values() for point in points)]
    across = _Scale([x for x, _ in every], _LEFT, _PANEL - _RIGHT)
    up = _Scale([y for _, y in every], _HEIGHT - _BOTTOM, _TOP)
    yield f'<text x="{_LEFT}" y="16" font-weight="bold" font-size="11">{escape(panel.title)}</text>'
    yield f'<text x="{_LEFT}" y="33" font-size="11" fill="#455a64">{escape(panel.formula)}</text>'
    for value in across.ticks():
        x = across(value)
        yield _rule(x, _TOP, x, _HEIGHT - _BOTTOM)
        yield _tick(x, _HEIGHT - _BOTTOM + 14, "middle", value)
    for value in up.ticks():
        y = up(value)
        yield _rule(_LEFT, y, _PANEL - _RIGHT, y)
        yield _tick(_LEFT - 5, y + 4, "end", value)
    middle = (_LEFT + _PANEL - _RIGHT) / 2
    yield (
        f'<text x="{middle}" y="{_HEIGHT - _BOTTOM + 30}" text-anchor="middle" font-size="11">'
        f"{escape(panel.axis)}</text>"
    )
    for color, (name, points) in zip(_COLORS, panel.series.items(), strict=False):
        is_fitted = color == _COLORS[0]
        path = " ".join(
            f"{across(x):.1f},{up(y):.1f}" for x, y in (panel.fitted if is_fitted else points)
        )
        yield f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>'
        for x, y in points:
            yield f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="3" fill="{color}"/>'
        x, y = points[0]
        yield (
            f'<text x="{across(x):.1f}" y="{up(y) - 8:.1f}" font-size="11" fill="{color}">'
            f"{escape(name)}</text>"
        )


class _Scale:
    """Where a value is, between two ends of a logarithmic scale with some room at both."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        low, high = log10(min(values)), log10(max(values))
        room = max((high - low) * 0.08, 0.05)
        self._low, self._high = low - room, high + room
        self._begin, self._end = begin, end

    def __call__(self, value: float) -> float:
        part = (log10(value) - self._low) / (self._high - self._low)
        return self._begin + part * (self._end - self._begin)

    def ticks(self) -> list[float]:
        """Powers of ten, with 2 and 5 between them where these are few."""
        steps = (1, 2, 5) if self._high - self._low < 2 else (1,)  # noqa: PLR2004  # decades
        decades = range(floor(self._low), ceil(self._high))
        values = [step * 10.0**decade for decade in decades for step in steps]
        return [value for value in values if self._low <= log10(value) <= self._high]


def _rule(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="#e0e0e0"/>'


def _tick(x: float, y: float, anchor: str, value: float) -> str:
    text = next(
        (f"{value / unit:g}{name}" for unit, name in ((1e6, "M"), (1e3, "k")) if value >= unit),
        f"{value:g}",
    )
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="10">{text}</text>'


def _picture(parts: Sequence[str], height: float) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="sans-serif" font-size="13">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )
