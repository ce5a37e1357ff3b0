"""Singer messages on stdout: one buffer for all, flushed at STATE, when it is full, or old."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib import Message
from singer_sdk.singerlib.encoding.base import GenericSingerWriter

from tap_kit.engine.stdout import write_whole
from tap_kit.text.json import ENCODER

if TYPE_CHECKING:
    from collections.abc import Mapping


_LINE_BREAKS = tuple(
    (character.encode(), f"\\u{ord(character):04x}".encode())
    for character in ("\u0085", "\u2028", "\u2029")
)
"""Characters that some targets take for the end of a line; JSON need not escape them."""

_BREAKING = ((b"\xe2", (b"\x80\xa8", b"\x80\xa9")), (b"\xc2", (b"\x85",)))
"""The same characters in UTF-8: their first byte, which is rare in all languages, and the rest."""

_FLUSH_BYTES = 1 << 18
"""The buffer is sent once it holds so many bytes, a few times what a pipe takes at once."""
_FLUSH_SECONDS = 1.0
"""A record waits no longer than so many seconds."""


class MessageWriter(GenericSingerWriter[bytes, Message]):
    """Writes whole lines, in their order.

    A STATE line never leaves before the records that it covers, because both pass one buffer.
    """

    def __init__(self) -> None:
        super().__init__()
        self._buffer = bytearray()
        self._flushed_at = time.monotonic()
        self._cut_off = False

    def serialize_message(self, message: Message) -> bytes:
        """Encode a message as a line of JSON."""
        return as_lines(ENCODER.encode(message.to_dict()) + b"\n")

    def write_message(self, message: Message) -> None:
        """Write a message of the SDK's, and send it at once."""
        self._buffer += self.serialize_message(message)
        self.flush()

    def write_state(self, value: Mapping[str, Any]) -> None:
        """Write a STATE line, and send all that is buffered."""
        self._buffer += as_lines(ENCODER.encode({"type": "STATE", "value": value}) + b"\n")
        self.flush()

    def write_batch(self, stream: str, encoding: object, manifest: list[str]) -> None:
        """Write a BATCH line for files that are complete."""
        line = {"type": "BATCH", "stream": stream, "encoding": encoding, "manifest": manifest}
        self._buffer += as_lines(ENCODER.encode(line) + b"\n")

    def write_lines(self, lines: bytes) -> None:
        """Write lines that :func:`as_lines` has made; they leave when the buffer is full or old."""
        self._buffer += lines
        if (
            len(self._buffer) >= _FLUSH_BYTES
            or time.monotonic() - self._flushed_at >= _FLUSH_SECONDS
        ):
            self.flush()

    def flush(self) -> None:
        """Send what is buffered.

        After a block that was sent in part, nothing more is written: neither other lines nor a
        STATE may follow half a line.

        Raises:
            OutputError: It can't be written, or nothing reads it any more.
        """
        self._flushed_at = time.monotonic()
        if not self._buffer or self._cut_off:
            return
        self._cut_off = True
        lines, self._buffer = self._buffer, bytearray()
        out = getattr(sys.stdout, "buffer", None)
        if out is None:  # a text stream in its place, as in the SDK's test runner
            sys.stdout.write(lines.decode())
        else:
            with memoryview(lines) as block:
                write_whole(out, block)
        self._cut_off = False


def as_lines(encoded: bytes) -> bytes:
    """Escape the characters in encoded messages that some targets take for the end of a line."""
    if any(_holds(encoded, first, rest) for first, rest in _BREAKING):
        for raw, escaped in _LINE_BREAKS:
            encoded = encoded.replace(raw, escaped)
    return encoded


def _holds(lines: bytes, first: bytes, rest: tuple[bytes, ...]) -> bool:
    """Search for single bytes, which is three times as fast as a pattern."""
    at = lines.find(first)
    while at >= 0 and not lines.startswith(rest, at + 1):
        at = lines.find(first, at + 1)
    return at >= 0
