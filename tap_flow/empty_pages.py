"""Pages that are empty in place of full ones, as a vendor in trouble sends them for a while.

Once a job was seen, an empty page is doubted where it comes in place of a window's first page, and
after a full page of the same window. Not every window is asked for twice, which with short ones
would be most requests of a run: where one has no jobs, a request for a longer time shows whether
those behind it have none either.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol, TypeVar

from tap_kit.errors import StreamError
from tap_kit.time.clock import format_time
from tap_kit.time.windows import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tap_flow.cursor_state import NewestJob

_TRIES = 3


class _Page(Protocol):
    cursor: str | None


P = TypeVar("P", bound=_Page)


class EmptyPagesError(StreamError):
    """The vendor sent empty pages in place of full ones; the windows must be read again."""

    def __init__(self, window: Window, job_id: str | None) -> None:
        """Name the window, and the job that is missing if it is known."""
        since = f"from {format_time(window.start)} " if window.start else ""
        what = f"job {job_id}, which belongs there, did not come" if job_id else "no job came"
        super().__init__(
            f"{what} when those changed {since}up to {format_time(window.end)} were read: the "
            "vendor gave empty pages for full ones. Run again: the windows are read once more"
        )


class FirstPages:
    """Doubts empty first pages; what the request for one window shows, holds for others, too.

    Attributes:
        seen: Set once a job was seen: an account without any has empty pages only.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self.seen = threading.Event()
        self._without_jobs: list[Window] = []
        self._reach = 1
        self._lock = threading.Lock()

    def doubted(
        self,
        window: Window,
        empty: P,
        again: Callable[[], P],
        *,
        shows_jobs: Callable[[], bool],
        has_jobs: Callable[[Window], bool],
    ) -> P:
        """Return the first page of a window for which an empty one came.

        Args:
            window: The window.
            empty: The page that came.
            again: Requests it again.
            shows_jobs: Asks whether the vendor shows any job at all.
            has_jobs: Asks whether it shows one that was last changed within a time.

        Raises:
            EmptyPagesError: The vendor shows no job at all any more.
        """
        if not self.seen.is_set():
            return empty
        with self._lock:  # meanwhile others wait, and may be known to be without jobs afterwards
            if self._is_known(window):
                return empty
            if not any(shows_jobs() for _ in range(_TRIES)):
                raise EmptyPagesError(window, None)
            if window.start is not None:
                reach = (window.end - window.start) * self._reach
                longer = Window(window.start, window.end + reach)
                # Asked before and after: it was not in trouble in between.
                if not has_jobs(longer) and shows_jobs():
                    self._without_jobs.append(longer)
                    self._reach *= 2
                    return empty
            self._reach = max(self._reach // 2, 1)
            return again()

    def _is_known(self, window: Window) -> bool:
        return window.start is not None and any(
            known.start is not None and known.start <= window.start and window.end <= known.end
            for known in self._without_jobs
        )


def last_page(  # noqa: PLR0913  # what is known, and how to ask for more
    empty: P,
    window: Window,
    came: Collection[str],
    newest: Callable[[], NewestJob | None],
    again: Callable[[], P],
    *,
    shows_jobs: Callable[[], bool],
    is_unchanged: Callable[[], bool],
) -> P:
    """Return what should have come in place of an empty page after a full one.

    Mostly that is nothing: a last page is full once in a while. The job that was the last to be
    uploaded in the window came on the page before then, which one small request shows. To ask for
    every window would be safer still, and cost as many requests as the windows themselves.

    Args:
        empty: The empty page.
        window: The window to whose end it belongs.
        came: The ids of the jobs on the page before.
        newest: Asks for the job that was the last to be uploaded of the window.
        again: Requests the page again.
        shows_jobs: Asks whether the vendor shows any job at all.
        is_unchanged: Asks for the last job of the page before: whether it is as it came.

    Raises:
        EmptyPagesError: The last job does not come, or the vendor shows none at all any more.
    """
    missing: str | None = None
    for _ in range(_TRIES):
        last = newest()
        if last is None:
            if shows_jobs():
                return empty  # what came has changed since, and lies in a later window now
        elif last.job_id in came:
            return empty
        else:
            missing = last.job_id
            found = again()
            if found.cursor is not None:
                return found
    if missing and not is_unchanged():
        return empty  # it was edited since, and an earlier job is the last one of the window now
    raise EmptyPagesError(window, missing)
