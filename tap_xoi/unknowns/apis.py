"""Open questions about XOi's addresses and lists."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tap_kit.doctor.questions import Finding, Question
from tap_kit.errors import (
    CredentialsError,
    RetriesExhaustedError,
    UnreachableError,
    VendorError,
)
from tap_kit.time.clock import parse_time
from tap_xoi.client import ENVIRONMENTS, OTHER_STAGING
from tap_xoi.queries import LIST_JOBS, LIST_USERS
from tap_xoi.streams.lists import Jobs, Users
from tap_xoi.unknowns.account import (
    Asked,
    newest_documentation,
    newest_events,
    newest_jobs,
    older_documentation,
    oldest_event,
)

if TYPE_CHECKING:
    from tap_kit.doctor.questions import Trial
    from tap_kit.streams.context import TapContext

_IMPERATIVE = ("job_update", "job_delete")
_PAST = ("job_updated", "job_deleted")
_SMALLER = (100, 25, 10)
_REFUSED = frozenset({200, 400, 422})
"""Statuses of what is wrong with a request, 200 being that of GraphQL."""


def _ask_token(trial: Trial[TapContext]) -> Finding:
    tap = trial.tap
    try:
        _authorize(tap)
    except (UnreachableError, CredentialsError):
        if not is_default(tap, "token_url"):
            raise
        other = OTHER_STAGING["token_url"]
        try:
            _authorize(trial.authorized_by(token_url=other))
        except (UnreachableError, CredentialsError):
            pass
        else:
            return Finding("Only the address of the page's sample gives a token.", other)
        raise
    return Finding("The token endpoint gives a token.")


def _authorize(tap: TapContext) -> None:
    if tap.client.auth is not None:
        tap.client.auth.headers(tap.client)


def is_default(tap: TapContext, name: str) -> bool:
    """Whether an address is staging's own, of which XOi gives two spellings."""
    staging = tap.config["environment"] == "staging"
    return staging and tap.config.get(name) in {None, ENVIRONMENTS["staging"][name]}


# Lists


def _ask_history(trial: Trial[TapContext]) -> Finding:
    events = trial.once(newest_events).items
    present = trial.tap.config["workflow_job_source"]
    if events:
        oldest = parse_time(str(trial.once(oldest_event).items[0].get("firedAt")))
        text = f"There are events, the oldest of {(trial.tap.started_at - oldest).days} days ago."
        if not older_documentation(trial, oldest):
            return Finding(f"{text} No documentation is older.")
        return Finding(
            f"{text} Documentation is older: for the reports of those jobs, too, "
            "workflow_job_source must be documentation or job_summary."
        )
    if not trial.once(newest_documentation).items:
        return Finding.open("There are no events, but no documentation either.")
    text = "There are no events, though there is documentation."
    return Finding(text, "documentation" if present == "webhook_history" else None)


def _ask_event_names(trial: Trial[TapContext]) -> Finding:
    events = trial.once(newest_events).items
    if not events:
        return Finding.open("There are no events.")
    names = Counter(str(event.get("event")) for event in events)
    told = [f"{names[name]} {name}" for name in (*_IMPERATIVE, *_PAST) if names[name]]
    others = sum(count for name, count in names.items() if name not in {*_IMPERATIVE, *_PAST})
    told += [f"{others} of another name"] if others else []
    return Finding(f"Of the newest events are {', '.join(told)}.")


def _ask_organizations(trial: Trial[TapContext]) -> Finding:
    events = trial.once(newest_events).items
    if not events:
        return Finding.open("There are no events.")
    count = len({event.get("orgId") for event in events})
    return Finding(f"The newest events are of {count} organization{'s' * (count != 1)}.")


def _ask_page(trial: Trial[TapContext]) -> Finding:
    present = trial.tap.config["page_size"]
    query = {"type": "CREATED_AT", "ascending": False}
    refused = ""
    for size in (present, *(size for size in _SMALLER if size < present)):
        try:
            if size == present:
                jobs = trial.once(newest_jobs)
            else:
                given = {"limit": size, "dateQuery": query}
                jobs = Asked(trial.tap, LIST_JOBS, Jobs, given)
        except (VendorError, RetriesExhaustedError) as error:
            if _status(error) not in _REFUSED:
                raise
            refused = refused or f"A limit of {present} is refused. "
            continue
        return Finding(f"{refused}For a limit of {size} came {len(jobs.items)} jobs.", size)
    return Finding.failed(f"{refused}So are smaller ones.")


def _status(error: VendorError | RetriesExhaustedError) -> int | None:
    """The status of what was refused, or tried in vain."""
    failed = error if isinstance(error, VendorError) else error.__cause__
    return getattr(failed, "status", None)


def _ask_fields(trial: Trial[TapContext]) -> Finding:
    lists = {
        "Jobs": newest_jobs,
        "Documentation": newest_documentation,
        "Webhook history": newest_events,
    }
    told = [
        f"{name} lacks {', '.join(unknown)}"
        for name, look in lists.items()
        if (unknown := trial.once(look).unknown)
    ]
    return Finding(f"{'; '.join(told) or 'All fields are known'}.")


def _ask_phone(trial: Trial[TapContext]) -> Finding:
    users = Asked(trial.tap, LIST_USERS, Users, {"limit": 1})
    unknown = "phone_number" in users.unknown
    return Finding(f"The Users API {'does not know' if unknown else 'knows'} phone_number.")


QUESTIONS: Final = (
    Question(
        name="staging-token",
        text="At which host does staging give out tokens?",
        source="The guide's list says `staging.xoeye.com`, its sample `staging.xoi.io`",
        handling="`token_url`, by default the list's",
        setting="token_url",
        ask=_ask_token,
        authorizes=True,
    ),
    Question(
        name="largest-page",
        text="How many jobs may a page have?",
        source="A third party names 1 to 1000; XOi does not say",
        handling="`page_size`, by default 100",
        setting="page_size",
        ask=_ask_page,
    ),
    Question(
        name="webhook-history",
        text=(
            "Is there a webhook history without a registered webhook, and how far back does it go?"
        ),
        source="Not in the guides",
        handling=(
            "`workflow_job_source`; a first run that finds no events fails where jobs were "
            "completed, and warns where jobs are older than the events"
        ),
        setting="workflow_job_source",
        ask=_ask_history,
    ),
    Question(
        name="event-names",
        text="What are events called: job_update or job_updated?",
        source="The guide's list says one, its text the other",
        handling="matches by the beginning",
        ask=_ask_event_names,
    ),
    Question(
        name="organizations",
        text="Does one API key span several organizations?",
        source="Not in the guides; that there is an `orgId` hints so",
        handling="`orgId` is a column where XOi sends it",
        ask=_ask_organizations,
    ),
    Question(
        name="fields",
        text="Does this environment know all fields?",
        source="Most types come from one environment, at one time",
        handling="requests all, and goes on without those that XOi does not know",
        ask=_ask_fields,
    ),
    Question(
        name="phone-number",
        text="Does the Users API know phone_number?",
        source="The guide does not have it; the Jobs API's user does",
        handling="requests it, and goes on without where it is not known",
        ask=_ask_phone,
    ),
    Question(
        name="page-tokens",
        text="How long is a page's token good?",
        source="Not in the guides",
        handling="a token that is refused fails the stream; the next run begins at the bookmark",
    ),
    Question(
        name="limits",
        text="What limits are there on requests?",
        source="Not in the guides",
        handling="honours 429, 503 and `Retry-After`",
    ),
)
