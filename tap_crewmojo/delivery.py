"""How a report is delivered: at once, or as a job to ask for until it is ready.

The rules are Crewmojo's (https://docs.crewmojo.com/download/api): a report that takes longer than
30 seconds becomes a job; what is not there after 5 minutes is to be abandoned and asked for again;
a job is gone 10 minutes after its request.
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
    """Crewmojo does not know a job (any more)."""


class NeverReadyError(StreamError):
    """A report was not delivered, however often it was asked for."""


class Source(Protocol[T_co]):
    """Where one report of one window comes from."""

    def ask(self) -> T_co | Job:
        """Ask for the report."""

    def poll(self, job: Job) -> T_co | Job:
        """Ask whether it is ready; raises :class:`JobGoneError`."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for slow reports.

    Attributes:
        poll_interval: Seconds between two polls.
        timeout: Seconds from asking for a report to abandoning it.
        restarts: How often it is then asked for again.
    """

    poll_interval: float
    timeout: float
    restarts: int

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Patience:
        """From the tap's settings."""
        return cls(config["poll_interval"], config["report_timeout"], config["max_report_restarts"])


def delivery(
    source: Source[T_co], patience: Patience, *, clock: Callable[[], float] = time.monotonic
) -> Generator[float, None, T_co]:
    """Get a report; whoever runs this does the waiting.

    Args:
        source: Where it comes from.
        patience: How long to wait.
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
        deadline = clock() + patience.timeout
        answer = source.ask()
        pause = min(_EARLY, patience.poll_interval)
        while isinstance(answer, Job):
            yield max(min(pause, deadline - clock()), 0.0)
            pause = patience.poll_interval
            try:
                answer = source.poll(answer)
            except JobGoneError as error:
                end = f"gone ({error})"
                break
            if isinstance(answer, Job) and clock() >= deadline:
                end = f"not ready after {patience.timeout:g} seconds"
                break
        else:
            return answer
        ends[end] += 1
        if ends.total() > patience.restarts:
            story = ", ".join(f"{count} times {what}" for what, count in ends.items())
            msg = (
                f"the report was asked for {ends.total()} times and not delivered: {story}. "
                "Choose a shorter window; Crewmojo asks to be contacted where this goes on"
            )
            raise NeverReadyError(msg)
        _log.warning("%s is %s; asking for it again", source, end)
