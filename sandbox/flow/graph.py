"""The Query API: the ``jobs`` and ``users`` of one GraphQL endpoint.

docs: taps/flow/facts#query-api
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from graphql import (
    DocumentNode,
    ExecutionContext,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    NoSchemaIntrospectionCustomRule,
    build_schema,
    execute_sync,
    parse,
    specified_rules,
    validate,
)

from sandbox.flow.catalogue import INDEX_MASK
from sandbox.flow.formats import milliseconds, parsed
from sandbox.web import Response, as_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLLeafType, GraphQLResolveInfo, GraphQLSchema

    from sandbox.flow.access import Access
    from sandbox.flow.links import Links
    from sandbox.flow.team import Team
    from sandbox.web import Request
    from sandbox.world import World

Body = dict[str, Any]
Arguments = dict[str, Any]

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
        self._schemas = {
            "String": self._schema(SCHEMA.replace("DateTime", "String")),
            "DateTime": self._schema(SCHEMA + "scalar DateTime"),
        }
        self._checked = lru_cache(maxsize=128)(_checked)

    def _schema(self, sdl: str) -> GraphQLSchema:
        """The schema with its resolvers; plain fields are items of their record."""
        schema = build_schema(sdl)
        for kind in schema.type_map.values():
            if isinstance(kind, GraphQLObjectType) and "downloadUrl" in kind.fields:
                kind.fields["downloadUrl"].resolve = _resolve_download_url
        query, job = schema.type_map["Query"], schema.type_map["Job"]
        assert isinstance(query, GraphQLObjectType)  # noqa: S101  # the schema says so
        assert isinstance(job, GraphQLObjectType)  # noqa: S101  # likewise
        query.fields["jobs"].resolve = self._resolve_jobs
        query.fields["users"].resolve = self._resolve_users
        job.fields["step"].resolve = _resolve_step
        return schema

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
        schema = self._schemas[self._habit("datetime_arguments")]
        document = self._checked(schema, text, introspection=self._habit("introspection") == "on")
        if not isinstance(document, DocumentNode):
            return self._refused(document)
        result = execute_sync(
            schema,
            document,
            context_value=self._links.signer(request.base_url),
            variable_values=variables,
            operation_name=operation,
            execution_context_class=_AsStored,
        )
        for error in result.errors or ():
            if error.original_error and not isinstance(error.original_error, GraphQLError):
                raise error.original_error  # a mistake of the sandbox
        return self._refused(result.errors) if result.errors else as_json({"data": result.data})

    def _refused(self, errors: list[GraphQLError]) -> Response:
        body = {"errors": [error.formatted for error in errors], "data": None}
        return as_json(body, int(self._habit("graphql_status")))

    def _resolve_users(self, _root: None, _info: GraphQLResolveInfo) -> list[Body]:
        return [
            self._world.drifted("flow.query_users", user) for user in self._directory.query_users()
        ]

    def _resolve_jobs(
        self,
        _root: None,
        info: GraphQLResolveInfo,
        **arguments: Any,  # noqa: ANN401  # those of the schema
    ) -> list[Body]:
        wanted = _names_below(info)
        given = {name: value for name, value in arguments.items() if value is not None}
        return self._page(given, wanted | {"steps"} if "step" in wanted else wanted)

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


class _AsStored(ExecutionContext):
    """Serves values as they are: where drift gives a field another type, its schema has changed."""

    @staticmethod
    def complete_leaf_value(_return_type: GraphQLLeafType, result: Any) -> Any:  # noqa: ANN401  # any scalar
        return result


def _checked(
    schema: GraphQLSchema, text: str, *, introspection: bool
) -> DocumentNode | list[GraphQLError]:
    """The document, or what is wrong with it."""
    try:
        document = parse(text)
    except GraphQLError as error:
        return [error]
    rules = [*specified_rules, *(() if introspection else (NoSchemaIntrospectionCustomRule,))]
    return validate(schema, document, rules) or document


def _names_below(info: GraphQLResolveInfo) -> set[str]:
    """The names of a field and of all fields below it, at any depth."""
    names = set()
    left: list[Any] = [*info.field_nodes]
    while left:
        node = left.pop()
        if isinstance(node, FragmentSpreadNode):
            node = info.fragments[node.name.value]
        elif isinstance(node, FieldNode):
            names.add(node.name.value)
        if node.selection_set:
            left += node.selection_set.selections
    return names


def _refuse(message: str) -> NoReturn:
    raise GraphQLError(message)


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


def _resolve_download_url(record: Body, info: GraphQLResolveInfo) -> str:
    link: Callable[[str], str] = info.context
    return link(record["downloadUrl"])


def _resolve_step(
    job: Body,
    _info: GraphQLResolveInfo,
    *,
    search: list[str] | None = None,
    regexSearch: str | None = None,  # noqa: N803  # as the schema calls it
) -> Body | None:
    """The first step that matches by id, tag or title, or None."""
    steps: list[Body] = job["steps"] or []
    if regexSearch is not None:
        try:
            matches = re.compile(regexSearch).search
        except re.error as error:
            _refuse(f"Argument 'regexSearch': {error}")
        return next(
            (step for step in steps if matches(step["stepTag"]) or matches(step["stepTitle"])), None
        )
    return next(
        (
            step
            for trait in ("stepId", "stepTag", "stepTitle")
            for step in steps
            if step[trait] in (search or ())
        ),
        None,
    )
