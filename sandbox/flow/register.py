"""Small entities that change over time: users, groups, templates and the like."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.flow.formats import milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.world import World

Body = dict[str, Any]


@dataclass(frozen=True)
class Version:
    """An entity as it is from ``visible`` (ms) until its next version."""

    visible: int
    key: str
    body: Body


class Register:
    """All entities of one stream in all their versions."""

    def __init__(self, world: World, stream: str, versions: Iterable[Version]) -> None:
        """Take the versions in any order; entities are served in the order of their first one."""
        self._world = world
        self._stream = f"flow.{stream}"
        self._versions = sorted(versions, key=lambda version: version.visible)
        self._count = 0
        self._bodies: dict[str, Body] = {}

    def current(self) -> dict[str, Body]:
        """What is served now, by key."""
        now = milliseconds(self._world.clock.now())
        count = bisect_right(self._versions, now, key=lambda version: version.visible)
        if count != self._count:
            self._bodies = {version.key: version.body for version in self._versions[:count]}
            self._count = count
        return {key: self._world.drifted(self._stream, body) for key, body in self._bodies.items()}
