"""A request as data, and a complete response."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_kit.errors import BadBodyError
from tap_kit.text.content import JsonDecoder
from tap_kit.text.json import exact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_EXCERPT = 500
"""Characters of a vendor's text that a message quotes at most."""
_SEARCHED = 20_000
"""Characters of it that are looked at, since it may be a whole web page."""
_LAST_WORD = re.compile(r"[^\s\"'<>,]*$")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)

_decoder = JsonDecoder(exact)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be sent more than once; the client adds the token.

    Attributes:
        method: The HTTP verb.
        url: Absolute, without ``params``.
        label: The request's name in messages and metrics, without secrets: ``GET /jobs/v1/``.
        params: Query parameters, not encoded yet.
        json: The body, to be sent as JSON.
        form: The body, to be sent as an HTML form.
        headers: Besides those that the client always sends.
        authorized: Whether to send the client's ``Authorization``: False for signed links and
            token requests.
        to_vendor: Whether the host is one that the settings name: False for signed links, whose
            host may fail while the vendor works.
        accept: Error statuses whose responses are decoded instead of raised.
        explain: Takes a status and the vendor's message, and returns what the user should do; it
            ends the error's message.
    """

    method: str
    url: str
    label: str
    params: Mapping[str, str | int] | None = None
    json: object | None = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    authorized: bool = True
    to_vendor: bool = True
    accept: frozenset[int] = frozenset()
    explain: Callable[[int, str], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Body:
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
