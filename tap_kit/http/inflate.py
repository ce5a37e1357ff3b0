"""Compressed bodies, with their end checked."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INFLATED = frozenset({"gzip", "x-gzip", "deflate"})
_UNREADABLE = frozenset({"br", "zstd", "compress", "x-compress"})
"""Compressions that were not asked for, and that nothing here undoes."""
_GZIP_MAGIC = 0x1F
_DEFLATE_METHOD = 8


def decoded(wire: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The body of a response, from what came over the wire.

    Like ``requests``, this takes every other word in ``Content-Encoding`` for the uploader's: a
    blob carries whatever it was stored with (``utf-8``, ``none``, ``aws-chunked``).

    Args:
        wire: The body as it came.
        encoding: The value of ``Content-Encoding``; several are separated by commas, the last one
            was applied last.

    Raises:
        EOFError: The compressed data have no end, or can't be read at all.
        zlib.error: They are no such data.
    """
    names = [name.strip().lower() for name in encoding.split(",")]
    for name in reversed(names):
        if name in _INFLATED:
            wire = inflated(wire)
        elif name in _UNREADABLE:
            msg = f"content encoding {name}, which was not asked for"
            raise EOFError(msg)
    yield from wire


def inflated(compressed: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress gzip (of one or several members), zlib or raw deflate.

    urllib3 does so too, but takes a stream without its end for a whole one. Bytes after the end
    that begin no further member are ignored, as gzip's own tools do.

    Raises:
        EOFError: The stream has no end.
        zlib.error: It is no such stream.
    """
    inflate = None
    for chunk in compressed:
        rest = chunk
        while rest:
            if inflate is None:
                inflate = zlib.decompressobj(_window(rest[0]))
            elif inflate.eof:
                if rest[0] != _GZIP_MAGIC:
                    _drain(compressed)
                    return
                inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
            yield inflate.decompress(rest)
            rest = inflate.unused_data
    if inflate is not None and not inflate.eof:
        msg = "compressed data without its end"
        raise EOFError(msg)


def _drain(rest: Iterable[bytes]) -> None:
    """Read what is left, so that the response is known to be whole."""
    for _ in rest:
        pass


def _window(first: int) -> int:
    """How zlib is to read a stream that begins with this byte (RFC 1950, 1951, 1952).

    "deflate" means the zlib format, but some servers send it raw; neither a zlib nor a gzip
    header can begin a raw stream.
    """
    wrapped = first == _GZIP_MAGIC or first & 0x0F == _DEFLATE_METHOD
    return zlib.MAX_WBITS | 32 if wrapped else -zlib.MAX_WBITS
