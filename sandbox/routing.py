"""Finds the route of a request: one look-up for exact paths, patterns for the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.web import Route


class Found(NamedTuple):
    """What a verb and a path lead to."""

    route: Route | None
    params: dict[str, str]
    """What the placeholders matched, percent-decoded."""
    allowed: tuple[str, ...] = ()
    """Without a route: the verbs that the path has, none for an unknown path."""


class RouteTable:
    """The routes of one vendor, compiled."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Compile.

        Raises:
            ValueError: a route can't be reached, since an earlier one takes all its requests.
        """
        self._exact: dict[str, dict[str, Route]] = {}
        self._patterns: list[tuple[re.Pattern[str], Route]] = []
        for route in routes:
            if (earlier := self.find(route.method, route.pattern).route) is not None:
                msg = f"Route {route.name} can't be reached: {earlier.name} comes before it"
                raise ValueError(msg)
            if "{" in route.pattern:
                self._patterns.append((_compiled(route.pattern), route))
            else:
                self._exact.setdefault(route.pattern, {})[route.method] = route

    def find(self, method: str, path: str) -> Found:
        """The route of a verb and a path as it was sent (percent-encoded)."""
        verbs = self._exact.get(path, {})
        if method in verbs:
            return Found(verbs[method], {})
        allowed = [*verbs]
        for pattern, route in self._patterns:
            if match := pattern.fullmatch(path):
                if route.method == method:
                    params = {name: unquote(text) for name, text in match.groupdict().items()}
                    return Found(route, params)
                allowed.append(route.method)
        return Found(None, {}, tuple(allowed))


def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", pattern)
    return re.compile(
        "".join(
            f"(?P<{part}>[^/]+)" if position % 2 else re.escape(part)
            for position, part in enumerate(parts)
        )
    )
