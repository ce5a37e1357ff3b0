"""Data plates: how they are recognised, which step they belong to, and their ids.

XOi gives the plates of a step the keys ``key``, ``key_1``, ``key_2``, in another order in every
response (docs: taps/xoi/facts#data-plates). So a plate is recognised by its fields, and its id is
made of its content, never of its key.
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
    """Return the fields of a data plate; None if a step is something else.

    They are under ``value`` or directly in the step; XOi's page doesn't say which.
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
    """Return a field of a plate as text; a serial number of digits may come as a number."""
    value = plate.get(field)
    return value if value is None or isinstance(value, str) else str(value)


def is_empty(step: object) -> bool:
    """Whether a step was left empty."""
    if not isinstance(step, dict):
        return step is None
    return "value" in step and step["value"] is None and plate_of(step) is None


def by_reference_key(steps: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """Group the steps that hold plates by Reference Key; within a group, by their own key.

    A suffix such as ``_1`` is XOi's only if the key without it holds a plate too, or is empty:
    a customer's own key may end in ``_1``. All keys that such suffixes connect are one group, so
    that a plate stays in its group however XOi exchanges keys. An empty step counts as a plate of
    its group, because it may have any of its suffixes.
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
    """Yield the plates of one Reference Key with their ``value_id``, sorted by content.

    An empty step is a plate without content. The id is made of the serial number, else of make and
    model, else of the whole content; plates with the same id are numbered in their order.
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
    """Return a sort key of a step: its content, then the order of its fields."""
    return _sorted.encode(step), ENCODER.encode(step)


def _identity(plate: Record) -> list[object]:
    serial, make, model = (text(plate, field) or "" for field in ("serial", "make", "model"))
    if serial:
        return ["serial", serial]
    if make or model:
        return ["model", make, model]
    said = {name: value for name, value in plate.items() if value not in (None, "")}
    return ["content", said]
