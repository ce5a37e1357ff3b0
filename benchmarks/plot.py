"""The comparison as a picture: CPU for 100 000 records, each case on a scale of its own."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_BAR, _GAP, _LABEL, _WIDTH = 18, 34, 150, 720


def bars(cases: Mapping[str, Mapping[str, float]]) -> str:
    """Horizontal bars as SVG.

    Args:
        cases: By title of a case, CPU seconds by contestant.
    """
    parts, y = [], 8
    for title, seconds in cases.items():
        y += 16
        parts.append(f'<text x="0" y="{y}" font-weight="bold">{escape(title)}</text>')
        y += 8
        longest = max(seconds.values())
        for name, value in seconds.items():
            length = value / longest * (_WIDTH - _LABEL - 70)
            color = "#00796b" if name == "ours" else "#b0bec5"
            parts.append(f'<text x="0" y="{y + 13}">{escape(name)}</text>')
            parts.append(
                f'<rect x="{_LABEL}" y="{y}" width="{length:.1f}" height="{_BAR - 4}" '
                f'fill="{color}"/>'
            )
            parts.append(f'<text x="{_LABEL + length + 6:.1f}" y="{y + 13}">{value:.1f} s</text>')
            y += _BAR
        y += _GAP - _BAR
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" '
        f'font-family="sans-serif" font-size="13">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )
