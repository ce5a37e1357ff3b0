"""Slow reports: jobs that are polled until they are ready.

The rules are Crewmojo's (docs: taps/crewmojo/facts#slow-reports). A report that takes longer than
30 seconds becomes a job. After 5 minutes it should be abandoned and requested again. 10 minutes
after the request a job is gone.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tap_kit.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

T_co = TypeVar("T_co", covariant=True)

_EARLY = 1.0
"""Seconds before the first poll: many reports are ready just after they became jobs."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A report that is not ready."""

    id: str


class JobGoneError(Exception):
    """Crewmojo does not know a job, or no longer."""


class NeverReadyError(StreamError):
    """A report was not ready in time, however often it was requested."""


class Requests(Protocol[T_co]):
    """The requests for one report of one window."""

    def request(self) -> T_co | Job:
        """Request the report."""

    def poll(self, job: Job) -> T_co | Job:
        """Request the job's report; the job again where it is not ready.

        Raises:
            JobGoneError: Crewmojo does not know the job.
        """


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """How often to poll, and when to give up.

    Attributes:
        poll_interval: Seconds between two polls.
        timeout: Seconds after which a report is abandoned.
        restarts: How often an abandoned report is requested again.
    """

    poll_interval: float
    timeout: float
    restarts: int

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> PollPolicy:
        """From the tap's settings."""
        return cls(config["poll_interval"], config["report_timeout"], config["max_report_restarts"])


def fetch_report(
    requests: Requests[T_co], policy: PollPolicy, *, clock: Callable[[], float] = time.monotonic
) -> Generator[float, None, T_co]:
    """Fetch a report; the caller does the waiting.

    Args:
        requests: Send the requests for it.
        policy: How often to poll, and when to give up.
        clock: Monotonic seconds.

    Yields:
        Seconds to wait before going on.

    Returns:
        The report.

    Raises:
        NeverReadyError: It was abandoned, or gone, too often.
    """
    ends: Counter[str] = Counter()
    while True:
        deadline = clock() + policy.timeout
        response = requests.request()
        pause = min(_EARLY, policy.poll_interval)
        while isinstance(response, Job):
            yield max(min(pause, deadline - clock()), 0.0)
            pause = policy.poll_interval
            try:
                response = requests.poll(response)
            except JobGoneError as error:
                end = f"gone ({error})"
                break
            if isinstance(response, Job) and clock() >= deadline:
                end = f"not ready after {policy.timeout:g} seconds"
                break
        else:
            return response
        ends[end] += 1
        if ends.total() > policy.restarts:
            story = ", ".join(f"{count} times {what}" for what, count in ends.items())
            msg = (
                f"the report was asked for {ends.total()} times and not delivered: {story}. "
                "Choose a shorter window; Crewmojo asks to be contacted where this goes on"
            )
            raise NeverReadyError(msg)
        _log.warning("%s is %s; asking for it again", requests, end)
