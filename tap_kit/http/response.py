"""A response: complete, or with its body still on the wire."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import urllib3

from tap_kit.errors import BadBodyError, TransientError
from tap_kit.http.inflate import decoded
from tap_kit.http.retry import network_reason
from tap_kit.text.content import JsonDecoder
from tap_kit.text.json import exact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests

_CHUNK = 256 * 1024
"""Bytes that are read from a connection at once, at most."""
_FRAMING = ("content-length", "transfer-encoding")
_KEEPS_CONNECTIONS = 11
"""HTTP/1.1, as urllib3 writes it."""
_EXCERPT = 500
"""Characters of a vendor's text that a message quotes at most."""
_SEARCHED = 20_000
"""Characters of it that are looked at, since it may be a whole web page."""
_LAST_WORD = re.compile(r"[^\s\"'<>,]*$")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)

_decoder = JsonDecoder(exact)


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response; looking up a header ignores case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; "" if there is none."""
        return content_type(self.headers)

    @property
    def charset(self) -> str | None:
        """The charset in ``Content-Type``; None if it names none."""
        return charset(self.headers)

    @property
    def is_no_content(self) -> bool:
        """Whether the status is 204: where a list is expected, it is empty."""
        return self.status == HTTPStatus.NO_CONTENT

    def text(self) -> str:
        """Return the body as text for a message; bytes that don't fit the charset are replaced."""
        try:
            return self.content.decode(self.charset or "utf-8-sig", errors="replace")
        except LookupError:
            return self.content.decode(errors="replace")

    def json(self) -> Any:  # noqa: ANN401  # a JSON body has any shape
        """Decode the body; numbers that a float can't hold become :class:`~decimal.Decimal`.

        Raises:
            BadBodyError: The body is not JSON. The message quotes nothing of it.
        """
        try:
            return _decoder.decode(self.content, self.charset)
        except ValueError as error:
            msg = (
                f"expected JSON, got {len(self.content)} bytes of "
                f"{self.content_type or 'no content type'} ({error})"
            )
            raise BadBodyError(msg, status=self.status) from None


class StreamedResponse:
    """A response whose body is still on the wire.

    Attributes:
        status: HTTP status.
        headers: Looking one up ignores case.
    """

    def __init__(self, response: requests.Response, label: str, timeout: float) -> None:
        """Take over a response whose body is not read yet.

        Args:
            response: As ``requests`` gives it.
            label: The request's name in messages.
            timeout: Seconds without a byte that end the reading, for messages.
        """
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._label = label
        self._timeout = timeout

    def chunks(self) -> Iterator[bytes]:
        """Yield the decoded body; it is complete when the iterator ends.

        Raises:
            TransientError: The body was cut off or does not decode.
        """
        try:
            wire = self._response.raw.stream(_CHUNK, decode_content=False)
            began = False
            for chunk in decoded(wire, self.headers.get("content-encoding", "")):
                began = True
                yield chunk
        except (urllib3.exceptions.HTTPError, OSError, EOFError, zlib.error) as error:
            reason = network_reason(error, timeout=self._timeout)
            msg = f"{self._label}: the response broke off ({reason})"
            raise TransientError(msg, status=self.status) from error
        if not began and self._has_no_end():
            msg = f"{self._label}: the response broke off (within its headers)"
            raise TransientError(msg, status=self.status)

    def _has_no_end(self) -> bool:
        """Whether the headers were cut off: they don't say how long the body is.

        Such a body can only end with the connection, which these headers want to keep open. The
        standard library accepts headers that were cut off.
        """
        keeps = self._response.raw.version >= _KEEPS_CONNECTIONS
        closes = "close" in self.headers.get("connection", "").lower()
        framed = any(name in self.headers for name in _FRAMING)
        return self.status == HTTPStatus.OK and keeps and not closes and not framed

    def read(self) -> Response:
        """Read the response to its end."""
        return Response(self.status, self.headers, b"".join(self.chunks()))


def content_type(headers: Mapping[str, str]) -> str:
    """Return the media type in lower case, without parameters; "" if there is none."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def charset(headers: Mapping[str, str]) -> str | None:
    """Return the charset in ``Content-Type``; None if it names none."""
    match = _CHARSET.search(headers.get("content-type", ""))
    return match[1] if match else None


def excerpt(text: str) -> str:
    """Return the beginning of a vendor's text, in one line, for a message."""
    line = " ".join(text[:_SEARCHED].split())
    if len(text) <= _SEARCHED and len(line) <= _EXCERPT:
        return line
    # Ends with a whole word: half a secret would not be recognised, and stay in the message.
    return _LAST_WORD.sub("", line[:_EXCERPT], count=1) + "..."
