"""The base of Flow's streams: how they are read, and where their rows lie in those of others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from tap_kit.streams.stream import RecordStream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Nesting:
    """Where a stream's rows lie in those of another.

    Attributes:
        member: The member of the parent's rows that holds them.
        inherited: Columns that are the parent's, with their names there.
        within: The parent; None for the stream that they are read with.
    """

    member: str = ""
    inherited: Mapping[str, str] = field(default_factory=dict)
    within: type[FlowStream] | None = None


class FlowStream(RecordStream):
    """A stream of Flow's; subclasses only declare.

    ``source`` comes from the reader, so each endpoint stands in one place.
    """

    name: str = ""
    read_with: ClassVar[type[FlowStream] | None] = None
    nesting: ClassVar[Nesting] = Nesting()
    """Declared together with ``read_with``."""
    changed_at: ClassVar[Sequence[str]] = ()
    """The members, first of all, in which rows say when they were changed; for INCREMENTAL."""

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401  # those of any class
        """Take the documentation of the requests from what makes them."""
        super().__init_subclass__(**options)
        reader = cls.head().reader
        if reader is not None:
            cls.source = str(reader)

    @classmethod
    def head(cls) -> type[FlowStream]:
        """Return the class whose reader reads this one; mostly this class itself."""
        return cls.read_with or cls

    @classmethod
    def parent(cls) -> type[FlowStream] | None:
        """Return the class whose rows hold those of this one; None where they stand alone."""
        return cls.nesting.within or cls.read_with
