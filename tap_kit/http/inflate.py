"""Compressed bodies, with their end checked."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENCODINGS = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_MAGIC = 0x1F
_DEFLATE_METHOD = 8


def inflated(compressed: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress gzip (of one or several members), zlib or raw deflate.

    urllib3 does so too, but takes a stream without its end for a whole one.

    Raises:
        EOFError: The stream has no end.
        zlib.error: It is no such stream.
    """
    inflate = None
    for chunk in compressed:
        rest = chunk
        while rest:
            if inflate is None or inflate.eof:
                inflate = zlib.decompressobj(_window(rest[0]))
            yield inflate.decompress(rest)
            rest = inflate.unused_data
    if inflate is not None and not inflate.eof:
        msg = "compressed data without its end"
        raise EOFError(msg)


def _window(first: int) -> int:
    """How zlib is to read a stream that begins with this byte (RFC 1950, 1951, 1952).

    "deflate" means the zlib format, but some servers send it raw; neither a zlib nor a gzip
    header can begin a raw stream.
    """
    wrapped = first == _GZIP_MAGIC or first & 0x0F == _DEFLATE_METHOD
    return zlib.MAX_WBITS | 32 if wrapped else -zlib.MAX_WBITS
