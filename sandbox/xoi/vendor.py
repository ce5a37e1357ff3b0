"""XOi as the sandbox serves it: its endpoints, written from XOi's documents."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.web import Request, Response, Route, as_json
from sandbox.xoi.access import API_KEY, API_SECRET, Access
from sandbox.xoi.graphql import Endpoint
from sandbox.xoi.habits import VARIANTS, Habits
from sandbox.xoi.queries import Queries
from sandbox.xoi.tenant import Tenant
from sandbox.xoi.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.world import World
    from sandbox.xoi.graphql import Resolvers

REPORTING = "/jobs-rest/prod/reporting-data"
TOKEN = "/users-rest/prod/token"  # noqa: S105  # a path


class Xoi:
    """The vendor of tap-xoi."""

    name = "xoi"
    variants = VARIANTS

    def __init__(self, world: World) -> None:
        """Draw the tenant."""
        self._habits = Habits(lambda variant: world.variant(self, variant))
        self._access = Access(world.clock, self._habits)
        self._tenant = Tenant(world)
        queries = Queries(self._tenant, self._habits)
        self._truth = Truth(self._tenant, queries, self._habits)

        def endpoint(sdl: str, resolvers: Resolvers) -> Endpoint:
            return Endpoint(sdl, resolvers, lambda: self._habits.status("graphql_error_status"))

        users_sdl = _sdl("users")
        with_phones = users_sdl.replace("given_name:", "phone_number: String\n  given_name:")
        content_sdl = _sdl("content")
        one_object = content_sdl.replace("content: [Content]", "content: Content")
        self._content = endpoint(content_sdl, queries.of_content())
        self._content_object = endpoint(one_object, queries.of_content())
        self._jobs = endpoint(_sdl("jobs"), queries.of_jobs())
        self._users = endpoint(users_sdl, queries.of_users())
        self._users_with_phones = endpoint(with_phones, queries.of_users())

    def routes(self) -> Sequence[Route]:
        """The token, the Data Reporting API and three GraphQL endpoints."""
        pair = f"{REPORTING}/job/{{job_id}}/workflow-job/{{workflow_job_id}}"
        return (
            Route("token", "POST", TOKEN, self._access.post),
            Route("token", "GET", TOKEN, self._access.get),
            Route("workflow_job_report", "GET", pair, self._report),
            Route("jobs_graphql", "POST", "/jobs/graphql", self._answer_jobs),
            Route("users_graphql", "POST", "/users/graphql", self._answer_users),
            Route("content_graphql", "POST", "/content/graphql", self._answer_content),
        )

    def settings(self, base_url: str) -> dict[str, Any]:
        """Settings of tap-xoi for this sandbox."""
        return {
            "api_key": API_KEY,
            "api_secret": API_SECRET,
            "token_url": f"{base_url}{TOKEN}",
            "jobs_url": f"{base_url}/jobs/graphql",
            "users_url": f"{base_url}/users/graphql",
            "content_url": f"{base_url}/content/graphql",
            "reporting_url": f"{base_url}{REPORTING}",
        }

    def truth(self, stream: str, source: str = "webhook_history") -> Iterable[dict[str, Any]]:
        """What a complete run must bring; see :meth:`Truth.of` for what is left out."""
        return self._truth.of(stream, source)

    def revoke_tokens(self) -> None:
        """Make every token invalid."""
        self._access.revoke()

    def _report(self, request: Request) -> Response:
        if not self._access.admits(request):
            return as_json({"message": "Unauthorized"}, self._habits.status("rest_auth_error"))
        job = self._tenant.job(request.params["job_id"])
        workflow = job and self._tenant.workflow(job, request.params["workflow_job_id"])
        if job and workflow:
            finished = workflow.uploaded <= self._tenant.now
            if finished or self._habits.unfinished_reports:
                return as_json(self._tenant.report(job, workflow, self._habits))
        status = self._habits.status("unknown_pair")
        return as_json({"message": HTTPStatus(status).phrase}, status)

    def _answer_jobs(self, request: Request) -> Response:
        return self._answer(self._jobs, request)

    def _answer_users(self, request: Request) -> Response:
        with_phones = self._habits.users_have_phones
        return self._answer(self._users_with_phones if with_phones else self._users, request)

    def _answer_content(self, request: Request) -> Response:
        as_list = self._habits.content_lists
        return self._answer(self._content if as_list else self._content_object, request)

    def _answer(self, endpoint: Endpoint, request: Request) -> Response:
        if self._access.admits(request):
            return endpoint.answer(request)
        error = {
            "errorType": "UnauthorizedException",
            "message": "Valid authorization header not provided.",
        }
        status = self._habits.status("graphql_auth_error")
        return as_json({"data": None, "errors": [error]}, status)


def _sdl(name: str) -> str:
    return Path(__file__).with_name(f"{name}.graphql").read_text("utf-8")
