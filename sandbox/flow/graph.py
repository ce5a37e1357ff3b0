"""The Query API: the ``jobs`` and ``users`` of one GraphQL endpoint.

docs: taps/flow/facts#query-api
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec
from graphql import GraphQLError, build_schema

from sandbox.flow.catalogue import INDEX_MASK
from sandbox.flow.document import Documents, RefusedError
from sandbox.flow.formats import milliseconds, parsed
from sandbox.web import Response, as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sandbox.flow.access import Access
    from sandbox.flow.document import Arguments, Body, Compute
    from sandbox.flow.links import Links
    from sandbox.flow.team import Team
    from sandbox.web import Request
    from sandbox.world import World

SCHEMA = Path(__file__).with_name("schema.graphql").read_text("utf-8")
DEFAULT_LIMIT = 50
MAX_LIMIT = 100
GROUPS = (
    ("workflowId", "workflowTitle", "workflowTag", "workflowTagsOr", "workflowTagsAnd"),
    ("userName", "userId"),
    ("jobTitle", "jobId"),
)
"""Of each only one may be given (3.5.2.1-3.5.2.3)."""
TIMES = ("createdSince", "createdBefore", "updatedSince", "updatedBefore")
UNREADABLE = {"both": "?", "dash_only": "/", "slash_only": "-"}
"""What a date may not have, by the variant ``dates``."""
PAGING = {"limit", "order", "cursor"}


class QueryApi:
    """The endpoint behind both of its paths."""

    def __init__(
        self,
        world: World,
        team: Team,
        *,
        access: Access,
        links: Links,
        habit: Callable[[str], str],
    ) -> None:
        """Build the schema; ``habit`` gives the variant in force."""
        self._world = world
        self._jobs = team.jobs
        self._directory = team.directory
        self._access = access
        self._links = links
        self._habit = habit
        self._documents = {
            "String": _documents(SCHEMA.replace("DateTime", "String"), habit),
            "DateTime": _documents(SCHEMA + "scalar DateTime", habit),
        }

    def at(
        self, place: str, handler: Callable[[Request], Response]
    ) -> Callable[[Request], Response]:
        """The handler at one of the two paths, which may not be there."""

        def answer(request: Request) -> Response:
            if self._habit("graph_path") in (place, "both"):
                return handler(request)
            return as_json({"message": "Not Found"}, 404)

        return answer

    def get(self, request: Request) -> Response:
        """``GET ?query=...``."""
        query = request.query
        try:
            variables = json.loads(query.get("variables") or "{}")
        except ValueError:
            variables = None
        return self._answer(request, query.get("query"), variables, query.get("operationName"))

    def post(self, request: Request) -> Response:
        """``POST`` with a JSON body."""
        if not request.headers.get("content-type", "").startswith("application/json"):
            return as_json({"message": "Unsupported Media Type"}, 415)
        try:
            body = request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return as_json({"message": "The body is not a JSON object."}, 400)
        return self._answer(
            request, body.get("query"), body.get("variables") or {}, body.get("operationName")
        )

    def _answer(
        self, request: Request, text: object, variables: object, operation: str | None
    ) -> Response:
        refusal = self._access.query_refusal(request)
        if refusal:
            return refusal
        if not isinstance(text, str) or not isinstance(variables, dict):
            return as_json({"message": "No query, or variables that are not an object."}, 400)
        link = self._links.signer(request.base_url)
        resolvers = {
            "jobs": self._resolve_jobs,
            "users": lambda _, __: lambda _: self._users(),
            "step": _resolve_step,
            "downloadUrl": lambda _, __: lambda record: link(record["downloadUrl"]),
        }
        documents = self._documents[self._habit("datetime_arguments")]
        try:
            projection = documents.compiled(text, variables, operation, resolvers)
            data = projection.of({})
        except RefusedError as refused:
            errors = [error.formatted for error in refused.errors]
            return as_json({"errors": errors, "data": None}, int(self._habit("graphql_status")))
        return Response(msgspec.json.encode({"data": data}))

    def _users(self) -> list[Body]:
        return [
            self._world.drifted("flow.query_users", user) for user in self._directory.query_users()
        ]

    def _resolve_jobs(self, arguments: Arguments, names: Collection[str]) -> Compute:
        wanted = {"steps", *names} if "step" in names else {*names}
        given = {name: value for name, value in arguments.items() if value is not None}
        return lambda _: self._page(given, wanted)

    def _page(self, given: Arguments, wanted: set[str]) -> list[Body]:
        self._check(given)
        now = milliseconds(self._world.clock.now())
        state = self._jobs.catalogue.at(now)
        keys = self._matching(given, now)
        cursor = given.get("cursor")
        key = None
        if cursor is not None:
            key = self._jobs.catalogue.key(cursor, now)
            if key is None:
                _refuse(f"Cursor '{cursor}' is not valid")
        limit = given.get("limit", DEFAULT_LIMIT)
        if given.get("order", "asc") == "asc":
            begin = 0 if key is None else bisect_right(keys, key)
            page = keys[begin : begin + limit]
        else:
            end = len(keys) if key is None else bisect_left(keys, key)
            page = keys[max(0, end - limit) : end][::-1]
        render = self._jobs.render
        return [render(key & INDEX_MASK, state, now, wanted) for key in page]

    def _check(self, given: Arguments) -> None:
        limit = given.get("limit", DEFAULT_LIMIT)
        if not 1 <= limit <= MAX_LIMIT:
            _refuse(f"Argument 'limit' must be between 1 and {MAX_LIMIT}, not {limit}")
        if given.get("order", "asc") not in ("asc", "desc"):
            _refuse("Argument 'order' must be 'asc' or 'desc'")
        for group in GROUPS:
            rivals = [name for name in group if name in given]
            if len(rivals) > 1:
                if self._habit("exclusive_filters") == "error":
                    _refuse(f"Only one of {', '.join(rivals)} may be given")
                for name in rivals[1:]:
                    del given[name]
        filters = given.keys() - PAGING
        if filters and "cursor" in given and self._habit("cursor_filters") == "error":
            _refuse(f"'cursor' can't be combined with {', '.join(sorted(filters))}")

    def _matching(self, given: Arguments, now: int) -> list[int]:
        times = {name: self._time(name, given[name]) for name in TIMES if name in given}
        tests = [_TESTS[name](given[name]) for group in GROUPS for name in group if name in given]
        created = times.get("createdSince"), times.get("createdBefore")
        jobs = self._jobs

        def test(job: int) -> bool:
            since, before = created
            at = jobs.course(job).created
            if (since is not None and at < since) or (before is not None and at >= before):
                return False
            if tests:
                traits = jobs.traits(job)
                return all(passes(traits) for passes in tests)
            return True

        filters = {name: value for name, value in given.items() if name not in PAGING}
        return jobs.catalogue.matching(
            jobs.catalogue.at(now),
            json.dumps([self._habit("bounds"), filters]),
            since=times.get("updatedSince"),
            before=times.get("updatedBefore"),
            test=test if tests or created != (None, None) else None,
        )

    def _time(self, name: str, text: object) -> int:
        """The bound as the first millisecond inside (since) or outside (before)."""
        literal = str(text)
        try:
            at = parsed(literal)
        except ValueError as error:
            _refuse(f"Argument '{name}': {error}")
        if UNREADABLE[self._habit("dates")] in literal[:8]:
            _refuse(f"Argument '{name}': '{literal}' is not a valid date and time")
        bounds = self._habit("bounds")
        if name.endswith("Since"):
            return at + 1 if bounds == "exclusive" else at
        return at + 1 if bounds == "inclusive" else at


def _documents(schema: str, habit: Callable[[str], str]) -> Documents:
    return Documents(build_schema(schema), introspection=lambda: habit("introspection") == "on")


def _refuse(message: str) -> NoReturn:
    raise RefusedError(GraphQLError(message, path=["jobs"]))


def _among(trait: str) -> Callable[[list[str]], Callable[[Body], bool]]:
    return lambda values: lambda traits: traits[trait] in values


_TESTS: dict[str, Callable[[Any], Callable[[Body], bool]]] = {
    **{
        name: _among(name)
        for name in ("workflowId", "workflowTitle", "userName", "userId", "jobTitle", "jobId")
    },
    "workflowTag": lambda tag: lambda traits: tag in traits["workflowTags"],
    "workflowTagsOr": lambda tags: lambda traits: not {*tags}.isdisjoint(traits["workflowTags"]),
    "workflowTagsAnd": lambda tags: lambda traits: {*tags} <= {*traits["workflowTags"]},
}


def _resolve_step(arguments: Arguments, _: Collection[str]) -> Compute:
    """The first step that matches by id, tag or title, or None (3.5.3.4)."""
    pattern = arguments.get("regexSearch")
    try:
        matches = re.compile(pattern or "").search
    except re.error as error:
        _refuse(f"Argument 'regexSearch': {error}")
    terms = arguments.get("search") or []

    def found(job: Body) -> Body | None:
        steps: list[Body] = job["steps"] or []
        if pattern is not None:
            texts = ((step, step["stepTag"], step["stepTitle"]) for step in steps)
            return next((row[0] for row in texts if any(map(matches, row[1:]))), None)
        for trait in ("stepId", "stepTag", "stepTitle"):
            for step in steps:
                if step[trait] in terms:
                    return step
        return None

    return found
