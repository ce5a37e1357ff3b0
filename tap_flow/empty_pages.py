"""Pages that are empty in place of full ones, as a vendor in trouble sends them for a while.

Not every empty page is requested twice: with short windows that would be most requests of a run.
One is doubted where it comes after pages with jobs: in place of a window's first page, until such
a page was confirmed, and after a full page of the same window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from tap_kit.errors import StreamError
from tap_kit.time.clock import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tap_flow.cursor_state import NewestJob
    from tap_kit.time.windows import Window

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


def first_page(window: Window, shows_jobs: Callable[[], bool], again: Callable[[], P]) -> P:
    """Return the first page of a window for which an empty one came, after pages with jobs.

    Args:
        window: The window.
        shows_jobs: Asks whether the vendor shows any job at all.
        again: Requests the page again.

    Raises:
        EmptyPagesError: The vendor shows no job at all any more.
    """
    for _ in range(_TRIES):
        if shows_jobs():
            return again()
    raise EmptyPagesError(window, None)


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
