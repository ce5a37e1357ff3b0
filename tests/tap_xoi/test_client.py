"""What XOi's pages leave open or get wrong, played by a vendor of a few lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox
from sandbox.web import Request, Response, Route, as_json
from tap_kit.errors import CredentialsError
from tap_xoi.tap import TapXoi
from tests.singer import Output, discover, select, sync
from tests.tap_xoi.conftest import REPORTS, Tenant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.world import World

PAIRS = [{"job_id": "j", "workflow_job_id": "w"}]


class Odd:
    """Answers GraphQL requests one after another as it is told, and one report."""

    name = "odd"
    variants: Mapping[str, tuple[str, ...]] = {}

    def __init__(self, responses: list[Any], report: object = None) -> None:
        self.responses = responses
        self.report = report
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, _: World) -> Odd:
        return self

    def routes(self) -> list[Route]:
        return [
            Route("token", "POST", "/token", lambda _: as_json({"token": "a-token"})),
            Route("graphql", "POST", "/graphql", self._graphql),
            Route("report", "GET", "/job/{job}/workflow-job/{workflow}", self._report),
        ]

    def settings(self, base_url: str) -> dict[str, Any]:
        return {
            "api_key": "odd-key",
            "api_secret": "odd-secret",
            "token_url": f"{base_url}/token",
            "jobs_url": f"{base_url}/graphql",
            "users_url": f"{base_url}/graphql",
            "reporting_url": f"{base_url}/",
            "workflow_jobs": PAIRS,
            "start_date": "2024-01-01",
            "window": "year",
            "end_date": "2025-01-01",
            "max_attempts": 1,
        }

    def truth(self, _: str) -> Iterable[dict[str, Any]]:
        return ()

    def revoke_tokens(self) -> None: ...

    def _graphql(self, request: Request) -> Response:
        self.bodies.append(request.json())
        response = self.responses.pop(0)
        if isinstance(response, Response):
            return response
        # The standard library writes half an emoji as what it is.
        return Response(json.dumps(response).encode(), content_type="application/json")

    def _report(self, _: Request) -> Response:
        return as_json(self.report)


def run(odd: Odd, *streams: str, **settings: Any) -> Output:  # noqa: ANN401  # each has its own
    with Sandbox(vendors=[odd]) as sandbox:
        config = {**sandbox.settings("odd"), **settings}
        return sync(TapXoi, config, catalog=select(discover(TapXoi, config), *streams))


def jobs(*ids: str, token: str | None = "") -> dict[str, Any]:
    items = [{"id": one, "createdAt": "2024-02-01T00:00:00Z"} for one in ids]
    return {"data": {"listJobs": {"jobConnection": {"items": items, "nextToken": token}}}}


def ids(output: Output) -> list[str]:
    return [row["id"] for row in output.records["jobs"]]


def test_tokens_are_followed_over_short_and_empty_pages() -> None:
    odd = Odd([jobs("a", token="1"), jobs(token="2"), jobs("b", token=None)])
    assert ids(run(odd, "jobs")) == ["a", "b"]
    assert [body["variables"]["input"]["nextToken"] for body in odd.bodies] == ["", "1", "2"]
    assert odd.bodies[0]["variables"]["input"] == {
        "limit": 100,
        "nextToken": "",
        "dateQuery": {
            "type": "CREATED_AT",
            "gte": "2024-01-01T00:00:00Z",
            "lte": "2025-01-01T00:00:00Z",
            "ascending": True,
        },
    }


def test_a_token_that_leads_nowhere_is_an_error() -> None:
    output = run(Odd([jobs("a", token="1"), jobs("b", token="1")]), "jobs")
    assert "its nextToken came before, so reading would never end" in output.failures["jobs"]
    assert ids(output) == ["a", "b"]


def test_no_content_is_the_end() -> None:
    output = run(Odd([jobs("a", token="1"), Response(status=204)]), "jobs")
    assert output.failures == {}
    assert ids(output) == ["a"]


@pytest.mark.parametrize("tokens", ["ABAB", "ABCB"])
def test_tokens_that_lead_in_a_circle_are_an_error(tokens: str) -> None:
    pages = [jobs(str(place), token=token) for place, token in enumerate(tokens)]
    odd = Odd([*pages, jobs("z")])

    failure = run(odd, "jobs").failures["jobs"]

    assert "POST listJobs goes in a circle: its nextToken came before" in failure
    assert len(odd.bodies) == 3 + (tokens == "ABCB")


@pytest.mark.parametrize("cycle", ["a", "ab"])
@pytest.mark.parametrize("name", ["", "Customer {}"])
def test_items_that_only_repeat_are_an_error(cycle: str, name: str) -> None:
    """Even where something else about them differs each time."""
    pages = [jobs(cycle[number % len(cycle)], token=str(number)) for number in range(50)]
    for number, page in enumerate(pages):
        page["data"]["listJobs"]["jobConnection"]["items"][0]["customerName"] = name.format(number)
    odd = Odd([*pages])

    failure = run(odd, "jobs").failures["jobs"]

    assert "POST listJobs does not move: 3 responses in a row brought nothing new" in failure
    assert len(odd.bodies) == len(cycle) + 3


@pytest.mark.parametrize(
    "response",
    [
        {"data": {"listJobs": None}},
        {"data": {"listJobs": {"jobConnection": None}}},
        {"data": {"listJobs": {"jobConnection": {"items": None, "nextToken": None}}}},
        {"data": {"listJobs": {"jobConnection": {"items": [None], "nextToken": None}}}},
    ],
)
def test_a_null_connection_is_an_empty_page(response: dict[str, Any]) -> None:
    output = run(Odd([response]), "jobs")
    assert output.failures == {}
    bookmark = output.state["bookmarks"]["jobs"]["replication_key_value"]
    assert (ids(output), bookmark) == ([], "2025-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "response",
    [
        {"data": {}},
        {"data": {"getJob": {}}},
        {"data": None},
        {"message": "Internal failure"},
        {"data": {"listJobs": {"jobConnection": {"items": {}}}}},
        {"data": {"listJobs": {"jobConnection": {"items": ["a"], "nextToken": ""}}}},
        {"data": {"listJobs": {"jobConnection": {"items": [[]], "nextToken": ""}}}},
        {"data": {"listJobs": {"jobConnection": {"items": [], "nextToken": {"a": 1}}}}},
        {"data": {"listJobs": {"jobConnection": {"items": [], "nextToken": 7}}}},
        {"data": {"listJobs": {"jobConnection": []}}},
        {"data": {"listJobs": {"jobConnection": {"nextToken": ""}}}},
        {"data": {"listJobs": {"jobConnection": {}}}},
        {"data": {"listJobs": {}}},
        {**jobs("a"), "errors": [{"message": "Resolver timed out"}]},
        {**jobs(), "errors": [{"message": "Nothing to see", "path": ["listJobs"]}]},
    ],
)
def test_anything_else_is_never_an_empty_page(response: dict[str, Any]) -> None:
    output = run(Odd([response, response]), "jobs", max_attempts=2)
    assert output.failures.keys() == {"jobs"}
    assert "unexpected" not in output.failures["jobs"]
    assert not output.records
    assert output.state == {"bookmarks": {}}


@pytest.mark.parametrize(
    "report",
    [
        {"message": "Internal server error"},
        {"jobId": "j", "workflowJobId": "w", "error": "it broke"},
        {"error": "it broke"},
        [],
        {},
    ],
)
def test_an_error_is_no_report(report: object) -> None:
    output = run(Odd([], report), *REPORTS, workflow_job_source="config")
    assert output.failures
    assert not output.records


def test_half_an_emoji_is_replaced_before_ids_are_made(caplog: pytest.LogCaptureFixture) -> None:
    event = {"event": "job_update", "firedAt": "2024-02-01T00:00:00Z", "jobId": "j\ud83d"}
    page = {"webhookHistoryConnection": {"items": [event], "nextToken": ""}}
    odd = Odd([{"data": {"listWebhookHistory": page}}])

    output = run(odd, "webhook_history")

    assert [row["jobId"] for row in output.records["webhook_history"]] == ["j\ufffd"]
    told = [message for message in caplog.messages if "targets can't store" in message]
    assert len(told) == 1
    assert "stream webhook_history: field jobId" in told[0]


def unknown(*fields: str) -> dict[str, Any]:
    """How AppSync refuses a document."""
    return {
        "data": None,
        "errors": [
            {
                "path": None,
                "message": f"Validation error of type FieldUndefined: Field '{field}' in type "
                f"'Job' is undefined @ 'listJobs/jobConnection/items/{field}'",
            }
            for field in fields
        ],
    }


def test_a_field_that_xoi_does_not_know_is_told_and_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    refusal = unknown("integrationEntityId", "internalNote")
    odd = Odd([refusal, unknown("label"), jobs("a", token="1"), jobs("b")])
    assert ids(run(odd, "jobs")) == ["a", "b"]
    first, second, third, last = (body["query"] for body in odd.bodies)
    assert "integrationEntityId { namespace id }" in first
    assert "integrationEntityId" not in second
    assert "internalNote" not in second
    assert "label" in second
    assert "label" not in third
    assert last == third
    told = {
        record.args[0]: record.levelname  # type: ignore[index]  # one argument
        for record in caplog.records
        if "XOi doesn't know the field" in record.msg
    }
    # That XOi gives up what it calls deprecated is no surprise.
    assert told == {"integrationEntityId": "INFO", "internalNote": "WARNING", "label": "WARNING"}


def test_without_its_key_a_stream_fails() -> None:
    output = run(Odd([unknown("createdAt")]), "jobs")
    assert "Field 'createdAt' in type 'Job' is undefined" in output.failures["jobs"]


def report(**more: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    return {"jobId": "j", "workflowJobId": "w", "createdAt": "2024-02-01T00:00:00Z", **more}


@pytest.mark.parametrize(
    ("sent", "written"), [(None, None), ("None", None), ({}, {}), ({"a": None}, {"a": None})]
)
def test_no_step_data_is_null_and_empty_stays_empty(sent: object, written: object) -> None:
    output = run(Odd([], report(stepData=sent)), *REPORTS, workflow_job_source="config")
    [row] = output.records[REPORTS[0]]
    assert row["stepData"] == written
    assert len(output.records[REPORTS[1]]) == len(written or ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("completed", "changed"),
    [("2024-02-02T00:00:00Z", "2024-02-02T00:00:00Z"), (None, "2024-02-01T00:00:00Z")],
)
def test_a_configured_pair_changed_when_it_was_completed(
    completed: str | None, changed: str
) -> None:
    response = report(completedAt=completed, stepData={"a": {"value": 1}})
    output = run(Odd([], response), *REPORTS, workflow_job_source="config")
    assert [output.records[name][0]["changedAt"] for name in REPORTS] == [changed, changed]


@pytest.mark.parametrize("response", [{"message": "Internal server error"}, [], None, "None"])
def test_what_is_no_report_is_an_error(response: object) -> None:
    output = run(Odd([], response), *REPORTS, workflow_job_source="config")
    assert "no report" in output.failures[REPORTS[0]]


def test_step_data_of_another_type_fails_the_reports_alone() -> None:
    output = run(Odd([], report(stepData="all good")), *REPORTS, workflow_job_source="config")
    assert output.failures.keys() == {REPORTS[0]}
    assert "stepData is declared as object" in output.failures[REPORTS[0]]


def test_ids_are_encoded_in_the_path() -> None:
    odd = Odd([], report())
    pairs = [{"job_id": "é:1", "workflow_job_id": "w+&=1"}]
    with Sandbox(vendors=[odd]) as sandbox:
        config = {**sandbox.settings("odd"), "workflow_job_source": "config"}
        sync(
            TapXoi,
            {**config, "workflow_jobs": pairs},
            catalog=select(discover(TapXoi, config), *REPORTS),
        )
        [asked] = sandbox.journal.for_route("odd", "report")
    assert asked.path == "/job/%C3%A9%3A1/workflow-job/w%2B%26%3D1"


def test_fields_that_xoi_adds_to_reports_are_kept(tenant: Tenant) -> None:
    tenant.sandbox.drift("xoi.workflow_job_reports", {"technician": "Ada"})
    rows = tenant.run(REPORTS[0]).records[REPORTS[0]]
    assert all(row["extra_columns"] == {"technician": "Ada"} for row in rows)


def test_what_is_deselected_is_not_asked_for(tenant: Tenant) -> None:
    left_out = [("jobs", "customerEmail"), ("jobs", "internalNote"), ("documentation", "stepName")]
    output = tenant.run("jobs", "documentation", without=left_out)
    listed, documented = (
        next(body for body in tenant.asked("jobs_graphql") if name in body)
        for name in ("listJobs", "listDocumentation")
    )
    assert "customerName" in listed
    assert "customerEmail" not in listed
    assert "internalNote {" not in listed
    # Rows are known by it.
    assert "stepName" in documented
    assert all("stepName" not in row for row in output.records["documentation"])
    whole = tenant.run("documentation")
    assert [row["row_id"] for row in output.records["documentation"]] == [
        row["row_id"] for row in whole.records["documentation"]
    ]


def test_the_token_is_the_whole_header(tenant: Tenant) -> None:
    tenant.run("users")
    [token] = tenant.sandbox.journal.for_route("xoi", "token")
    assert (token.method, token.body) == (
        "POST",
        '{"api_key":"sandbox-xoi-key","api_secret":"sandbox-xoi-secret"}',
    )
    assert "authorization" not in token.headers
    asked = tenant.sandbox.journal.for_route("xoi", "users_graphql")
    assert all(entry.headers["authorization"].count(" ") == 0 for entry in asked)


@pytest.mark.parametrize("refusal", ["401", "200_without_token", "403"])
def test_wrong_credentials_name_their_settings(
    tenant_of: Callable[..., Tenant], refusal: str
) -> None:
    tenant = tenant_of(token_refusal=refusal)
    with pytest.raises(CredentialsError, match=r"api_key.*api_secret") as caught:
        tenant.run(api_secret="wrong-secret")
    assert "wrong-secret" not in str(caught.value)
    assert len(tenant.asked("token")) == 1


def test_a_token_is_replaced_before_its_hour_is_over(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tap = TapXoi(config=tenant.config)
    auth = tap.auth()
    now = 0.0
    monkeypatch.setattr(auth, "_clock", lambda: now)
    assert auth is not None
    first = auth.headers(tap.client)
    now = 54 * 60.0
    assert auth.headers(tap.client) == first
    now = 56 * 60.0
    assert auth.headers(tap.client) != first
    assert len(tenant.asked("token")) == 2
