"""Signed links into blob storage: good for 65 minutes, other ones at every read.

docs: taps/flow/facts#download-links
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import quote

from sandbox.web import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.web import Request
    from sandbox.world import World

WINDOW = timedelta(minutes=65)
"""From ``st`` to ``se``."""
BACK_DATED = timedelta(minutes=5)

_REFUSAL = (
    '<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code>'
    "<Message>Server failed to authenticate the request.</Message></Error>"
)


class Links:
    """Signs links and checks them, without a memory of those given out."""

    def __init__(self, world: World) -> None:
        """Make the storage account's key."""
        self._clock = world.clock
        self._key = world.random("flow.links").randbytes(32)
        self._reads = 0

    def signer(self, base_url: str) -> Callable[[str], str]:
        """What turns the blob paths of one answer into links."""
        # A second more or less each time, so that no two reads give the same link.
        self._reads += 1
        start = self._clock.now() - BACK_DATED - timedelta(seconds=self._reads % 60)
        st, se = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (start, start + WINDOW))
        times = f"&st={quote(st)}&se={quote(se)}&sp=r"
        key = self._key

        def link(path: str) -> str:
            signature = _signature(key, path, st, se)
            escaped = signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
            return f"{base_url}/blob/{path}?sv=2019-02-02&sr=b&sig={escaped}{times}"

        return link

    def refusal(self, request: Request) -> Response | None:
        """The storage's answer to a link that it doesn't accept."""
        if "authorization" in request.headers:
            # Azure judges the header and not the link; a bearer has no business there at all.
            return _refuse("InvalidAuthenticationInfo", 401)
        query = request.query
        st, se = query.get("st", ""), query.get("se", "")
        path = "/".join(request.params[name] for name in ("container", "team", "name"))
        expected = _signature(self._key, path, st, se)
        if not hmac.compare_digest(expected, query.get("sig", "")):
            return _refuse("AuthenticationFailed", 403)
        expiry = datetime.strptime(se, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
        return None if self._clock.now() < expiry else _refuse("AuthenticationFailed", 403)


def _signature(key: bytes, path: str, st: str, se: str) -> str:
    return b64encode(hmac.digest(key, f"{path}\n{st}\n{se}".encode(), "sha256")).decode()


def _refuse(code: str, status: int) -> Response:
    return Response(_REFUSAL.format(code=code).encode(), status, "application/xml")
