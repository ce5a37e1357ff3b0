"""Lines of the input, many at a time, and nothing where none comes for a while."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 1 << 20


def blocks(source: int, seconds: float) -> Iterator[bytes]:
    """Blocks of whole lines; an empty block when nothing has come for so many seconds.

    Args:
        source: A file descriptor.
        seconds: How long to wait at most.
    """
    parts: list[bytes] = []
    waits = os.name == "posix"
    while True:
        if waits and not select.select([source], [], [], seconds)[0]:
            yield b""
            continue
        read = os.read(source, _BLOCK)
        if not read:
            break
        lines, end, rest = read.rpartition(b"\n")
        if end:
            yield b"".join((*parts, lines, end))
            parts = [rest]
        else:
            parts.append(rest)
    if last := b"".join(parts):
        yield last
