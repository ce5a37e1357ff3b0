"""Which readers read the selected streams, by what the streams' classes declare.

A class names its ``reader``, or the class that it is ``read_with``. A stream and all that are read
with it are a family: its reader factory gets those of them that are selected, in declared order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_kit.errors import UnservedStreamError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_kit.streams.reader import Reader
    from tap_kit.streams.stream import ReaderFactory, RecordStream


def factory_of(kind: type[RecordStream]) -> ReaderFactory:
    """What makes the readers of a class of streams.

    Raises:
        TypeError: The class doesn't say how it is read.
    """
    if kind.reader is not None and kind.read_with is not None:
        msg = f"{kind.__name__} declares reader and read_with; it must be one of them"
        raise TypeError(msg)
    factory = _head(kind).reader
    if factory is None:
        msg = f"{kind.__name__} declares no reader" + (
            f", and {kind.read_with.__name__}, with which it is read, none either"
            if kind.read_with is not None
            else " and no stream that it is read with"
        )
        raise TypeError(msg)
    return factory


def check_declared(kinds: Sequence[type[RecordStream]]) -> None:
    """Check that every stream is read by something, and stands after what it is read with.

    Args:
        kinds: The streams of a tap, in the order of discovery and of emission.

    Raises:
        TypeError: A class doesn't say how it is read.
    """
    for place, kind in enumerate(kinds):
        factory_of(kind)
        if kind.read_with is not None and kind.read_with not in kinds[:place]:
            msg = f"{kind.__name__} is read with {kind.read_with.__name__}, which must stand before"
            raise TypeError(msg)


def plan(
    tap: Any,  # noqa: ANN401  # the class that the tap's own factories take
    streams: Iterable[RecordStream],
) -> Iterator[Reader]:
    """The readers of these streams, family by family in the order of ``tap.stream_types``.

    Streams of classes that are not listed there (made from settings) come last, in their own order.

    Raises:
        UnservedStreamError: A factory has left out a stream.
    """
    for head, members in families(tap, streams):
        readers = list(factory_of(head)(tap, members))
        _check_served(tap.name, members, readers)
        yield from readers


def families(
    tap: Any,  # noqa: ANN401  # as above
    streams: Iterable[RecordStream],
) -> Iterator[tuple[type[RecordStream], list[RecordStream]]]:
    """Each stream that others are read with, and those of its family that are among these."""
    listed = tap.stream_types
    places = {kind: place for place, kind in enumerate(listed)}
    found: dict[type[RecordStream], list[RecordStream]] = {}
    for stream in sorted(streams, key=lambda one: places.get(type(one), len(listed))):
        found.setdefault(_head(type(stream)), []).append(stream)
    for head in sorted(found, key=lambda kind: places.get(kind, len(listed))):
        yield head, found[head]


def _check_served(tap: str, streams: Iterable[RecordStream], readers: Iterable[Reader]) -> None:
    """Check that readers serve all of these streams.

    Raises:
        UnservedStreamError: Nothing serves one of them.
    """
    served = {stream.name for reader in readers for stream in reader.streams}
    if missing := [stream.name for stream in streams if stream.name not in served]:
        msg = (
            f"nothing in {tap} reads: {', '.join(missing)}; this is a fault of the tap. "
            "Deselect it, and report it"
        )
        raise UnservedStreamError(msg)


def _head(kind: type[RecordStream]) -> type[RecordStream]:
    """The class whose reader reads this one."""
    return kind if kind.read_with is None else kind.read_with
