"""The organization and its workflows, requested once in a run for all streams."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tap_kit.errors import (
    DataError,
    RetriesExhaustedError,
    StreamError,
    UnreachableError,
    VendorError,
)
from tap_kit.streams.gone import GoneItems
from tap_kit.threads.prefetch import parallel_map
from tap_kit.time.clock import parse_time
from tap_kit.time.windows import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_giosg.client import GiosgClient, Object
    from tap_kit.stats import StreamStats

_log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow that exists.

    Attributes:
        id: UUID.
        info: What ``info/`` says.
    """

    id: str
    info: Mapping[str, Any]

    @property
    def is_interaction(self) -> bool:
        """Whether it has source data: only interaction workflows do."""
        return self.info.get("type") == "interaction"

    @property
    def first_event(self) -> datetime | None:
        """The day of the first event; None for a workflow without events."""
        return self._moment("start_date")

    def active_window(self, until: datetime) -> Window | None:
        """From the first event to the end of the day of the last one; None without events."""
        first, last = self.first_event, self._moment("end_date")
        end = until if last is None else min(last + timedelta(days=1), until)
        return Window(first, end) if first is not None and first < end else None

    def has_events_in(self, window: Window) -> bool:
        """Whether a window certainly has events: it contains the day of the first or last one."""
        days = (self.first_event, self._moment("end_date"))
        return any(
            day is not None
            and (window.start is None or window.start <= day)
            and day + timedelta(days=1) <= window.end
            for day in days
        )

    def _moment(self, name: str) -> datetime | None:
        value = self.info.get(name)
        if not value:
            return None
        try:
            return parse_time(value)
        except (ValueError, TypeError, AttributeError):
            msg = f"info/ of workflow {self.id}: {name} is no date: {str(value)[:50]!r}"
            raise DataError(msg) from None


def last_days(active: Window, length: timedelta) -> Window:
    """Return the end of a workflow's active window: a small request, with the newest columns."""
    assert active.start is not None  # noqa: S101  # it begins with an event
    return Window(max(active.start, active.end - length), active.end)


class _Once(Generic[T]):
    """A value that the first thread to need it fetches, while the others wait.

    Where all tries have failed, nobody tries again: the vendor is down, and each stream would wait
    for as long as the first one did. Any other error is not kept.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fetched: list[T] = []
        self._given_up: RetriesExhaustedError | UnreachableError | None = None

    def get(self, fetch: Callable[[], T]) -> T:
        """Return the value; ``fetch`` is called where there is none yet.

        Raises:
            RetriesExhaustedError: All tries have failed, now or before.
            UnreachableError: The same, for what every stream needs.
        """
        if not self._fetched:
            with self._lock:
                if self._given_up is not None:
                    raise self._given_up
                if not self._fetched:
                    try:
                        self._fetched.append(fetch())
                    except (RetriesExhaustedError, UnreachableError) as error:
                        self._given_up = error
                        raise
        return self._fetched[0]


class Organization:
    """Workflows by id, from any thread.

    Args:
        giosg: Sends the requests.
        organization_id: The setting; empty for the token's own.
        workflow_ids: The setting; empty for all that the organization lists.
        concurrency: How many requests may be under way.
    """

    def __init__(
        self,
        giosg: GiosgClient,
        *,
        organization_id: str | None,
        workflow_ids: Sequence[str],
        concurrency: int,
    ) -> None:
        self._giosg = giosg
        self.concurrency = concurrency
        self._configured_id = organization_id
        self._configured = tuple(dict.fromkeys(workflow_ids))
        self._id = _Once[str]()
        self._listed = _Once[list["Object"]]()
        self._infos: dict[str, _Once[Object | None]] = {}

    def id(self, stats: StreamStats) -> str:
        """The organization's id.

        Raises:
            StreamError: giosg doesn't name the organization of the token's owner.
            UnreachableError: All tries to get it have failed.
        """
        return self._configured_id or self._id.get(lambda: self._own_id(stats))

    def definitions(self, stats: StreamStats) -> Iterator[list[Object]]:
        """Yield the workflows' definitions: pages of the list, or each configured workflow."""
        if not self._configured:
            yield self._listed.get(lambda: self._all(stats))
            return
        for workflow_id in self._configured:
            definition = self._giosg.workflow(self.id(stats), workflow_id, stats)
            if definition is not None:
                yield [definition]
            elif self.info(workflow_id, stats) is not None:
                # Nothing promises that the two APIs know the same workflows.
                _log.warning("workflow %s has reports, but no definition (404)", workflow_id)

    def workflows(self, stats: StreamStats) -> Iterator[Workflow]:
        """Yield the workflows that exist, in the order of the settings or the list.

        Raises:
            StreamError: At the end: giosg lists workflows, but has reports of none.
        """
        gone = GoneItems(
            "GET /workflows/<id>/info/",
            "Check the settings api_url and organization_id, and that the token may read reports",
        )
        ids = iter(self.ids(stats))
        while some := list(islice(ids, 4 * self.concurrency)):
            infos = parallel_map(
                lambda workflow_id: self.info(workflow_id, stats), some, workers=self.concurrency
            )
            for workflow_id, info in zip(some, infos, strict=True):
                if info is not None:
                    gone.came()
                    yield Workflow(workflow_id, info)
                elif not self._configured:
                    gone.gone(workflow_id, "HTTP 404")
                    _log.warning("workflow %s is listed, but has no reports (404)", workflow_id)
        gone.check()

    def check_configured(self, stats: StreamStats) -> None:
        """Report configured workflows that don't exist, after those that do have been read.

        Raises:
            StreamError: Some of the configured workflows don't.
        """
        unknown = [id_ for id_ in self._configured if self.info(id_, stats) is None]
        if unknown:
            msg = (
                f"organization {self.id(stats)} has no workflow {', '.join(unknown)} (404); check "
                "the settings workflow_ids and organization_id"
            )
            raise StreamError(msg)

    def ids(self, stats: StreamStats) -> Sequence[str]:
        """Yield the ids of the workflows, whether or not they exist."""
        if self._configured:
            return self._configured
        listed = self._listed.get(lambda: self._all(stats))
        return tuple(dict.fromkeys(str(item["id"]) for item in listed if item.get("id")))

    def info(self, workflow_id: str, stats: StreamStats) -> Object | None:
        """Return the response of ``info/``; None if the workflow doesn't exist."""
        once = self._infos.setdefault(workflow_id, _Once())
        return once.get(lambda: self._giosg.info(self.id(stats), workflow_id, stats))

    def _own_id(self, stats: StreamStats) -> str:
        advice = "set organization_id"
        try:
            organization_id = self._giosg.owner(stats).get("organization_id")
        except RetriesExhaustedError as error:
            # Every stream needs it first, so it is no stream's own failure.
            msg = f"no organization: {error}. Run again later, or {advice}"
            raise UnreachableError(msg) from error
        except VendorError as error:
            msg = f"{error}. Where the token may not ask for its owner, {advice}"
            raise StreamError(msg) from error
        if not isinstance(organization_id, str) or not organization_id:
            msg = f"GET /api/v5/users/me names no organization_id; {advice}"
            raise StreamError(msg)
        return organization_id

    def _all(self, stats: StreamStats) -> list[Object]:
        pages = self._giosg.workflow_pages(self.id(stats), stats)
        listed = [item for page in pages for item in page]
        if not listed:
            _log.warning(
                "organization %s lists no workflows, so there is nothing to read; check the "
                "setting organization_id, or set workflow_ids",
                self.id(stats),
            )
        return listed
