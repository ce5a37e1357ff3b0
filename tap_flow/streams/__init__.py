"""All streams of the tap, a module for each area of the vendor's guide.

The order of discovery and of emission is that of the modules here and of the classes in them.
"""

from __future__ import annotations

from inspect import isclass
from typing import TYPE_CHECKING

from tap_flow.stream import FlowStream
from tap_flow.streams import (
    collections,
    completed_jobs,
    files,
    jobs,
    people,
    query_users,
    reports,
    scheduler,
    triggers,
    workflows,
)

if TYPE_CHECKING:
    from types import ModuleType


def _declared_in(*areas: ModuleType) -> tuple[type[FlowStream], ...]:
    return tuple(
        kind
        for area in areas
        for kind in vars(area).values()
        if isclass(kind) and issubclass(kind, FlowStream) and kind.__module__ == area.__name__
    )


QUERY_STREAMS = _declared_in(completed_jobs, query_users)
"""Those of the Query API, which a query key alone may read."""

REST_STREAMS = _declared_in(jobs, people, workflows, scheduler, triggers, reports, collections)
"""Those of the REST services."""

FILE_STREAMS = _declared_in(files)
"""Those that the setting ``files_to`` adds."""
