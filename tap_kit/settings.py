"""Settings: what all taps have in common, and checks that say what would be right.

A wrong setting is one line with its name, before any request; its value is never shown, because
it may be a secret.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jsonschema import Draft7Validator
from singer_sdk import typing as th

from tap_kit.clock import parse_time
from tap_kit.errors import SettingsError
from tap_kit.windows import LENGTHS, Length, Window, resume_from, windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema import ValidationError

_DATES = "a date or date-time in ISO 8601, such as 2024-01-31 or 2024-01-31T08:00:00Z"


def settings_schema(*properties: th.Property[Any]) -> dict[str, Any]:
    """The settings of a tap as JSON schema."""
    schema: dict[str, Any] = th.PropertiesList(*properties).to_dict()
    return schema


def common_settings(*, window: Length | None, lookback_days: float) -> list[th.Property[Any]]:
    """The settings that every tap has.

    Args:
        window: Default length of one request's interval.
        lookback_days: Default of how far behind its bookmark each run reads again.
    """
    return [
        th.Property(
            "start_date",
            th.StringType,
            title="Start date",
            description=(
                "Earliest data wanted where there is no bookmark yet; a date or date-time. Without "
                "it, everything that the vendor has."
            ),
        ),
        th.Property(
            "end_date",
            th.StringType,
            title="End date",
            description=(
                "Read only data before this date or date-time, for one-off backfills; a bookmark "
                "never passes it."
            ),
        ),
        th.Property(
            "window",
            th.StringType(allowed_values=list(LENGTHS)),
            default=window,
            title="Window",
            description="Length of one request's interval, cut on the UTC calendar.",
        ),
        th.Property(
            "lookback_days",
            th.NumberType(minimum=0),
            default=lookback_days,
            title="Look-back days",
            description=(
                "How far behind its bookmark each run reads again, for late and edited data; whole "
                "windows are read. 0 reads only the window in which the bookmark stands."
            ),
        ),
        th.Property(
            "concurrency",
            th.IntegerType(minimum=1, maximum=32),
            default=4,
            title="Concurrency",
            description="Requests in flight at once, over all streams of the tap.",
        ),
        th.Property(
            "requests_per_second",
            th.NumberType(exclusive_minimum=0),
            title="Requests per second",
            description=(
                "Ceiling for the whole tap, token requests included; evenly spaced, without bursts."
            ),
        ),
        th.Property(
            "request_timeout",
            th.NumberType(exclusive_minimum=0),
            default=120,
            title="Request timeout",
            description="Seconds that a request may take to connect, and between two reads.",
        ),
        th.Property(
            "max_attempts",
            th.IntegerType(minimum=1),
            default=8,
            title="Maximum attempts",
            description="Tries of one request before its stream fails.",
        ),
        th.Property(
            "include_secrets",
            th.BooleanType,
            default=False,
            title="Include secrets",
            description=(
                "Send signed links and other credentials inside vendor data as they are, in "
                "records only. Otherwise links lose their query string and credentials are null."
            ),
        ),
        th.Property(
            "emit_activate_version_messages",
            th.BooleanType,
            default=False,
            title="Emit ACTIVATE_VERSION messages",
            description=(
                "Send an ACTIVATE_VERSION message behind each complete full table, so that targets "
                "that support it remove rows which the vendor no longer has."
            ),
        ),
        th.Property(
            "user_agent",
            th.StringType,
            title="User agent",
            description="Sent with every request; by default the name and version of the tap.",
        ),
    ]


@dataclass(frozen=True, slots=True)
class Period:
    """The settings about time, read.

    Attributes:
        start_date: Earliest data wanted in a first run, in UTC.
        end_date: The end of a one-off run, in UTC.
        window: Length of one request's interval.
        lookback: How far behind its bookmark a run reads again.
    """

    start_date: datetime | None
    end_date: datetime | None
    window: Length
    lookback: timedelta

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Period:
        """From a tap's validated settings."""
        start, end = config.get("start_date"), config.get("end_date")
        return cls(
            start_date=parse_time(start) if start else None,
            end_date=parse_time(end) if end else None,
            window=config["window"],
            lookback=timedelta(days=float(config["lookback_days"])),
        )

    def until(self, now: datetime) -> datetime:
        """Where this run's last window ends."""
        return now if self.end_date is None else min(now, self.end_date)

    def windows(self, bookmark: str | None, until: datetime) -> Iterator[Window]:
        """What a run reads, from the look-back behind its bookmark on.

        Args:
            bookmark: The moment up to which everything has been written; None in a first run.
            until: Where the last window ends.

        Raises:
            SettingsError: The bookmark in the state is no time.
        """
        try:
            reached = None if bookmark is None else parse_time(bookmark)
        except ValueError:
            msg = f"state: a bookmark must be {_DATES}, not {bookmark!r}"
            raise SettingsError(msg) from None
        start = resume_from(
            reached, start_date=self.start_date, length=self.window, lookback=self.lookback
        )
        return windows(start, until, self.window)


def check_settings(
    config: Mapping[str, Any], schema: Mapping[str, Any], *, complete: bool
) -> Iterator[str]:
    """What is wrong with the settings; nothing when all is well.

    Args:
        config: The settings as the user gave them.
        schema: Their declaration.
        complete: Also complain about required settings that are missing.
    """
    for error in sorted(Draft7Validator(schema).iter_errors(config), key=lambda e: str(e.path)):
        if error.validator == "required":
            if complete:
                yield from _missing(error, config, schema)
        else:
            yield _wrong(error, _path(error, config, schema))
    for name in ("start_date", "end_date"):
        if isinstance(value := config.get(name), str) and not _is_time(value):
            yield f"{name} must be {_DATES}"
    start, end = config.get("start_date"), config.get("end_date")
    if (
        isinstance(start, str)
        and isinstance(end, str)
        and _is_time(start)
        and _is_time(end)
        and parse_time(start) >= parse_time(end)
    ):
        yield "end_date must be after start_date"
    for name, value in config.items():
        if name.endswith("_url") and isinstance(value, str) and not is_safe_url(value):
            yield f"{name} must be an https:// address (plain http is for loopback hosts only)"


def is_safe_url(url: str) -> bool:
    """Whether a base URL is https, or http to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return False
    if not host or parts.username or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def read_numbers(config: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Make numbers of all settings plain ints and floats, in place.

    The SDK reads those of a file as decimals, and Meltano has no kind for them that survives an
    environment variable: they come as text.
    """
    for name, declared in schema["properties"].items():
        value = config.get(name)
        if isinstance(value, str) and "number" in declared.get("type", ()):
            with contextlib.suppress(ValueError):
                number = float(value)
                if math.isfinite(number):
                    config[name] = number
        elif name in config:
            config[name] = _plain(value)


def _plain(value: Any) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def settings_error(problems: list[str]) -> SettingsError:
    """All problems as one line."""
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
    """The way to what is wrong: names so far, what was given there, and its declaration.

    An item of a list goes by its number and, in parentheses, by its first required member.
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
            declared = declared.get("properties", {}).get(step, {})
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
