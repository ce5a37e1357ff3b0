"""Open questions about event rows and their intervals."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from tap_giosg.organization import last_days
from tap_giosg.streams.events import StepSourceData
from tap_giosg.unknowns.account import LENGTHS, STATS, Look, has_some, path_of
from tap_kit.doctor.questions import Finding, Question
from tap_kit.errors import BadBodyError, RetriesExhaustedError, VendorError
from tap_kit.time.clock import parse_time
from tap_kit.time.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_giosg.event_series import EventSeries
    from tap_giosg.unknowns.account import GiosgTap
    from tap_kit.doctor.questions import Trial

_NO_WORKFLOW = "None of the first workflows has events to see it by."
_DOCUMENTED = frozenset({"timeframe_stat", "unique_visitors_count", "unique_sessions_count"})
_FIELD_NAMES = frozenset({"name", "id", "key", "type", "label", "title", "field"})
"""What a member of ``fields`` may have as a name; another might be a customer's own word."""
_FORMATS = ("csv", "json", "xlsx")
_TRIED = 3
_SECOND = timedelta(seconds=1)
_REFUSED = range(400, 500)


def look(trial: Trial[GiosgTap]) -> Look:
    """The look at the account, which all of these questions share."""
    return Look(trial.tap)


def _seen_step(trial: Trial[GiosgTap]) -> tuple[EventSeries, Window] | None:
    """A step that has rows in JSON or as a file, as far as the first ones do."""
    files = trial.having(step_data_format="csv").plans[StepSourceData.name].requests
    for series, active in islice(trial.once(look).steps(), _TRIED):
        if _step_rows(trial, series, active):
            return series, active
        with suppress(VendorError):
            if has_some(files, series, active):
                return series, active
    return None


def _step_rows(trial: Trial[GiosgTap], series: EventSeries, active: Window) -> Any:  # noqa: ANN401  # any JSON
    """The response of the JSON endpoint, if it holds rows; None otherwise."""
    with suppress(VendorError):
        response = trial.once(look).post(series, f"step/{series.step_index}", active)
        if _rows(response.content):
            return response.content
    return None


def _rows(content: Any) -> Sequence[Any]:  # noqa: ANN401  # any JSON
    """The rows of a JSON table, whichever member holds them."""
    if isinstance(content, list):
        return content
    if not isinstance(content, dict):
        return ()
    members = [one for name, one in content.items() if name != "fields" and isinstance(one, list)]
    return max(members, key=len, default=())


def _form(content: Any) -> str:  # noqa: ANN401  # any JSON
    """How a JSON table with rows is built: names of an item of ``fields``, and counts."""
    row = _rows(content)[0]
    kind = "objects" if isinstance(row, dict) else "lists"
    told = f"Rows are {kind} with {len(row)} columns" if row else "Rows are empty"
    fields = content.get("fields") if isinstance(content, dict) else None
    if isinstance(fields, list) and fields and isinstance(fields[0], dict):
        known = sorted(_FIELD_NAMES & fields[0].keys())
        told += f"; an item of fields has {', '.join(known) or 'no name that is known'}"
    elif isinstance(fields, list) and fields:
        told += "; an item of fields is a text"
    return f"{told}."


def _ask_goal_rows(trial: Trial[GiosgTap]) -> Finding:
    found = trial.once(look)
    for series, active in islice(found.goals(), _TRIED):
        response = found.post(series, "source_data", active)
        if _rows(response.content):
            return Finding(_form(response.content))
    return Finding.open("None of the first interaction workflows has goals to see it by.")


def _ask_step_rows(trial: Trial[GiosgTap]) -> Finding:
    seen = trial.once(_seen_step)
    if seen is None:
        return Finding.open(_NO_WORKFLOW)
    content = _step_rows(trial, *seen)
    if content is None:
        return Finding("The JSON endpoint has no rows where the download has some.")
    return Finding(_form(content))


def _ask_format(trial: Trial[GiosgTap]) -> Finding:
    seen = trial.once(_seen_step)
    if seen is None:
        return Finding.open(_NO_WORKFLOW)
    present = trial.tap.config["step_data_format"]
    refused = ""
    for form in (present, *(form for form in _FORMATS if form != present)):
        tap = trial.tap if form == present else trial.having(step_data_format=form)
        requests = tap.plans[StepSourceData.name].requests
        try:
            some = has_some(requests, *seen)
        except (VendorError, RetriesExhaustedError) as error:
            if not _is_about_format(error):
                raise
            some = False
        if some:
            return Finding(f"{refused}Rows come as {form}.", form)
        refused = refused or f"A step with rows gives none as {present}. "
    return Finding.failed(f"{refused}Nor does it in the other formats.")


def _is_about_format(error: VendorError | RetriesExhaustedError) -> bool:
    """Whether another format may come: this one is refused, or comes as something else."""
    if isinstance(error, VendorError):
        return error.status in _REFUSED
    return isinstance(error.__cause__, BadBodyError)


def _ask_empty(trial: Trial[GiosgTap]) -> Finding:
    found = trial.once(look)
    for series, _ in (*found.goals(), *found.steps()):
        response = found.post(series, path_of(series), found.before)
        words = {204: "HTTP 204, without a body", 404: "HTTP 404"}
        some = "rows" if _rows(response.content) else "a table without rows"
        return Finding(f"A day before the first event gives {words.get(response.status, some)}.")
    return Finding.open(_NO_WORKFLOW)


