"""The page of results: what was measured stands between marks, the rest is written by hand."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

PAGE = Path(__file__).parent.parent / "docs" / "pages" / "benchmark.md"
ASSETS = PAGE.parent / "assets"


def renew(parts: Mapping[str, Iterable[str]], page: Path = PAGE) -> None:
    """Put lines between ``measured: NAME`` and ``end of NAME``.

    Raises:
        LookupError: The page has no such marks.
    """
    text = page.read_text(encoding="utf-8")
    for name, lines in parts.items():
        head, tail = f"<!-- measured: {name} -->\n", f"<!-- end of {name} -->"
        body = "\n".join(lines).strip("\n")
        before, mark, rest = text.partition(head)
        _, end, after = rest.partition(tail)
        if not (mark and end):
            msg = f"{page}: no marks for {name}"
            raise LookupError(msg)
        text = f"{before}{head}\n{body}\n\n{tail}{after}"
    page.write_text(text, encoding="utf-8")


def spread(values: Iterable[float]) -> str:
    """The median, and the range in brackets."""
    ordered = sorted(values)
    middle = f"{median(ordered):.2f}"
    return middle if len(ordered) == 1 else f"{middle} ({ordered[0]:.2f}-{ordered[-1]:.2f})"


def grouped(number: int) -> str:
    """A number with blanks between thousands."""
    return f"{number:,}".replace(",", " ")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of figures, with an empty line behind it."""
    yield "| " + " | ".join(header) + " |"
    yield "|---|" + "---:|" * (len(header) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""
