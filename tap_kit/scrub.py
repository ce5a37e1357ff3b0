"""Credentials inside vendor data: signed links lose their query string, secrets become null.

Fields that are known to hold them are declared by their stream and always cleaned. Beyond that,
a page is searched as a whole, once encoded, for what gives a signed link away; only where that
turns up are the single values looked at. Dates that mean "not set" are found in the same way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tap_kit.secrets import scrub, strip_query

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_kit.feed import Record

_SIGNED = re.compile(b"=(?:(?<=sig=)|(?<=ignature=)|(?<=token=)|(?<=key=))")
_NOT_SET = "0001-01-01T00:00:00"
_NOT_SET_BYTES = f'"{_NOT_SET}'.encode()


class Scrubber:
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

    def declared(self, records: list[Record]) -> None:
        """Clean the declared fields, in place."""
        for path, change in self._changes:
            for record in records:
                _apply(record, path, change)

    def found_in(self, lines: bytes) -> bool:
        """Whether encoded records hold something that :meth:`everything` would change."""
        return _NOT_SET_BYTES in lines or (
            not self._include_secrets and _SIGNED.search(lines) is not None and b"://" in lines
        )

    def everything(self, record: Record) -> Record:
        """A record without signed links and dates that are not set, at any depth."""
        cleaned: Record = _without_unset(record)
        if not self._include_secrets:
            cleaned = scrub(cleaned)
        return cleaned


def _cut(value: Any) -> Any:  # noqa: ANN401  # any JSON
    return strip_query(value) if isinstance(value, str) else value


def _drop(value: Any) -> None:  # noqa: ANN401, ARG001  # any JSON
    return None


def _apply(value: Any, path: list[str], change: Callable[[Any], Any]) -> None:  # noqa: ANN401  # any JSON
    name, *rest = path
    if isinstance(value, dict):
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


def _without_unset(value: Any) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, str):
        return None if value.startswith(_NOT_SET) else value
    if isinstance(value, dict):
        return {name: _without_unset(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_unset(inner) for inner in value]
    return value
