"""What a test may do to the vendors while they serve: faults, clock, variants, drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sandbox.journal import Journal
    from sandbox.web import Vendor
    from sandbox.world import World


class Stage:
    """The vendors and all that can be changed about them; it has no server.

    Args:
        world: Clock, chosen variants and drift, which the vendors share.
        vendors: They serve this world.
        journal: Takes an entry for every request.
    """

    def __init__(self, world: World, vendors: Iterable[Vendor], journal: Journal) -> None:
        self.world = world
        self.vendors = {vendor.name: vendor for vendor in vendors}
        self.journal = journal
        self.plan = faults.Plan()
        for name, choice in world.variants.items():
            self.set_variant(name, choice)

    def vendor(self, name: str) -> Vendor:
        """One of the vendors.

        Raises:
            LookupError: this sandbox has no such vendor.
        """
        try:
            return self.vendors[name]
        except KeyError:
            msg = f"There is no vendor {name!r} here, only {', '.join(self.vendors)}"
            raise LookupError(msg) from None

    def fault(self, kind: str, **options: Any) -> None:  # noqa: ANN401  # each kind has its own
        """Plan a fault: a kind and the fields of its class in :mod:`sandbox.faults`.

        Raises:
            ValueError: there is no such kind or field.
        """
        self.plan.add(faults.fault(kind, **options))

    def clear_faults(self) -> None:
        """Plan no faults any more."""
        self.plan.clear()

    def clear_journal(self) -> None:
        """Forget the requests so far."""
        self.journal.clear()

    def now(self) -> datetime:
        """The sandbox's present."""
        return self.world.clock.now()

    def advance(self, **amount: float) -> None:
        """Move the clock on, by the keywords of :class:`datetime.timedelta`."""
        self.world.clock.advance(**amount)

    def set_variant(self, name: str, choice: str) -> None:
        """Choose a behaviour, such as ``"flow.dates", "slash"``.

        Raises:
            LookupError: this sandbox has no such vendor.
            ValueError: the vendor has no such variant, or the variant no such choice.
        """
        prefix, _, variant = name.partition(".")
        variants = self.vendor(prefix).variants
        if choice not in variants.get(variant, ()):
            known = "; ".join(f"{prefix}.{key}={'|'.join(variants[key])}" for key in variants)
            msg = f"There is no variant {name}={choice}; known: {known or 'none'}"
            raise ValueError(msg)
        self.world.variants[name] = choice

    def drift(self, stream: str, fields: Mapping[str, Any]) -> None:
        """Add or change fields of every record of a stream, such as ``"flow.users"``."""
        self.world.drift[stream] = {**self.world.drift.get(stream, {}), **fields}

    def clear_drift(self) -> None:
        """Serve records as they were made."""
        self.world.drift.clear()

    def revoke_tokens(self, vendor: str) -> None:
        """Make all tokens of a vendor invalid."""
        self.vendor(vendor).revoke_tokens()
