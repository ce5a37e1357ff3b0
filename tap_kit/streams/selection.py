"""Deselected properties, compiled into one function per stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from singer_sdk.singerlib import SelectionMask

    from tap_kit.streams.reader import Record
    from tap_kit.streams.stream import RecordStream


def projection(stream: RecordStream) -> Callable[[Record], Record] | None:
    """Return a function that removes deselected properties from records; None if there are none."""
    mask = stream.mask
    deselected = {crumb for crumb, selected in mask.items() if len(crumb) > 1 and not selected}
    if not deselected:
        return None
    if all(len(crumb) == 2 for crumb in deselected):  # noqa: PLR2004  # ("properties", name)
        names = frozenset(crumb[1] for crumb in deselected)
        return lambda record: {name: value for name, value in record.items() if name not in names}
    return lambda record: _project(record, mask, ())


def _project(value: dict[str, Any], mask: SelectionMask, at: tuple[str, ...]) -> dict[str, Any]:
    return {
        name: _project(inner, mask, crumb) if isinstance(inner, dict) else inner
        for name, inner in value.items()
        if mask[crumb := (*at, "properties", name)]
    }
