"""What the streams of XOi's GraphQL lists have in common."""

from __future__ import annotations

from typing import ClassVar

from tap_kit.streams.stream import RecordStream
from tap_xoi.queries import Fields

PERSONAL = "Personal data."


class XoiStream(RecordStream):
    """A stream of XOi's.

    Attributes:
        own: Columns that this tap adds.
        identity: Fields that are always requested, selected or not.
        optional: Fields that XOi may not have; then their columns are empty.
    """

    own: ClassVar[frozenset[str]] = frozenset()
    identity: ClassVar[frozenset[str]] = frozenset()
    optional: ClassVar[frozenset[str]] = frozenset()

    @property
    def fields(self) -> Fields:
        """Return the fields of a query: the selected properties, and those of identity."""
        mask, own, identity = self.mask, self.own, self.identity
        return Fields(
            self.schema,
            lambda crumb: crumb[1] not in own and (crumb[1] in identity or mask[crumb]),
            needed={*self.primary_keys, self.replication_key},
            optional=self.optional,
        )
