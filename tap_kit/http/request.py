"""A request as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Request:
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
