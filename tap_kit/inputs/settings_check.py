"""Checks of settings, which say what would be right.

Wrong settings are reported before any request, in one line with their names. Their values are never
shown, because they may be secret.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from datetime import datetime, timezone
from decimal import Decimal
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jsonschema import Draft7Validator

from tap_kit.errors import SettingsError
from tap_kit.time.clock import DATES, format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from jsonschema import ValidationError

_EARLIEST = datetime(1900, 1, 1, tzinfo=timezone.utc)
_LARGEST = 1_000_000_000
_SMALLEST = 1e-6
"""Of positive numbers; what is beyond these is a slip, and more than the platform's clocks take."""

_INVISIBLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ufeff]")
_NOT_SENDABLE = re.compile(r"[^\x20-\x7e]")


def check_settings(
    config: Mapping[str, Any], schema: Mapping[str, Any], *, complete: bool, now: datetime
) -> Iterator[str]:
    """Yield what is wrong with the settings, each with what would be right.

    Args:
        config: The settings that the user gave.
        schema: Their JSON schema.
        complete: Whether to report required settings that are missing.
        now: When the run started.
    """
    for error in sorted(Draft7Validator(schema).iter_errors(config), key=lambda e: str(e.path)):
        if error.validator == "required":
            if complete:
                yield from _missing(error, config, schema)
        else:
            yield _wrong(error, _path(error, config, schema))
    yield from _wrong_dates(config, now)
    for name, value in config.items():
        if isinstance(value, str):
            yield from _wrong_text(name, value, schema["properties"].get(name, {}))
        elif _is_number(value):
            yield from _wrong_number(name, value)


def _wrong_dates(config: Mapping[str, Any], now: datetime) -> Iterator[str]:
    given = {
        name: value
        for name in ("start_date", "end_date")
        if isinstance(value := config.get(name), str)
    }
    times = {name: parse_time(value) for name, value in given.items() if _is_time(value)}
    yield from (f"{name} must be {DATES}" for name in given if name not in times)
    for name, moment in times.items():
        if moment < _EARLIEST:
            yield f"{name} must not be before 1900"
    start, end = times.get("start_date"), times.get("end_date")
    if start and start > now:
        yield f"start_date must not be in the future (it is {format_time(now)} now)"
    elif start and end and start >= end:
        yield "end_date must be after start_date"


def _wrong_text(name: str, value: str, declared: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with texts that would break a header, or hold invisible characters."""
    if name.endswith("_url") and not is_safe_url(value):
        yield f"{name} must be an https:// address (plain http is for loopback hosts only)"
    if declared.get("secret") and _INVISIBLE.search(value):
        yield (
            f"{name} must not hold blanks, line ends or other control characters; is there more "
            "than the secret in the file that it comes from?"
        )
    elif (declared.get("secret") or name == "user_agent") and _NOT_SENDABLE.search(value):
        yield f"{name} must hold only letters, digits and signs of ASCII"


def _wrong_number(name: str, value: float) -> Iterator[str]:
    if not math.isfinite(value):
        yield f"{name} must be a number, finite"
    elif abs(value) > _LARGEST:
        yield f"{name} must be at most {_LARGEST}"
    elif 0 < abs(value) < _SMALLEST:
        yield f"{name} must be 0 or at least {_SMALLEST:.6f}"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_safe_url(url: str) -> bool:
    """Whether a base URL is https, or http to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return False
    if _INVISIBLE.search(url) or not host or parts.username or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def normal(config: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings in one form, whether they came from a file or from variables.

    Null counts as missing. Texts lose line ends and blanks at their ends, which files leave there.
    Decimals, which the SDK makes of the numbers in a file, become ints and floats. Numbers, lists
    and objects may be text: for some of them Meltano has no kind that survives a variable.
    """
    found = {}
    for name, value in config.items():
        if value is not None:
            found[name] = _normal(value, schema["properties"].get(name, {}).get("type", ()))
    return found


def _normal(value: Any, types: Collection[str]) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, str):
        value = value.strip().strip("\ufeff\0").strip()
        if {"number", "integer", "array", "object"} & {*types} and "string" not in types:
            with contextlib.suppress(ValueError, RecursionError):
                value = json.loads(value)
    value = _plain(value)
    if isinstance(value, float) and "integer" in types and value.is_integer():
        return int(value)
    return value


def _plain(value: Any) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, Decimal):
        number = float(value)
        return int(value) if number.is_integer() and abs(number) < _LARGEST else number
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def settings_error(problems: list[str]) -> SettingsError:
    """Make one error of all problems, in one line."""
    return SettingsError("wrong settings: " + "; ".join(problems))


def _missing(
    error: ValidationError, config: Mapping[str, Any], schema: Mapping[str, Any]
) -> Iterator[str]:
    *_, (path, given, declared) = _steps(error, config, schema)
    for name in declared.get("required", ()):
        if name not in given and f"'{name}'" in error.message:
            about = declared["properties"][name].get("description", "").split(". ")[0].rstrip(".")
            yield f"{path + '.' if path else ''}{name} is missing" + (f": {about}" if about else "")


def _wrong(error: ValidationError, name: str) -> str:  # noqa: PLR0911  # one per rule
    rule: Any = error.validator_value
    if error.validator == "type":
        types = [rule] if isinstance(rule, str) else [kind for kind in rule if kind != "null"]
        article = "an" if types[0][0] in "aeio" else "a"
        return f"{name} must be {article} {' or '.join(types)}"
    if error.validator == "enum":
        return f"{name} must be one of: {', '.join(str(v) for v in rule if v is not None)}"
    if error.validator == "minimum":
        return f"{name} must be at least {rule}"
    if error.validator == "maximum":
        return f"{name} must be at most {rule}"
    if error.validator == "exclusiveMinimum":
        return f"{name} must be greater than {rule}"
    if error.validator == "minItems":
        return f"{name} needs at least {rule} item{'s' if rule != 1 else ''}"
    if error.validator == "minLength":
        return f"{name} must not be empty"
    if error.validator == "pattern":
        return f"{name} must match {rule}"
    if error.validator == "additionalProperties":
        schema: Any = error.schema
        known = ", ".join(schema.get("properties", {}))
        return f"{name} has a key that is not known; known are: {known}"
    return f"{name} is not valid ({error.validator})"


def _path(error: ValidationError, config: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    *_, (path, _, _) = _steps(error, config, schema)
    return path or "the configuration"


def _steps(
    error: ValidationError, config: Mapping[str, Any], schema: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Yield each step to what is wrong: the path so far, what was given there, and its schema.

    In a path an item of a list is its number and, in parentheses, its first required member.
    """
    given: Any = config
    declared: Any = schema
    path = ""
    yield path, given, declared
    for step in error.absolute_path:
        given = given[step]
        path = f"{path}.{step}" if path else f"{step}"
        if isinstance(step, int):
            declared = declared.get("items", {})
            path += _called(given, declared)
        else:
            others = declared.get("additionalProperties")
            declared = declared.get("properties", {}).get(step) or (
                others if isinstance(others, dict) else {}
            )
        yield path, given, declared


def _called(item: object, declared: Mapping[str, Any]) -> str:
    for name in declared.get("required", ())[:1]:
        if isinstance(item, dict) and isinstance(item.get(name), str):
            return f" ({item[name]})"
    return ""


def _is_time(text: str) -> bool:
    try:
        parse_time(text)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
