"""Open questions about who may ask, and about the list of workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_giosg.unknowns.account import STATS, first_page
from tap_kit.doctor.questions import Finding, Question
from tap_kit.errors import PermissionDeniedError, StreamError, TokenRefusedError, VendorError
from tap_kit.http.request import Request

if TYPE_CHECKING:
    from tap_giosg.unknowns.account import GiosgTap
    from tap_kit.doctor.questions import Trial

_SCHEMES = ("Token", "Bearer")


def _ask_scheme(trial: Trial[GiosgTap]) -> Finding:
    present = trial.tap.config["auth_scheme"]
    try:
        _knock(trial.tap)
    except TokenRefusedError:
        (other,) = (scheme for scheme in _SCHEMES if scheme != present)
        try:
            _knock(trial.authorized_by(auth_scheme=other))
        except TokenRefusedError:
            pass
        else:
            return Finding(f"{present} is refused (HTTP 401), {other} is accepted.", other)
        raise
    return Finding(f"{present} is accepted.", present)


def _knock(tap: GiosgTap) -> None:
    """Send what shows whether the token is accepted; any other refusal shows that it is."""
    try:
        first_page(tap)
    except (VendorError, StreamError) as error:
        if not isinstance(error, VendorError) and not isinstance(error.__cause__, VendorError):
            raise


def _ask_organization(trial: Trial[GiosgTap]) -> Finding:
    tap = trial.tap
    given = tap.config.get("organization_id")
    try:
        own = tap.giosg.owner(STATS).get("organization_id")
    except VendorError as error:
        text = f"The token may not ask for its owner (HTTP {error.status})."
        if given:
            return Finding(text)
        return Finding.failed(f"{text} Set organization_id.")
    if not own:
        text = "The token's owner has no organization_id."
        return Finding(text) if given else Finding.failed(f"{text} Set organization_id.")
    if not given or given == own:
        return Finding(
            "The token's owner belongs to an organization, which is the one that is read."
        )
    try:
        first_page(tap)
    except PermissionDeniedError as error:
        text = "The setting names another one than the token's own"
        return Finding(f"{text}, and giosg refuses it (HTTP {error.status}).", leave_out=True)
    return Finding("The setting names another one than the token's own; giosg lists its workflows.")


def _ask_list(trial: Trial[GiosgTap]) -> Finding:
    tap = trial.tap
    organization_id = tap.organization.id(STATS)
    pages = tap.giosg.workflow_pages(organization_id, STATS)
    first = next(pages, [])
    kind = tap.client.fetch(
        Request("GET", tap.giosg.workflows_url(organization_id), "GET /workflows"),
        lambda response: "pages" if isinstance(response.json(), dict) else "a bare list",
        STATS,
    )
    return Finding(f"The list comes as {kind}; the first response has {len(first)} workflows.")


QUESTIONS: Final = (
    Question(
        name="auth-scheme",
        text="Do reporting endpoints take Token or Bearer?",
        source=(
            "The page on tokens says `Token` for API tokens; the samples of step downloads and "
            "pipelines send `Bearer`"
        ),
        handling="`auth_scheme`, by default `Token`",
        setting="auth_scheme",
        ask=_ask_scheme,
        authorizes=True,
    ),
    Question(
        name="organization",
        text="May the token ask for its owner, and does its organization list workflows?",
        source="A user belongs to one organization; no page says whether a token may read another",
        handling="takes the token's own, unless `organization_id` is set",
        setting="organization_id",
        ask=_ask_organization,
    ),
    Question(
        name="workflow-list",
        text="Is the list of workflows bare, or does it come in pages?",
        source="Not stated; APIs beside it have both forms",
        handling="takes both forms",
        ask=_ask_list,
    ),
    Question(
        name="complete-list",
        text="Does the list have every workflow that has reports?",
        source="Not stated",
        handling="`workflow_ids` adds others",
    ),
    Question(
        name="limits",
        text="What limits are there on requests?",
        source="No page names any",
        handling="honours 429, 503 and `Retry-After`",
    ),
)
