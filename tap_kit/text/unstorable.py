r"""What no target can store: NUL, halves of surrogate pairs, and numbers that JSON doesn't know.

Bytes that are no character in a body's charset come here as halves of surrogate pairs
(:mod:`tap_kit.text.charset`).

JSON has the characters only as escapes (``\u0000``, ``\ud83d``: a text that was cut inside an
emoji), and databases refuse them. They become U+FFFD; ``NaN`` and ``Infinity`` become null.
"""

from __future__ import annotations

import logging
import math
import re
import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tap_kit.stats import StreamStats

_log = logging.getLogger(__name__)

NUL = b"\\u0000"
"""NUL in encoded JSON; the text ``\\u0000`` itself holds it too, but that is rare."""
_BAD = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_RAW = re.compile(r"[\x00\ud800-\udfff]|\\u(?:0000|[dD][89a-fA-F])|(?<![\w\"])-?(?:NaN|Infinity)")

_met = threading.Event()


def note_met(text: str) -> bool:
    """Note whether a text, of JSON or a table, may hold what no target can store.

    From any thread; see :func:`met`.
    """
    found = _RAW.search(text) is not None
    if found:
        _met.set()
    return found


def met() -> bool:
    """Whether any text of this run did: otherwise no decoded record need be searched."""
    return _met.is_set()


def is_suspect(content: bytes) -> bool:
    """Whether a JSON body, or the records in it, may hold what no target can store."""
    return met() or NUL in content


def storable_cells(row: Sequence[Any]) -> tuple[list[Any], set[int]]:
    """Replace what can't be stored in the cells of a row.

    Returns:
        The cells, and the positions at which something was replaced.
    """
    cells, replaced = [], set[int]()
    for position, cell in enumerate(row):
        found: set[str] = set()
        cells.append(_storable(cell, "cell", {}, found))
        if found:
            replaced.add(position)
    return cells, replaced


def storable_text(text: str) -> str:
    """Replace the characters of a text that can't be stored."""
    return _BAD.sub(_REPLACEMENT, text)


def storable_records(
    records: Sequence[dict[str, Any]], schema: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], set[str]]:
    """Replace what can't be stored in records.

    Args:
        records: As decoded.
        schema: The stream's schema.

    Returns:
        The records, and the fields in which something was replaced: their paths, as far as the
        schema declares them.
    """
    replaced: set[str] = set()
    return [_storable(record, "", schema, replaced) for record in records], replaced


def note_replaced(stats: StreamStats, fields: Iterable[str]) -> None:
    """Warn of each field in which something was replaced, once in a run; from any thread."""
    for name in sorted(fields):
        if stats.note_replaced(name):
            _log.warning(
                "stream %s: field %s holds characters or numbers that targets can't store (NUL, "
                "half a surrogate pair, bytes that are no character, NaN, Infinity); they are "
                "replaced by U+FFFD and null",
                stats.stream,
                storable_text(name),
            )


def _storable(value: Any, path: str, declared: Mapping[str, Any], replaced: set[str]) -> Any:  # noqa: ANN401  # any JSON value
    if isinstance(value, dict):
        return _storable_object(value, path, declared, replaced)
    if isinstance(value, list):
        items = declared.get("items")
        inner = items if isinstance(items, dict) else {}
        return [_storable(item, path, inner, replaced) for item in value]
    if isinstance(value, str) and _BAD.search(value):
        replaced.add(path)
        return _BAD.sub(_REPLACEMENT, value)
    if (isinstance(value, float) and not math.isfinite(value)) or (
        isinstance(value, Decimal) and not value.is_finite()
    ):
        replaced.add(path)
        return None
    return value


def _storable_object(
    value: dict[str, Any], path: str, declared: Mapping[str, Any], replaced: set[str]
) -> dict[str, Any]:
    properties = declared.get("properties") or {}
    clean: dict[str, Any] = {}
    for name, member in value.items():
        at = f"{path}.{name}" if path and name in properties else path or name
        if name not in properties and _BAD.search(name):
            replaced.add(at)
            name = _BAD.sub(_REPLACEMENT, name)  # noqa: PLW2901  # the name that is written
            while name in clean or name in value:
                name += _REPLACEMENT  # noqa: PLW2901  # a key of its own
        clean[name] = _storable(member, at, properties.get(name) or {}, replaced)
    return clean
