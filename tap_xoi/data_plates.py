"""Data plates: what is one, which step it belongs to, and who it is.

XOi gives the plates of one step the keys ``key``, ``key_1``, ``key_2``, anew in every answer and in
no order that means anything (reporting schema, "Content Only"). So a plate is known by its fields
and named by its content, never by its key.
"""

from __future__ import annotations

import re
from collections import defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

from tap_kit.text.json import ENCODER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_kit.streams.reader import Record

FIELDS = ("make", "model", "serial")

_SUFFIXED = re.compile(r"(.+)_[1-9]\d*", re.DOTALL)
_DIGEST_BYTES = 8
_sorted = msgspec.json.Encoder(decimal_format="number", order="sorted")


def plate_of(step: object) -> Record | None:
    """The fields of a data plate; None where a step is something else.

    They may stand under ``value`` or directly in the step: the vendor's page doesn't tell.
    """
    if not isinstance(step, dict):
        return None
    value = step.get("value")
    content = step if value is None else value
    if not isinstance(content, dict) or not any(field in content for field in FIELDS):
        return None
    if any(isinstance(content.get(field), (dict, list, bool)) for field in FIELDS):
        return None
    return content


def text(plate: Record, field: str) -> str | None:
    """A field of a plate; a serial number of digits may come as a number."""
    value = plate.get(field)
    return value if value is None or isinstance(value, str) else str(value)


def is_empty(step: object) -> bool:
    """Whether nobody filled a step in."""
    if not isinstance(step, dict):
        return step is None
    return "value" in step and step["value"] is None and plate_of(step) is None


def by_reference_key(steps: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """The steps that hold plates, by the Reference Key to which they belong and by their own key.

    A suffix is the vendor's only where the key without it holds a plate or nothing as well: a
    customer's own key may end in ``_1``. All that such suffixes connect is one group, so that no
    exchange of keys between the plates of one step moves a plate into another group. A step that
    is empty is a plate among the plates of its group, since it may have any of their suffixes.
    """
    possible = {
        key: step for key, step in steps.items() if is_empty(step) or plate_of(step) is not None
    }
    groups: defaultdict[str, dict[str, object]] = defaultdict(dict)
    for key, step in possible.items():
        base = key
        while (match := _SUFFIXED.fullmatch(base)) and match[1] in possible:
            base = match[1]
        groups[base][key] = step
    return {
        base: members
        for base, members in groups.items()
        if not all(is_empty(step) for step in members.values())
    }


def identified(reference_key: str, steps: Iterable[object]) -> list[tuple[str, Any]]:
    """The plates of one Reference Key with their ``value_id``, in an order of their own.

    An empty step is a plate that says nothing.

    The id is made of the serial number, else of make and model, else of all that the plate says;
    plates that are equal in it are numbered in the order of their content.
    """
    taken: defaultdict[bytes, int] = defaultdict(int)
    found = []
    for step in sorted(steps, key=_content):
        identity = _sorted.encode(_identity(plate_of(step) or {}))
        taken[identity] += 1
        digest = blake2b(identity, digest_size=_DIGEST_BYTES).hexdigest()
        number = f":{taken[identity]}" if taken[identity] > 1 else ""
        found.append((f"{reference_key}:{digest}{number}", step))
    return found


def _content(step: object) -> tuple[bytes, bytes]:
    """What a step says, and how: the order of its fields is told apart last."""
    return _sorted.encode(step), ENCODER.encode(step)


def _identity(plate: Record) -> list[object]:
    serial, make, model = (text(plate, field) or "" for field in ("serial", "make", "model"))
    if serial:
        return ["serial", serial]
    if make or model:
        return ["model", make, model]
    said = {name: value for name, value in plate.items() if value not in (None, "")}
    return ["content", said]
