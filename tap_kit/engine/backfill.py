"""A backfill's plan: shards for many workers, and the state from which later runs go on."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import time
from typing import TYPE_CHECKING, Any, TypedDict

from tap_kit.engine.shards import cut, joined
from tap_kit.engine.state import State
from tap_kit.errors import SettingsError
from tap_kit.inputs.settings import PACE
from tap_kit.streams.plan import families
from tap_kit.time.clock import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tap_kit.engine.shards import Shard
    from tap_kit.streams.backfill import Track
    from tap_kit.streams.stream import RecordStream

_log = logging.getLogger(__name__)

_DIGITS = 16
"""Of a hash; enough to tell the plans of one team apart."""


class ShardDocument(TypedDict):
    """A part of the plan: an ordinary run with ``config`` over the settings, of ``streams``."""

    id: str
    config: dict[str, Any]
    streams: list[str]


class PlanDocument(TypedDict):
    """A plan as ``--plan-backfill`` prints it.

    Attributes:
        tap: The tap's name.
        plan: The same for the same settings, whatever their secrets and pace.
        created_at: When it was made, RFC 3339.
        parallel: How many shards may run at once.
        shards: In any order and number of tries.
        state: What the pipeline's state is once all shards are complete.
    """

    tap: str
    plan: str
    created_at: str
    parallel: int
    shards: list[ShardDocument]
    state: dict[str, Any]


def tracks_of(
    tap: Any,  # noqa: ANN401  # as its factories take it
    streams: Iterable[RecordStream],
    shards: int,
) -> list[Track]:
    """The tracks of all streams that can be cut; the others are named in the log.

    Raises:
        SettingsError: None of them can be.
    """
    tracks: list[Track] = []
    whole: list[str] = []
    cuttable = False
    for head, members in families(tap, streams):
        incremental = [stream for stream in members if stream.incremental]
        if head.backfill is None or not incremental:
            whole += [stream.name for stream in members]
            continue
        cuttable = True
        tracks += head.backfill(tap, incremental, shards)
        whole += [stream.name for stream in members if not stream.incremental]
    if not cuttable:
        msg = (
            "--plan-backfill: none of the selected streams can be read in parts "
            f"({', '.join(whole) or 'none is selected'}). Select an incremental stream, or run "
            "the tap as usual"
        )
        raise SettingsError(msg)
    if whole:
        _log.info("in no shard, but in the first run from the plan's state: %s", ", ".join(whole))
    return tracks


def plan_of(
    tap: Any,  # noqa: ANN401  # as above
    streams: Mapping[str, RecordStream],
    shards: int,
    *,
    at_once: int,
) -> PlanDocument:
    """Cut the past of the selected streams.

    Args:
        tap: The tap; sends what its factories request.
        streams: The selected ones, by name.
        shards: How many at the most; 1 or more.
        at_once: How many runs of the tap the vendor bears at once.

    Raises:
        TapError: Nothing can be cut, or the vendor does not let the tap see how much there is.
    """
    tracks = joined(tracks_of(tap, streams.values(), shards))
    made, left_out = cut(tracks, shards)
    if left_out:
        names = dict.fromkeys(name for track in left_out for name in track.streams)
        _log.warning(
            "in no shard, since %d are too few for all; the first run from the plan's state reads "
            "them: %s",
            shards,
            ", ".join(names),
        )
    if not made:
        _log.warning("there is nothing to cut: the first run from the plan's state reads all")
    parallel = max(1, min(at_once, len(made)))
    pace = tap.config.get("requests_per_second")
    shared = {"requests_per_second": pace / parallel} if pace and parallel > 1 else {}
    digits = max(3, len(str(len(made))))
    return PlanDocument(
        tap=tap.name,
        plan=_name_of(tap, [*streams], shards),
        created_at=format_time(tap.started_at),
        parallel=parallel,
        shards=[
            ShardDocument(
                id=f"{number:0{digits}}",
                config={**_config_of(shard), **shared},
                streams=[name for name in streams if name in shard.streams],
            )
            for number, shard in enumerate(made, 1)
        ],
        state=_state_of([track for track in tracks if track not in left_out], streams),
    )


def _config_of(shard: Shard) -> dict[str, Any]:
    start = {"start_date": _date(shard.start)} if shard.start else {}
    return {**shard.narrowed, **start, "end_date": _date(shard.end)}


def _date(moment: datetime) -> str:
    return moment.date().isoformat() if moment.time() == time() else format_time(moment)


def _state_of(tracks: Iterable[Track], streams: Mapping[str, RecordStream]) -> dict[str, Any]:
    state = State({"bookmarks": {}})
    for track in tracks:
        for bookmark in track.bookmarks:
            state.move(bookmark, streams[bookmark.stream].replication_key)
    return dict(state.value)


def _name_of(tap: Any, streams: Sequence[str], shards: int) -> str:  # noqa: ANN401  # as above
    """A hash of what decides which records the shards bring; secrets are no part of it."""
    declared = tap.config_jsonschema["properties"]
    settings = {
        name: value
        for name, value in tap.config.items()
        if name in declared and not declared[name].get("secret") and name not in PACE
    }
    content = json.dumps([tap.name, settings, sorted(streams), shards], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]
