"""The HTTP server: finds the vendor's handler, plays faults, keeps the journal.

It sits on aiohttp's low-level server, without its routing and middlewares: benchmarks send tens
of thousands of requests. Handlers run on the event loop, one at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
import traceback
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox import faults
from sandbox.routing import RouteTable
from sandbox.web import Request, Response, as_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from sandbox.journal import Entry, Journal
    from sandbox.routing import Found
    from sandbox.web import Route, Vendor

WRITE_SIZE = 64 * 1024
"""Small chunks of a body are sent together, and others get their turn after so many bytes."""
COMPRESSED_FROM = 1024
PIECES = 20
"""A slow body arrives in so many pieces."""
PATIENCE = 0.01
"""Seconds that requests under way get when the server stops (0 would be for ever)."""
NO_LINGER = struct.pack("ii", 1, 0)
"""``SO_LINGER`` on, with no time: closing the socket resets the connection."""
NO_ROUTES = RouteTable(())
LOGGER = logging.getLogger(__name__)


class Server:
    """All vendors on one port, each below ``/<name>``; the control API below ``/_sandbox``."""

    def __init__(  # noqa: PLR0913  # what is served, and how
        self,
        vendors: Iterable[Vendor],
        control: Iterable[Route],
        *,
        plan: faults.Plan,
        journal: Journal,
        gzip: bool = False,
        remember: bool = False,
    ) -> None:
        """Mount them.

        Args:
            vendors: What there is to serve.
            control: The control API.
            plan: Faults to come.
            journal: Takes every request.
            gzip: Compress bodies over 1 KB for those who accept it.
            remember: Answer equal requests alike, from memory: for benchmarks, where the server
                must not compete with its clients. Tokens are made anew all the same.
        """
        self._mounts = {vendor.name: (vendor, RouteTable(vendor.routes())) for vendor in vendors}
        self._control = RouteTable(control)
        self._plan = plan
        self._journal = journal
        self._gzip = gzip
        self._remember = remember
        self._remembered: dict[tuple[str | bytes, ...], Response] = {}

    @contextlib.asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[int]:
        """Serve while the context lasts; gives the port, a free one for 0.

        Raises:
            OSError: the port is taken.
        """
        server = web.Server(self._handle, handler_cancellation=True, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=PATIENCE)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()

    async def _handle(self, http: web.BaseRequest) -> web.StreamResponse:
        target, _, query = http.raw_path.partition("?")
        prefix, slash, rest = target[1:].partition("/")
        request = Request(
            method=http.method,
            path=slash + rest,
            query_string=query,
            headers={name.lower(): value for name, value in http.headers.items()},
            body=await http.read() if http.can_read_body else b"",
            base_url=f"http://{http.host}/{prefix}",
        )
        if prefix == "_sandbox":
            found = self._control.find(request.method, request.path)
            return await self._whole(http, _answer(found, request))
        return await self._vendors_answer(http, request, prefix)

    async def _vendors_answer(
        self, http: web.BaseRequest, request: Request, prefix: str
    ) -> web.StreamResponse:
        vendor, table = self._mounts.get(prefix, (None, NO_ROUTES))
        found = table.find(request.method, request.path)
        route = found.route
        with self._journal.entry(vendor, route, request) as entry:
            if vendor is None or route is None:
                response = _answer(found, request)
                entry.status = response.status
                return await self._whole(http, response)
            answer = self._remembering if self._remember else _answer
            exchange = faults.Exchange(request, vendor, route, partial(answer, found, request))
            entry.fault = self._plan.play(exchange)
            return await self._play(http, exchange, entry)

    def _remembering(self, found: Found, request: Request) -> Response:
        key = (request.base_url, request.method, request.path, request.query_string, request.body)
        response = self._remembered.get(key)
        if response is None:
            response = _answer(found, request)
            if not isinstance(response.body, bytes):
                response.body = list(_gathered(response.body))
            if found.route and found.route.name != "token" and response.status == HTTPStatus.OK:
                self._remembered[key] = response
        return response

    async def _play(
        self, http: web.BaseRequest, exchange: faults.Exchange, entry: Entry
    ) -> web.StreamResponse:
        if exchange.wait:
            await asyncio.sleep(exchange.wait)
        if exchange.silent:
            return _hung_up(http, reset=exchange.reset)
        response = exchange.answer()
        entry.status = response.status
        if exchange.cut is not None:
            body = faults.read(response)
            stream = await _begun(http, response)
            await stream.write(body[: int(len(body) * exchange.cut)])
            return _hung_up(http, reset=exchange.reset)
        if exchange.spread:
            return await _trickled(http, response, exchange.spread)
        return await self._whole(http, response)

    async def _whole(self, http: web.BaseRequest, response: Response) -> web.StreamResponse:
        if isinstance(response.body, bytes):
            answer = web.Response(
                body=response.body, status=response.status, headers=_headers(response)
            )
            if len(response.body) >= COMPRESSED_FROM:
                self._compress(http, answer)
            return answer
        stream = web.StreamResponse(status=response.status, headers=_headers(response))
        self._compress(http, stream)
        stream.enable_chunked_encoding()
        await stream.prepare(http)
        for piece in _gathered(response.body):
            await stream.write(piece)
            await asyncio.sleep(0)
        return stream

    def _compress(self, http: web.BaseRequest, answer: web.StreamResponse) -> None:
        if self._gzip and "gzip" in http.headers.get("Accept-Encoding", ""):
            answer.enable_compression(web.ContentCoding.gzip)


def _answer(found: Found, request: Request) -> Response:
    if found.route is None:
        if found.allowed:
            allow = {"Allow": ", ".join(found.allowed)}
            return as_json({"message": "Method Not Allowed"}, 405, headers=allow)
        return as_json({"message": "Not Found"}, 404)
    try:
        return found.route.handler(replace(request, params=found.params))
    except Exception:
        LOGGER.exception("%s %s", request.method, request.path)
        return Response(traceback.format_exc().encode(), 500, "text/plain; charset=utf-8")


def _headers(response: Response) -> dict[str, str]:
    return {"Content-Type": response.content_type, **response.headers}


def _gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of at least ``WRITE_SIZE``, but for the last."""
    piece = bytearray()
    for chunk in chunks:
        piece += chunk
        if len(piece) >= WRITE_SIZE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


async def _begun(http: web.BaseRequest, response: Response) -> web.StreamResponse:
    """An answer whose headers are sent; chunked where the vendor's body is."""
    stream = web.StreamResponse(status=response.status, headers=_headers(response))
    if isinstance(response.body, bytes):
        stream.content_length = len(response.body)
    else:
        stream.enable_chunked_encoding()
    await stream.prepare(http)
    return stream


async def _trickled(
    http: web.BaseRequest, response: Response, seconds: float
) -> web.StreamResponse:
    body = faults.read(response)
    stream = await _begun(http, response)
    size = max(1, -(-len(body) // PIECES))
    for start in range(0, len(body), size):
        await stream.write(body[start : start + size])
        await asyncio.sleep(seconds / PIECES)
    return stream


def _hung_up(http: web.BaseRequest, *, reset: bool) -> web.StreamResponse:
    """Close the connection, by a TCP reset or in the regular way; nothing more is sent on it."""
    transport = http.transport
    if transport is not None:
        if reset:
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            transport.abort()
        else:
            transport.close()
    return web.Response()
