"""One run of a tap: its readers from first to last, and what is said of the run at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tap_kit.engine.look_back import touching_rows
from tap_kit.engine.progress import Progress
from tap_kit.engine.stopping import Stopping
from tap_kit.engine.summary import Summary
from tap_kit.engine.sync import Sync
from tap_kit.errors import StreamsFailedError, TapError
from tap_kit.streams.context import TapContext
from tap_kit.streams.plan import plan
from tap_kit.time.period import CLOCKS_DIFFER

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from tap_kit.engine.output import MessageWriter
    from tap_kit.engine.state import State
    from tap_kit.stats import StreamStats
    from tap_kit.streams.stream import RecordStream

NOTHING_SELECTED = (
    "no stream is selected, so nothing is read; select some in the catalog "
    '("selected": true) or with select in meltano.yml'
)


class RunningTap(TapContext, Protocol):
    """A tap, as its run sees it.

    Attributes:
        stats: The figures of each stream; the run has an entry for every selected one.
    """

    stats: dict[str, StreamStats]

    @property
    def name(self) -> str:
        """The tap's name."""

    @property
    def plugin_version(self) -> str:
        """The version of the package."""

    @property
    def config_jsonschema(self) -> dict[str, Any]:
        """The settings, as they are declared."""

    @property
    def initialized_at(self) -> int:
        """When the tap was made, in milliseconds since 1970."""

    @property
    def bookmarks(self) -> State:
        """All bookmarks; the run moves them."""

    @property
    def writer(self) -> MessageWriter:
        """Where messages go."""

    @property
    def logger(self) -> logging.Logger:
        """The tap's log."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """Says the present in UTC."""


def run(tap: RunningTap, selected: Mapping[str, RecordStream]) -> None:
    """Run all selected streams, report on them, and close the client.

    Args:
        tap: The tap.
        selected: Its selected streams by name.

    Raises:
        StreamsFailedError: Some streams failed; the others are complete.
        TapError: The run can't begin, or nothing can go on.
    """
    _warn_of_wrong_clocks(tap, selected)
    if not selected:
        tap.logger.warning("%s", NOTHING_SELECTED)
    readers = list(plan(tap, selected.values()))
    for name in selected:
        tap.stats_of(name)
    version = tap.plugin_version  # read from a file, of which a run may leave none to open
    stopping = Stopping()
    ended_by: str | None = None
    progress = Progress(tap.stats, tap.bookmarks, tap.client.now)

    def tick() -> None:
        stopping.check()
        progress.update()

    try:
        with stopping:
            Sync(
                readers,
                state=tap.bookmarks,
                writer=tap.writer,
                stats=tap.stats,
                workers=tap.config["concurrency"],
                include_secrets=tap.config["include_secrets"],
                version=_table_version(tap),
                touching_rows=_touching_rows(tap),
                tick=tick,
            ).run()
    except TapError as error:
        ended_by = str(error)
        raise
    finally:
        tap.client.close()
        _report(tap, version, ended_by)
    failed = [stats for stats in tap.stats.values() if stats.error is not None]
    if failed:
        raise StreamsFailedError({stats.stream: stats.error or "" for stats in failed})


def _warn_of_wrong_clocks(tap: RunningTap, names: Iterable[str]) -> None:
    for name in names:
        if bookmark := tap.bookmarks.beyond(name, tap.started_at + CLOCKS_DIFFER):
            tap.logger.warning(
                "stream %s: its bookmark %s lies in the future (a wrong clock?). It stays, and "
                "until then each run reads from now less lookback_days; to read more, set the "
                "bookmark in the state back",
                name,
                bookmark,
            )


def _table_version(tap: RunningTap) -> int | None:
    """The version of full tables, in seconds since 1970; None where no message is to name it."""
    wanted = tap.config.get("emit_activate_version_messages", False)
    return tap.initialized_at // 1000 if wanted else None


def _touching_rows(tap: RunningTap) -> dict[str, Any] | None:
    if not tap.config["skip_unchanged"] or tap.config.get("end_date"):
        return None  # a one-off run writes all, and leaves digests of whole windows alone
    return touching_rows(tap.config, tap.config_jsonschema)


def _report(tap: RunningTap, version: str, ended_by: str | None) -> None:
    summary = Summary(
        tap.name,
        version,
        tap.started_at,
        (tap.clock() - tap.started_at).total_seconds(),
        list(tap.stats.values()),
        ended_by,
    )
    if path := tap.config.get("summary_json"):
        try:
            summary.append_to(path)
        except OSError as error:
            tap.logger.error(  # noqa: TRY400  # one line
                "the file of the setting summary_json can't be written: %s", error.strerror
            )
    summary.report(tap.logger)
