"""The small vocabulary between the sandbox's HTTP server and its vendors.

A vendor is a table of :class:`Route`; a handler takes a :class:`Request` and returns a
:class:`Response`. Handlers are plain synchronous functions that hold no lock: the server calls
them one at a time. Faults, latency, the journal and the control API are the server's affair.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sandbox.world import World


@dataclass(frozen=True)
class Request:
    """One request, with the path below the vendor's prefix."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    """Header names in lower case."""
    body: bytes
    params: Mapping[str, str] = field(default_factory=dict)
    """What the ``{placeholders}`` of the route's pattern matched, percent-decoded."""
    base_url: str = ""
    """Scheme, host, port and the vendor's prefix, without a slash at the end: for links."""

    @property
    def query(self) -> dict[str, str]:
        """The query parameters, the first value of each."""
        return {
            name: values[0]
            for name, values in parse_qs(self.query_string, keep_blank_values=True).items()
        }

    def json(self) -> Any:  # noqa: ANN401  # a JSON body has any shape
        """The body as JSON; :class:`ValueError` when it is not."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The body as an HTML form, the first value of each field."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass
class Response:
    """One answer; a body of several chunks is sent chunked, so it may be of any size."""

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def as_json(
    value: object, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with a JSON body; dates become RFC 3339 in UTC with a ``Z``."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_encode)
    return Response(body.encode(), status, headers=dict(headers or {}))


def _encode(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    msg = f"{type(value).__name__} has no JSON form"
    raise TypeError(msg)


@dataclass(frozen=True)
class Route:
    """A verb and a path pattern such as ``/jobs/v1/snapshots/{client_job_id}``.

    Slashes are exact: ``/x`` and ``/x/`` are two paths. A placeholder matches one segment.
    Routes are tried in their order.
    """

    name: str
    """Names the route for faults and in the journal, such as ``jobs`` or ``token``."""
    method: str
    pattern: str
    handler: Callable[[Request], Response]
    writes: bool = False
    """True for a verb that would change data at the vendor: calling it is a fault of the tap,
    written into the journal as ``write``."""


class Vendor(Protocol):
    """One vendor's API: ``sandbox.<name>.VENDOR`` is a callable that makes it from a world."""

    name: str
    """The URL prefix, such as ``flow``."""

    variants: Mapping[str, tuple[str, ...]]
    """What the vendor's documents leave open: name -> possible behaviours, the likeliest first.
    The one in force is ``world.variant(self, name)``."""

    def __init__(self, world: World) -> None:
        """Make the vendor and its data."""
        ...

    def routes(self) -> Sequence[Route]:
        """Every endpoint that is documented, read and write."""
        ...

    def settings(self, base_url: str) -> dict[str, Any]:
        """The tap's settings for this sandbox; ``base_url`` as in :class:`Request`."""
        ...

    def truth(self, stream: str) -> Iterable[dict[str, Any]]:
        """What a complete run must bring at this moment, by stream.

        The vendor's fields under the names of records, without what only the tap knows
        (``row_id``, ``extra_columns``); each row once.
        """
        ...

    def revoke_tokens(self) -> None:
        """Make every token that was given out invalid (a fault on demand)."""
        ...
