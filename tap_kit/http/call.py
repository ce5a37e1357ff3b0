"""One request as data, and one complete answer."""

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
_SEARCHED = 20_000
_LAST_WORD = re.compile(r"[^\s\"'<>,]*$")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)

_decoder = JsonDecoder(exact)


@dataclass(frozen=True, slots=True)
class Call:
    """One request, safe to send again; the client decides when, how often and with which token.

    Attributes:
        method: The HTTP verb.
        url: Absolute, without what ``params`` adds.
        label: What messages and metrics call it, without secrets: ``GET /jobs/v1/``.
        params: Query parameters, encoded by the client.
        json: The body as JSON.
        form: The body as an HTML form.
        headers: Beyond what the client sends anyway.
        authorized: Whether to send the client's ``Authorization``; not for signed links and
            token requests.
        to_vendor: Whether the host is one that the settings name; not for signed links, whose
            host may fail while the vendor works.
        accept: Error statuses whose answers go to ``decode`` instead of being raised.
        explain: From (status, vendor's message) to a hint what to do, which ends the error's
            message.
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
    """A whole, complete answer; looking up a header ignores case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters, "" when there is none."""
        return content_type(self.headers)

    @property
    def charset(self) -> str | None:
        """The charset that ``Content-Type`` names, if it does."""
        return charset(self.headers)

    @property
    def is_no_content(self) -> bool:
        """Whether the vendor says that there is nothing (204): an empty list, no object."""
        return self.status == HTTPStatus.NO_CONTENT

    def text(self) -> str:
        """The body as text, for messages: bytes that don't fit the charset are replaced."""
        try:
            return self.content.decode(self.charset or "utf-8-sig", errors="replace")
        except LookupError:
            return self.content.decode(errors="replace")

    def json(self) -> Any:  # noqa: ANN401  # a JSON body has any shape
        """The body as JSON; numbers that a float can't hold are :class:`~decimal.Decimal`.

        Raises:
            BadBodyError: The body is something else; trying again may help. The message quotes
                nothing of it.
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
    """The media type in lower case without parameters, "" when there is none."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def charset(headers: Mapping[str, str]) -> str | None:
    """The charset that ``Content-Type`` names, if it does."""
    match = _CHARSET.search(headers.get("content-type", ""))
    return match[1] if match else None


def excerpt(text: str) -> str:
    """The beginning of a vendor's text on one line, for a message."""
    line = " ".join(text[:_SEARCHED].split())
    if len(text) <= _SEARCHED and len(line) <= _EXCERPT:
        return line
    # Ends before the word that the cut would go through: half a secret is not recognised as one.
    return _LAST_WORD.sub("", line[:_EXCERPT], count=1) + "..."
