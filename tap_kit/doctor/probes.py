"""Which streams work: what shows it with few requests, for streams that are read together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_kit.streams.plan import families, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tap_kit.streams.stream import RecordStream


@dataclass(frozen=True, slots=True)
class Probe:
    """What shows whether some streams can be read.

    Attributes:
        streams: Their names.
        run: Sends the requests; raises what keeps the streams from being read.
    """

    streams: Sequence[str]
    run: Callable[[], object]


def probes_of(
    tap: Any,  # noqa: ANN401  # the class that the tap's own readers take
    streams: Sequence[RecordStream],
) -> Iterator[Probe]:
    """The probes of these streams' own readers; streams that are selected by default come first."""

    def is_off(members: Sequence[RecordStream]) -> bool:
        return not any(stream.selected_by_default for stream in members)

    def run(members: Sequence[RecordStream]) -> None:
        for reader in plan(tap, members):
            reader.probe()

    for members in sorted((found for _, found in families(tap, streams)), key=is_off):
        yield Probe([one.name for one in members], lambda members=members: run(members))  # type: ignore[misc]  # the default binds it now
