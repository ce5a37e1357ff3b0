"""The picture of README and home page: vendors, taps, target and state, as an SVG file.

It brings its own background and colours, since it stands on pages that are light or dark.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from docs.columns import name_of
from docs.hub import LISTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_kit.tap import KitTap

_WIDTH = 960
_TOP = 58
_ROW = 62
_GAP = 12
_VENDOR = (24, 170)
_TAP = (256, 420)
_TARGET = (738, 198)
"""Left edge and width of each column."""

_STREAMS_SHOWN = 3
_STYLE = """
text { font: 14px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #1f2328 }
.head { font-size: 13px; fill: #59636e }
.name, .streams { font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
.name { font-weight: 700; fill: #00695c }
.streams { font-size: 12px; fill: #59636e }
.box { fill: #f6f8fa; stroke: #d1d9e0 }
.tap { fill: #e0f2f1; stroke: #4db6ac }
.way { fill: none; stroke: #59636e; stroke-width: 1.5; marker-end: url(#tip) }
.back { stroke-dasharray: 5 4 }
"""  # noqa: E501  # one rule a line


def picture(taps: Sequence[type[KitTap]]) -> str:
    """The whole file."""
    bottom = _TOP + len(taps) * (_ROW + _GAP) - _GAP
    height = bottom + 66
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
            f'width="{_WIDTH}" height="{height}" role="img">'
        ),
        (
            "<title>A tap reads a vendor and writes to a target; a state says where the next run "
            "continues</title>"
        ),
        f"<style>{_STYLE}</style>",
        (
            '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            'orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#59636e"/></marker>'
        ),
        (
            f'<rect x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="10" '
            'fill="#ffffff" stroke="#d1d9e0"/>'
        ),
        *_headings(),
    ]
    for number, tap in enumerate(taps):
        lines += _row(tap, _TOP + number * (_ROW + _GAP))
    lines += [*_target(bottom), *_state(bottom), "</svg>"]
    return "\n".join(lines) + "\n"


def _headings() -> Iterator[str]:
    heads = ((_VENDOR, "vendor"), (_TAP, "tap and its streams"), (_TARGET, "target"))
    for (left, width), text in heads:
        yield _text(left + width / 2, _TOP - 20, text, "head", anchor="middle")


def _row(tap: type[KitTap], top: int) -> Iterator[str]:
    middle = top + _ROW / 2
    left, width = _VENDOR
    yield _rect(left, top, width, _ROW, "box")
    yield _text(left + width / 2, middle + 5, LISTINGS[tap.name].label, "", anchor="middle")
    yield _way(left + width, _TAP[0], middle)
    left, width = _TAP
    yield _rect(left, top, width, _ROW, "tap")
    yield _text(left + 16, top + 26, tap.name, "name")
    yield _text(left + 16, top + 47, _streams(tap), "streams")
    yield _way(left + width, _TARGET[0], middle)


def _streams(tap: type[KitTap]) -> str:
    names = [name_of(stream) for stream in tap.stream_types]
    if not names:
        return "one stream for each report"
    more = len(names) - _STREAMS_SHOWN
    return ", ".join(names[:_STREAMS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _target(bottom: int) -> Iterator[str]:
    left, width = _TARGET
    yield _rect(left, _TOP, width, bottom - _TOP, "box")
    middle = (_TOP + bottom) / 2
    for number, text in enumerate(("PostgreSQL, DuckDB,", "or any other", "Singer target")):
        yield _text(left + width / 2, middle - 16 + number * 22, text, "", anchor="middle")


def _state(bottom: int) -> Iterator[str]:
    """The way back: the target passes the state on once the rows before it are stored."""
    level = bottom + 34
    right, left = _TARGET[0] + _TARGET[1] / 2, _TAP[0] + 40
    yield f'<path class="way back" d="M{right} {bottom} V{level} H{left} V{bottom + 3}"/>'
    note = "state: the next run continues after the last row that was stored"
    yield _text((left + right) / 2, level + 19, note, "head", anchor="middle")


def _rect(left: float, top: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{left}" y="{top}" width="{width}" height="{height}" rx="6"/>'


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    named = f'class="{kind}" ' if kind else ""
    return f'<text {named}x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'


def _way(left: float, right: float, level: float) -> str:
    return f'<path class="way" d="M{left + 4:g} {level:g} H{right - 4:g}"/>'