def _ask_length(trial: Trial[GiosgTap]) -> Finding:
    longest = trial.once(look).longest
    if longest.error is not None:
        raise longest.error
    if longest.refused is None:
        if longest.taken is None:
            return Finding.open(_NO_WORKFLOW)
        return Finding(f"An interval of {longest.taken.days} days is taken.")
    taken = f"one of {longest.taken.days} is taken" if longest.taken else "so are shorter ones"
    return Finding(
        f"An interval of {LENGTHS[0].days} days is refused (HTTP {longest.refused}), {taken}; the "
        "tap requests the halves of what is refused."
    )


def _ask_edges(trial: Trial[GiosgTap]) -> Finding:
    seen = trial.once(_seen_step)
    if seen is None:
        return Finding.open(_NO_WORKFLOW)
    series, active = seen
    path, found = path_of(series), trial.once(look)
    rows = _rows(_step_rows(trial, series, active))
    moment = next(_times(rows[0] if rows else None, active), None)
    if moment is None:
        return Finding.open("No column of a row holds the row's time.")
    here = Window(moment, moment)
    if _rows(found.post(series, path, here).content):
        return Finding("Both edges of an interval are included.")
    begins = _rows(found.post(series, path, Window(moment, moment + _SECOND)).content)
    ends = _rows(found.post(series, path, Window(moment - _SECOND, moment)).content)
    words = {True: "included", False: "excluded"}
    return Finding(
        f"An interval's start is {words[bool(begins)]}, its end {words[bool(ends)]}, as far as one "
        "row shows."
    )


def _times(row: Any, active: Window) -> Iterator[datetime]:  # noqa: ANN401  # any JSON
    """The times in a row that lie among its workflow's events."""
    cells = row.values() if isinstance(row, dict) else row if isinstance(row, list) else ()
    for cell in cells:
        try:
            moment = parse_time(cell)
        except (ValueError, TypeError, AttributeError):
            continue
        if (active.start is None or active.start <= moment) and moment <= active.end:
            yield moment


def _ask_step_zero(trial: Trial[GiosgTap]) -> Finding:
    found = trial.once(look)
    for series, active in found.steps():
        response = found.post(series, "step/0", active)
        if response.status in _REFUSED:
            return Finding(f"There is no step 0 (HTTP {response.status}).")
        return Finding(
            f"Step 0 is answered, {'with' if _rows(response.content) else 'without'} rows."
        )
    return Finding.open(_NO_WORKFLOW)


def _ask_sidedata(trial: Trial[GiosgTap]) -> Finding:
    found = trial.once(look)
    for workflow, active in (*found.active_workflows(interaction=True), *found.active_workflows()):
        day = last_days(active, timedelta(days=1))
        figures = trial.tap.giosg.sidedata(found.organization_id, workflow.id, day, STATS) or {}
        known = sorted(_DOCUMENTED & figures.keys())
        kind = "interaction" if workflow.is_interaction else "other"
        return Finding(
            f"For a workflow of type {kind} it has {', '.join(known) or 'no documented field'} and "
            f"{len(figures) - len(known)} other fields."
        )
    return Finding.open(_NO_WORKFLOW)


QUESTIONS: Final = (
    Question(
        name="goal-rows",
        text="How are rows of goals built, and how many columns do they have?",
        source="The samples are lost; sibling APIs have lists in the order of `fields`",
        handling="takes objects and lists; finds columns at discovery",
        ask=_ask_goal_rows,
    ),
    Question(
        name="step-rows",
        text="Are rows of steps built like those of goals?",
        source="The sample is lost",
        handling="takes objects and lists; csv is the default",
        ask=_ask_step_rows,
    ),
    Question(
        name="step-format",
        text="In which format do rows of steps come?",
        source="The download documents csv and xlsx; the response of the JSON endpoint is lost",
        handling="`step_data_format`, by default csv",
        setting="step_data_format",
        ask=_ask_format,
    ),
    Question(
        name="empty-window",
        text="What does an interval without events give: 404, 204, or an empty table?",
        source="404 is documented as no data found, and would be an unknown workflow's, too",
        handling="requests the workflow's info once; then 404 is an empty interval",
        ask=_ask_empty,
    ),
    Question(
        name="longest-interval",
        text="How long may an interval be?",
        source="The classic reporting API takes 180 days; nothing says whether that holds here",
        handling="`window`; an interval that giosg can't answer is halved",
        ask=_ask_length,
    ),
    Question(
        name="interval-edges",
        text="Are the start and the end of an interval included?",
        source="One sample ends at 23:59:59, another at midnight",
        handling="a row on an edge may come from both neighbours, under the same `row_id`",
        ask=_ask_edges,
    ),
    Question(
        name="step-zero",
        text="Is there a step 0?",
        source="0 is the source in `step_data`; whether the endpoint takes it is not said",
        handling="tries 1 to `max_step_index`; `step_indexes`",
        ask=_ask_step_zero,
    ),
    Question(
        name="sidedata",
        text="What is the sidedata of interaction workflows?",
        source="The page says that it differs, and does not show it",
        handling="finds its fields at discovery",
        ask=_ask_sidedata,
    ),
    Question(
        name="late-events",
        text="How late may events arrive?",
        source="Nothing is promised",
        handling="`lookback_days`, by default 2",
    ),
    Question(
        name="filters",
        text="Which properties may filters have, and how do several combine?",
        source="The section on filters was not readable",
        handling="passes `filters` on; a property that giosg has not implemented is a 406",
    ),
    Question(
        name="row-times",
        text="In which order do rows come, and in which zone are their times?",
        source="Not stated",
        handling="relies on no order; keeps times as they come",
    ),
)
