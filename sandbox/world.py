"""What all vendors of one sandbox share: clock, seed, scale, chosen variants, schema drift."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class HasVariants(Protocol):
    """What a world takes of a vendor: its name, and the possible behaviours of each variant."""

    name: str
    variants: Mapping[str, tuple[str, ...]]


@dataclass
class Clock:
    """The sandbox's own time: real time, moved by an offset, or standing still."""

    offset: timedelta = timedelta(0)
    frozen_at: datetime | None = None

    def now(self) -> datetime:
        """The present moment of the sandbox, in UTC."""
        return (self.frozen_at or datetime.now(timezone.utc)) + self.offset

    def advance(self, **amount: float) -> None:
        """Move on, by the keywords of :class:`datetime.timedelta`."""
        self.offset += timedelta(**amount)


@dataclass
class World:
    """One sandbox. A vendor knows an entity from its ``visible`` time on (upload, not event)."""

    clock: Clock = field(default_factory=Clock)
    seed: int = 1
    scale: float = 1.0
    """1.0 is a small company: a few hundred root entities a vendor; 100 is a large one."""
    epoch: datetime = field(default_factory=lambda: Clock().now())
    """The present when the sandbox was made: generated history ends here, and goes on after it
    as the clock moves."""
    variants: dict[str, str] = field(default_factory=dict)
    """Chosen behaviours, ``"flow.dates" -> "slash_only"``; the others are each vendor's first."""
    drift: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Fields that a vendor added or changed since: ``"flow.users" -> {"nickname": "Bo"}``; merged
    over the top level of every record of that stream as it is served (and in ``truth``)."""

    def random(self, name: str) -> random.Random:
        """A generator of its own for ``name``, the same for the same seed."""
        return random.Random(f"{self.seed}:{name}")

    def variant(self, vendor: HasVariants, name: str) -> str:
        """The behaviour in force for one of the vendor's unsure facts."""
        choices = vendor.variants[name]
        chosen = self.variants.get(f"{vendor.name}.{name}", choices[0])
        if chosen not in choices:
            msg = f"{vendor.name}.{name} is one of {', '.join(choices)}, not {chosen}"
            raise ValueError(msg)
        return chosen

    def drifted(self, stream: str, record: dict[str, Any]) -> dict[str, Any]:
        """The record as served, with the stream's drift merged over it."""
        changes = self.drift.get(stream)
        return {**record, **changes} if changes else record
