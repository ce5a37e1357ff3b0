"""Settings from environment variables: ``TAP_FLOW_CLIENT_ID`` is ``client_id`` of tap-flow.

A value that does not have its setting's type stays text; the check of all settings reports it.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any

from dotenv import dotenv_values, find_dotenv

from tap_kit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})


def variables() -> dict[str, str]:
    """Return the variables of this process, and of a file ``.env`` those that it lacks.

    Raises:
        SettingsError: The file ``.env`` can't be read.
    """
    path = find_dotenv(usecwd=True)
    try:
        given = dotenv_values(path) if path else {}
    except (OSError, UnicodeDecodeError) as error:
        msg = f"the file {path} can't be read: {error}"
        raise SettingsError(msg) from None
    return {**{name: value for name, value in given.items() if value is not None}, **os.environ}


def from_environment(
    schema: Mapping[str, Any], prefix: str, given: Mapping[str, str]
) -> dict[str, Any]:
    """Return the settings that variables hold; an empty variable is ignored.

    Args:
        schema: The JSON schema of the tap's settings.
        prefix: Of the tap's variables: ``TAP_FLOW_``.
        given: The variables.
    """
    found: dict[str, Any] = {}
    for name, declared in schema["properties"].items():
        text = given.get(f"{prefix}{name.upper().replace('-', '_')}", "")
        if text.strip():
            found[name] = _read(text, declared)
    return found


def _read(text: str, declared: Mapping[str, Any]) -> Any:  # noqa: ANN401  # any JSON
    types = _types(declared)
    if "string" in types or not types:
        return text
    word = text.strip()
    if "boolean" in types and word.lower() in _TRUE | _FALSE:
        return word.lower() in _TRUE
    value: Any = text
    with contextlib.suppress(ValueError, RecursionError):
        value = json.loads(word)
    is_list = value is text and "array" in types and "object" not in types
    if is_list and "string" in _types(declared.get("items", {})) and word[0] not in '["{':
        return [item.strip() for item in word.split(",")]
    return value


def _types(declared: Mapping[str, Any]) -> set[str]:
    named = declared.get("type", ())
    types = {named} if isinstance(named, str) else {*named}
    for inner in (*declared.get("oneOf", ()), *declared.get("anyOf", ())):
        types |= _types(inner)
    return types
