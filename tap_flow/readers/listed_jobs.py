"""What is read by the list of jobs: the jobs themselves, and the ids of those in it."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from tap_flow.readers.details import Item
from tap_flow.readers.job_list import JobList
from tap_kit.streams.changes import Changes, moment_of
from tap_kit.streams.codec import PLAIN, Codec, codec_of
from tap_kit.streams.reader import Page, Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tap_flow.endpoints import Endpoint
    from tap_flow.readers.context import FlowContext
    from tap_flow.stream import FlowStream
    from tap_kit.stats import StreamStats
    from tap_kit.streams.codec import AnyRecord
    from tap_kit.streams.reader import Record

MODIFIED = "modified"
"""The column that the tap adds to jobs; see :func:`modified`."""
_NOT_SET = "0001-"


class JobListOf:
    """The list of jobs, read page by page."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def __str__(self) -> str:
        """The request, for the documentation."""
        return str(self._endpoint)

    def __call__(self, tap: FlowContext, streams: Sequence[FlowStream]) -> Iterator[Reader]:
        """Make the one reader of the list."""
        (stream,) = streams
        yield JobListReader(tap, streams, _jobs(tap, self._endpoint, codec_of(stream)))


class JobIds:
    """The ids of the jobs in the list.

    Args:
        endpoint: The list.
        of: Returns the id of a job; None where it has none and is left out.
        wanted: Tells which jobs to take.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        of: Callable[[Record], str | None],
        wanted: Callable[[Record], bool] = lambda _: True,
    ) -> None:
        self._endpoint = endpoint
        self._of = of
        self._wanted = wanted

    def __str__(self) -> str:
        """The request, for the documentation."""
        return str(self._endpoint)

    def every(self, tap: FlowContext, stats: StreamStats) -> Iterator[Item]:
        """Request the list, page by page: the ids of the jobs that are wanted."""
        for page in _jobs(tap, self._endpoint).pages(stats):
            for job in page.rows:
                if self._wanted(job) and (key := self._of(job)):
                    yield Item(key)

    def sample(self, tap: FlowContext, stats: StreamStats) -> Iterator[Item]:
        """Request a few jobs: the ids of any of them."""
        return map(Item, filter(None, map(self._of, _jobs(tap, self._endpoint).sample(stats))))


class DetailIds(JobIds):
    """The ids of the jobs whose details the setting ``job_details_of`` wants.

    The time of its last change is given for completed jobs only: the others are always wanted.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint, itemgetter("jobId"))

    def every(self, tap: FlowContext, stats: StreamStats) -> Iterator[Item]:
        """Request the list, page by page: the ids of the jobs that are wanted."""
        completed_too = tap.config["job_details_of"] == "all"
        for page in _jobs(tap, self._endpoint).pages(stats):
            for job in page.rows:
                if is_open(job):
                    yield Item(job["jobId"])
                elif completed_too:
                    yield Item(job["jobId"], moment_of(modified(job)))


class JobListReader(Reader):
    """The list itself; pages depend on those before, so it is one slice."""

    def __init__(self, tap: FlowContext, streams: Sequence[FlowStream], jobs: JobList) -> None:
        super().__init__(streams, tap.client, tap.stats_of(streams[0].name))
        self._jobs = jobs
        self._changes = Changes(tap, streams[0])

    def slices(self) -> Iterator[Iterator[Page]]:
        """One slice."""
        yield self._pages()

    def _pages(self) -> Iterator[Page]:
        wants = self._changes.wants
        for found in self._jobs.pages(self.stats):
            jobs = found.rows
            for job in jobs:
                add_modified(job)
            if self._changes.incremental:
                jobs = [job for job in jobs if wants(moment_of(job[MODIFIED]))]
            yield Page({self.name: jobs}, size=found.size)
        if complete := self._changes.bookmarks():
            # The list is in no order that is known, so only its end says how far it is complete.
            yield Page(bookmarks=complete)

    def probe(self) -> None:
        """Request one job, and see that the list moves."""
        self._jobs.probe(self.stats)


def is_open(job: Record) -> bool:
    """Tell whether a job is not completed."""
    return _fact(job, "status") != "Completed"


def is_completed(job: Record) -> bool:
    """Tell whether a job is completed."""
    return not is_open(job)


def add_modified(job: AnyRecord) -> None:
    """Add the column ``modified`` to a job."""
    job[MODIFIED] = modified(job)


def modified(job: AnyRecord) -> str | None:
    """Return when the server last changed a job; else when the device did; else None."""
    facts = job.get("metadata")
    for time in (facts.get("modified"), facts.get("updated")) if facts else ():
        if isinstance(time, str) and time and not time.startswith(_NOT_SET):
            return time
    return None


def client_job_id(job: Record) -> str | None:
    """Return the id that the device gave a job, if it gave one."""
    return _fact(job, "clientJobId")


def _fact(job: Record, name: str) -> str | None:
    facts = job.get("metadata")
    return facts.get(name) if isinstance(facts, dict) else None


def _jobs(tap: FlowContext, endpoint: Endpoint, codec: Codec = PLAIN) -> JobList:
    return JobList(
        tap.api,
        tap.api.in_scope(endpoint),
        tap.config["jobs_page_size"],
        codec,
        workers=tap.config["concurrency"],
    )
