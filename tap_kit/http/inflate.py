"""Decompression of bodies, with a check that they are complete."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INFLATED = frozenset({"gzip", "x-gzip", "deflate"})
_UNREADABLE = frozenset({"br", "zstd", "compress", "x-compress"})
"""Compressions that no request asks for, and that can't be undone here."""
_GZIP_MAGIC = 0x1F
_DEFLATE_METHOD = 8


def decoded(wire: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Decompress the body of a response.

    Other words in ``Content-Encoding`` are ignored, as ``requests`` does: a blob has the header
    with which somebody uploaded it (``utf-8``, ``none``, ``aws-chunked``).

    Args:
        wire: The body's bytes as they came.
        encoding: The value of ``Content-Encoding``: names separated by commas, in the order in
            which they were applied.

    Raises:
        EOFError: The compressed data are not complete, or of a kind that can't be read here.
        zlib.error: They are corrupt.
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
    """Decompress gzip (one or more members), zlib or raw deflate.

    urllib3 does so too, but accepts a stream that was cut off. Bytes after the last member are
    ignored, as gzip's own tools do.

    Raises:
        EOFError: The stream was cut off.
        zlib.error: It is corrupt.
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
    """Read the rest: only its end shows that the response is complete."""
    for _ in rest:
        pass


def _window(first: int) -> int:
    """How zlib is to read a stream that begins with this byte (RFC 1950, 1951, 1952).

    "deflate" means the zlib format, but some servers send it raw; neither a zlib nor a gzip
    header can begin a raw stream.
    """
    wrapped = first == _GZIP_MAGIC or first & 0x0F == _DEFLATE_METHOD
    return zlib.MAX_WBITS | 32 if wrapped else -zlib.MAX_WBITS
