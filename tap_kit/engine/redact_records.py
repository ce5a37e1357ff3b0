"""Takes credentials out of records: signed links lose their query string, secrets become null.

A stream declares the fields that are known to hold them; these are always cleaned. Besides, each
encoded page is searched for the parameters of signed links, and cleaned as a whole if it has one.
Dates that mean "not set" are found in the same way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tap_kit.streams.structs import Row
from tap_kit.text.signatures import may_be_signed, strip_query, unsigned

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_kit.streams.structs import Records

_NOT_SET = b'"0001-01-01T00:00:00'
# Whole values only: a key is followed by a colon, and a quote within a text follows a backslash.
_UNSET = re.compile(rb'(?<=[:\[,])"0001-01-01T00:00:00[^"\\]*"(?!:)')


class RecordRedactor:
    """Cleans the records of one stream.

    Args:
        links: Paths of signed links, ``*`` for each item or value.
        secrets: Paths of credentials.
        include_secrets: The setting: leave everything as the vendor sends it.
    """

    def __init__(
        self, *, links: Sequence[str], secrets: Sequence[str], include_secrets: bool
    ) -> None:
        self._include_secrets = include_secrets
        self._changes: list[tuple[list[str], Callable[[Any], Any]]] = []
        if not include_secrets:
            self._changes = [
                *((path.split("."), _cut) for path in links),
                *((path.split("."), _drop) for path in secrets),
            ]

    @property
    def reaches_into_fields(self) -> bool:
        """Whether a declared field is part of another one: structs can't name it."""
        return any(len(path) > 1 for path, _ in self._changes)

    def declared(self, records: Records) -> None:
        """Clean the declared fields, in place."""
        for path, change in self._changes:
            for record in records:
                _apply(record, path, change)

    def encoded(self, lines: bytes) -> bytes:
        """Take signed links and dates that mean "not set" out of encoded records, at any depth."""
        if _NOT_SET in lines:
            lines = _UNSET.sub(b"null", lines)
        if not self._include_secrets and may_be_signed(lines):
            lines = unsigned(lines.decode()).encode()
        return lines


def _cut(value: Any) -> Any:  # noqa: ANN401  # any JSON
    return strip_query(value) if isinstance(value, str) else value


def _drop(value: Any) -> None:  # noqa: ANN401, ARG001  # any JSON
    return None


def _apply(value: Any, path: list[str], change: Callable[[Any], Any]) -> None:  # noqa: ANN401  # any JSON
    name, *rest = path
    if isinstance(value, (dict, Row)):
        names = list(value) if name == "*" else [name] if name in value else []
        for key in names:
            if rest:
                _apply(value[key], rest, change)
            else:
                value[key] = change(value[key])
    elif isinstance(value, list) and name == "*":
        for position, item in enumerate(value):
            if rest:
                _apply(item, rest, change)
            else:
                value[position] = change(item)
