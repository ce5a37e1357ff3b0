"""A workflow's sidedata (2.7): figures over the visible events of one window."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.giosg import examples
from sandbox.giosg.events import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.giosg.events import Event
    from sandbox.giosg.texts import Details


def interaction_figures(goals: int, goals_total: int, started: int) -> dict[str, Any]:
    """The unseen variant for interaction workflows: goal counts and started workflows."""
    return {
        "started_workflows_count": started,
        "affected_goals_count": goals,
        "affected_goals_total_count": goals_total,
    }


def navigation_figures(
    events: Iterable[Event], details: Sequence[Details], length: timedelta
) -> dict[str, Any]:
    """The documented variant: ``[value, index]`` pairs, unique visitors and sessions."""
    hours: Counter[int] = Counter()
    weekdays: Counter[int] = Counter()
    visitors, sessions = set(), set()
    for event in events:
        moment = moment_of(event)
        hours[moment.hour] += 1
        weekdays[moment.isoweekday()] += 1
        visitors.add(details[event[4]].visitor_id)
        sessions.add(details[event[4]].session_id)
    stat = {}
    if length > timedelta(days=1):
        stat["day_in_week"] = [[weekdays[day], day] for day in range(1, 8)]
    if length <= timedelta(days=7):
        stat["hour_in_day"] = [[hours[hour], hour] for hour in range(24)]
    return {
        "timeframe_stat": stat,
        "unique_visitors_count": len(visitors),
        "unique_sessions_count": len(sessions),
    }


def example_figures(*, has_events: bool) -> dict[str, Any]:
    """The documented example, for windows that hold the example workflow's events."""
    if has_events:
        return dict(examples.SIDEDATA)
    return {"timeframe_stat": {}, "unique_visitors_count": 0, "unique_sessions_count": 0}
