"""Pages that are empty in place of full ones, as a vendor in trouble sends them for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from tap_flow.filters import FOREVER
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


def doubted(  # noqa: PLR0913  # what is known, and how to ask for more
    empty: P,
    window: Window,
    came: Collection[str],
    newest: Callable[[Window | None], NewestJob | None],
    again: Callable[[], P],
    *,
    is_unchanged: Callable[[], bool],
    any_before: bool,
) -> P:
    """Return what should have come in place of an empty page; mostly that is nothing.

    An empty page counts as the end of a window only if the job that was the last to be uploaded in
    it came on the page before. Where no page came before, it is requested once more as soon as the
    vendor shows any job at all. So empty pages for a while cost nothing, whenever they begin and
    end.

    Args:
        empty: The empty page.
        window: The window to whose end it belongs.
        came: The ids of the jobs on the page before; none if there was no page.
        newest: Asks for the job that was the last to be uploaded, of a window or of all.
        again: Requests the page again.
        is_unchanged: Asks for the last job of the page before: whether it is as it came.
        any_before: Whether the vendor has shown a job of any time before.

    Raises:
        EmptyPagesError: The last job does not come, or the vendor shows none at all any more.
    """
    if window.end == FOREVER:
        return empty  # mostly there is nothing to come
    missing: str | None = None
    for _ in range(_TRIES):
        last = newest(window) if came else None
        if last is None and newest(None) is None:
            if not any_before:
                return empty
        elif last is None:
            # What came has changed since, and lies in a later window now; or nothing has come yet.
            return empty if came else again()
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
