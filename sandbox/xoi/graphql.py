"""A GraphQL endpoint as AWS AppSync serves it: scalars, errors with status 200, their form."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLScalarType,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from sandbox.web import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.web import Request, Response

    Resolvers = Mapping[str, Callable[[dict[str, Any]], Any]]

AWS_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(?:Z|([+-]\d\d:\d\d)(?::\d\d)?)"
)


class Refused(Exception):  # noqa: N818  # what AppSync calls an error is in its type
    """A resolver refuses, with AppSync's ``errorType``."""

    def __init__(self, message: str, error_type: str = "Lambda:Unhandled") -> None:
        """Refuse with a message for the client."""
        super().__init__(message)
        self.error_type = error_type


def aws_date_time(value: object) -> datetime:
    """Read an ``AWSDateTime``: extended ISO 8601, its offset compulsory."""
    match = AWS_DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        msg = f"Expected type AWSDateTime, found {value!r}"
        raise GraphQLError(msg)
    seconds, fraction, offset = match.groups()
    microseconds = (fraction or ".0")[:7].ljust(7, "0")
    return datetime.fromisoformat(f"{seconds}{microseconds}{offset or '+00:00'}")


class Endpoint:
    """One schema with its resolvers; each takes the ``input`` object of its root query."""

    def __init__(
        self,
        sdl: str,
        resolvers: Resolvers,
        error_status: Callable[[], int],
    ) -> None:
        """Serve the schema; ``error_status`` goes with answers that are nothing but errors."""
        self._schema = build_schema(sdl)
        self._error_status = error_status
        self._document = lru_cache(maxsize=64)(self._read)
        for scalar in self._schema.type_map.values():
            if isinstance(scalar, GraphQLScalarType) and scalar.name == "AWSDateTime":
                scalar.parse_value = aws_date_time  # type: ignore[method-assign]  # as graphql-core means it
        query = self._schema.query_type
        for name, resolver in resolvers.items():
            if query:
                query.fields[name].resolve = _with_input(resolver)

    def answer(self, request: Request) -> Response:
        """Answer a request whose body is ``{"query", "variables"}``."""
        try:
            body = request.json()
            query, variables = body["query"], body.get("variables") or {}
        except (ValueError, KeyError, TypeError, AttributeError):
            error = {"errorType": "MalformedHttpRequestException", "message": "No query"}
            return as_json({"errors": [error]}, 400)
        document = self._document(query)
        if not isinstance(document, DocumentNode):
            return as_json({"data": None, "errors": [*document]}, self._error_status())
        result = execute_sync(
            self._schema,
            document,
            variable_values=variables,
            operation_name=body.get("operationName"),
        )
        if result.errors:
            errors = [_error(error) for error in result.errors]
            status = 200 if result.data else self._error_status()
            return as_json({"data": result.data, "errors": errors}, status)
        return as_json({"data": result.data})

    def _read(self, query: str) -> DocumentNode | tuple[dict[str, Any], ...]:
        try:
            document = parse(query)
        except GraphQLError as error:
            return (_error(error),)
        return tuple(map(_error, validate(self._schema, document))) or document


def _with_input(resolver: Callable[[dict[str, Any]], Any]) -> Callable[..., Any]:
    def resolve(_root: None, _info: object, **arguments: Any) -> Any:  # noqa: ANN401  # graphql's
        return resolver(arguments["input"])

    return resolve


def _error(error: GraphQLError) -> dict[str, Any]:
    refused = error.original_error
    return {
        "path": error.path,
        "data": None,
        "errorType": refused.error_type if isinstance(refused, Refused) else "ValidationError",
        "errorInfo": None,
        "locations": [
            {"line": location.line, "column": location.column, "sourceName": None}
            for location in error.locations or ()
        ],
        "message": error.message,
    }
