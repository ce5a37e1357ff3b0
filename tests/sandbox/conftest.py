"""A vendor with little more than routes, to show what the sandbox's server does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.web import Request, Response, Route, as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sandbox.web import Vendor
    from sandbox.world import World

ROWS = 20_000


class Tiny:
    name = "tiny"
    variants: Mapping[str, tuple[str, ...]] = {"greeting": ("hello", "moi")}

    def __init__(self, world: World) -> None:
        self._world = world
        self._tokens = {"secret"}

    def routes(self) -> list[Route]:
        return [
            Route("items", "GET", "/items", self._items),
            Route("items_slash", "GET", "/items/", self._items),
            Route("add_item", "POST", "/items", self._add, writes=True),
            Route("part", "GET", "/items/{id}/parts/{part}.csv", self._part),
            Route("rows", "GET", "/rows", self._rows),
            Route("endless", "GET", "/endless", self._endless),
            Route("graph", "POST", "/graph", self._graph),
            Route("guarded", "GET", "/guarded", self._guarded),
            Route("broken", "GET", "/broken", self._broken),
            Route("echo", "PUT", "/echo", self._echo),
        ]

    def settings(self, base_url: str) -> dict[str, Any]:
        return {"api_url": base_url}

    def truth(self, stream: str) -> Iterable[dict[str, Any]]:
        if stream != "items":
            raise KeyError(stream)
        yield self._world.drifted("tiny.items", {"id": 1, "name": "Åsa"})

    def revoke_tokens(self) -> None:
        self._tokens.clear()

    def _items(self, _: Request) -> Response:
        greeting = self._world.variant(self, "greeting")
        items = list(self.truth("items"))
        return as_json({"greeting": greeting, "items": items, "padding": "x" * 2000})

    def _add(self, _: Request) -> Response:
        return as_json({}, 405)

    def _part(self, request: Request) -> Response:
        return as_json(dict(request.params))

    def _rows(self, _: Request) -> Response:
        lines = (b"%d,quite a long row of a csv file\n" % number for number in range(ROWS))
        return Response(lines, content_type="text/csv")

    def _endless(self, _: Request) -> Response:
        def chunks() -> Iterator[bytes]:
            while True:
                yield bytes(100_000)

        return Response(chunks(), content_type="text/csv")

    def _graph(self, _: Request) -> Response:
        return as_json({"data": {"things": [1, 2]}})

    def _guarded(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return as_json({}, 200 if token in self._tokens else 401)

    def _broken(self, _: Request) -> Response:
        msg = "a mistake of the sandbox"
        raise RuntimeError(msg)

    def _echo(self, request: Request) -> Response:
        seen = {"query": request.query, "json": request.json(), "base_url": request.base_url}
        return as_json({**seen, "x-name": request.headers["x-name"]})


@pytest.fixture
def tiny_vendor() -> Callable[[World], Vendor]:
    return Tiny
