"""GraphQL documents: parsed and validated by graphql-core, projected by ourselves.

graphql-core resolves field by field, which for a page of a hundred jobs with their steps takes
many times as long as making them. Here the rows are plain dicts that a compiled selection copies
from. Validated documents are kept, whatever the strings in them (cursors, times).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    execute_sync,
    get_named_type,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import (
    get_argument_values,
    get_directive_values,
    get_variable_values,
)

if TYPE_CHECKING:
    from graphql import SelectionNode, SelectionSetNode

Body = dict[str, Any]
Arguments = dict[str, Any]
Compute = Callable[[Body], Any]
"""Makes a field's value from the record it belongs to."""

MARK = "\ue000"
"""Stands before the number of a string that was taken out of a document."""
_STRINGS = re.compile(r'#[^\n\r]*|"""(?:[^"\\]|\\.|"(?!""))*"""|("(?:[^"\\\n\r]|\\.)*")', re.DOTALL)


class RefusedError(Exception):
    """What ends in an ``errors`` list."""

    def __init__(self, *errors: GraphQLError) -> None:
        """Take the errors."""
        super().__init__(*errors)
        self.errors = errors


Resolver = Callable[[Arguments, Collection[str]], Compute]
"""Makes a field's value from its arguments and the names of what is selected below it."""


class Field(NamedTuple):
    """One field of a selection."""

    key: str
    """Its name in the response."""
    name: str
    below: Projection | None
    """For an object or a list of them."""
    compute: Compute | None
    """None where the record has the value under the name."""


class Projection:
    """Copies what a selection takes of a record."""

    def __init__(self, fields: list[Field]) -> None:
        """Prepare: the plain fields of a record are copied all at once."""
        plain = [field for field in fields if not (field.below or field.compute)]
        self.names = {field.name for field in fields}
        """Of the fields at any depth."""
        for field in fields:
            self.names |= field.below.names if field.below else set()
        self._empty = dict.fromkeys([field.key for field in fields])
        self._keys = [field.key for field in plain]
        self._values = _getter([field.name for field in plain])
        self._others = [
            (field.key, field.compute or itemgetter(field.name), field.below)
            for field in fields
            if field.below or field.compute
        ]

    def of(self, record: Body) -> Body:
        """The record as the response shows it, in the order of the selection."""
        out = self._empty.copy()
        out.update(zip(self._keys, self._values(record), strict=True))
        for key, compute, below in self._others:
            value = compute(record)
            if below and value is not None:
                of = below.of
                value = [of(item) for item in value] if isinstance(value, list) else of(value)
            out[key] = value
        return out


def _getter(names: list[str]) -> Callable[[Body], Sequence[Any]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda record: [record[name] for name in names]


class Documents:
    """Understands the documents of one schema."""

    def __init__(self, schema: GraphQLSchema, *, introspection: Callable[[], bool]) -> None:
        """Keep the documents that were validated last; ``introspection``: is it allowed."""
        self._schema = schema
        self._introspection = introspection
        self._validated = lru_cache(maxsize=128)(self._validate)

    def compiled(
        self,
        text: str,
        variables: dict[str, Any],
        operation: str | None,
        resolvers: Mapping[str, Resolver],
    ) -> Projection:
        """Parse, validate and compile; ``resolvers`` go by the names of fields, on any type.

        Raises:
            RefusedError: the document is not valid.
        """
        general, strings = _generalised(text)
        document, errors = self._validated(general)
        if errors:
            # Once more with its own words, for the message.
            document, errors = self._validate(text)
            strings = []
        if document is None or errors:
            raise RefusedError(*errors)
        chosen = get_operation_ast(document, operation)
        query_type = self._schema.query_type
        if chosen is None or query_type is None:
            raise RefusedError(GraphQLError("Must provide the name of one operation."))
        values = get_variable_values(self._schema, chosen.variable_definitions or (), variables)
        if isinstance(values, list):
            raise RefusedError(*values)

        def introspected(name: str) -> Resolver:
            def resolve(_: Arguments, __: Collection[str]) -> Compute:
                return lambda _: self._introspected(text, variables, operation)[name]

            return resolve

        compiler = _Compiler(document, values, strings, resolvers, introspected)
        return compiler.projection(query_type, [chosen.selection_set])

    def _validate(self, text: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
        try:
            document = parse(text)
        except GraphQLError as error:
            return None, [error]
        return document, validate(self._schema, document)

    def _introspected(self, text: str, variables: Body, operation: str | None) -> Body:
        if not self._introspection():
            raise RefusedError(GraphQLError("Introspection is not allowed."))
        result = execute_sync(
            self._schema, parse(text), variable_values=variables, operation_name=operation
        )
        return result.data or {}


def _generalised(text: str) -> tuple[str, list[str]]:
    """The document with numbers in place of its strings, and the strings."""
    strings: list[str] = []

    def numbered(match: re.Match[str]) -> str:
        literal: str | None = match[1]
        if literal is None:
            return match[0]
        strings.append(json.loads(literal))
        return f'"{MARK}{len(strings) - 1}"'

    try:
        return _STRINGS.sub(numbered, text), strings
    except ValueError:
        return text, []


class _Compiler:
    """Makes the selection of one request."""

    def __init__(
        self,
        document: DocumentNode,
        variables: dict[str, Any],
        strings: list[str],
        resolvers: Mapping[str, Resolver],
        introspected: Callable[[str], Resolver],
    ) -> None:
        self._variables = variables
        self._strings = strings
        self._resolvers = resolvers
        self._introspected = introspected
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def projection(
        self, parent: GraphQLObjectType, nodes: Iterable[SelectionSetNode]
    ) -> Projection:
        """The fields of some selection sets, those with one key merged."""
        fields: dict[str, list[FieldNode]] = {}
        for node in nodes:
            self._collect(node, fields)
        return Projection([self._field(parent, key, same) for key, same in fields.items()])

    def _field(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Field:
        name = nodes[0].name.value
        if name == "__typename":
            return Field(key, name, None, lambda _: parent.name)
        if name.startswith("__"):
            return Field(key, name, None, self._introspected(key)({}, ()))
        definition = parent.fields[name]
        try:
            arguments = get_argument_values(definition, nodes[0], self._variables)
        except GraphQLError as error:
            raise RefusedError(error) from error
        below = get_named_type(definition.type)
        sets = [node.selection_set for node in nodes if node.selection_set]
        inner = self.projection(below, sets) if isinstance(below, GraphQLObjectType) else None
        resolver = self._resolvers.get(name)
        compute = None
        if resolver:
            compute = resolver(self._restored(arguments), inner.names if inner else ())
        return Field(key, name, inner, compute)

    def _collect(self, node: SelectionSetNode, fields: dict[str, list[FieldNode]]) -> None:
        for item in node.selections:
            if not self._included(item):
                continue
            if isinstance(item, FieldNode):
                key = item.alias.value if item.alias else item.name.value
                fields.setdefault(key, []).append(item)
            elif isinstance(item, InlineFragmentNode):
                self._collect(item.selection_set, fields)
            else:
                self._collect(self._fragments[item.name.value].selection_set, fields)  # type: ignore[attr-defined]

    def _included(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _restored(self, value: Any) -> Any:  # noqa: ANN401  # any argument
        if isinstance(value, str) and value.startswith(MARK) and value[1:].isdecimal():
            number = int(value[1:])
            return self._strings[number] if number < len(self._strings) else value
        if isinstance(value, list):
            return [self._restored(item) for item in value]
        if isinstance(value, dict):
            return {name: self._restored(item) for name, item in value.items()}
        return value
