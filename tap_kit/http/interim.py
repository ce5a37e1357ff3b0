"""Passes over interim responses (1xx): the final one follows on the same connection."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool

_MOST = 100
"""So many interim responses are passed over before one is taken for the last word."""


class FinalResponse(HTTPResponse):
    """A response that is final; the standard library passes over 100 only (RFC 9110, 15.2).

    101 is final: the connection then speaks another protocol, which nobody has asked for.
    """

    def begin(self) -> None:
        """Read up to the end of the final response's headers."""
        super().begin()
        for _ in range(_MOST):
            if self.status >= HTTPStatus.OK or self.status == HTTPStatus.SWITCHING_PROTOCOLS:
                return
            self.headers = self.msg = None  # type: ignore[assignment]  # as before the first one
            super().begin()


class FinalAdapter(HTTPAdapter):
    """An adapter of ``requests`` whose connections give final responses only."""

    def get_connection_with_tls_context(self, *request: Any, **route: Any) -> ConnectionPool:  # noqa: ANN401  # as declared there
        """Return the pool of connections for a request."""
        pool = super().get_connection_with_tls_context(*request, **route)
        if isinstance(pool, HTTPConnectionPool):
            pool.ConnectionCls = _final(pool.ConnectionCls)
        return pool


@cache
def _final(connection: type[Any]) -> type[Any]:
    """The same class of connections, but for the class of its responses."""
    if getattr(connection, "response_class", None) is FinalResponse:
        return connection
    return type(connection.__name__, (connection,), {"response_class": FinalResponse})
