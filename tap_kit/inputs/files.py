"""Reads the files of the command line: settings, catalog and state, each a JSON object."""

from __future__ import annotations

import codecs
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tap_kit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

_DEEPEST = 100
"""Levels of nesting; no catalog or state has as many."""
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class JsonFile(click.ParamType):  # type: ignore[type-arg]  # none before click 8.3
    """The type of a command-line option that names a file with a JSON object.

    The file is checked here; the SDK reads it once more.

    Args:
        what: ``catalog`` or ``state``.
        check: Takes the object and its name in messages.
    """

    name = "filename"

    def __init__(self, what: str, check: Callable[[dict[str, Any], str], object]) -> None:
        self._what = what
        self._check = check

    def convert(
        self,
        value: str,
        param: click.Parameter | None,  # noqa: ARG002  # click's own signature
        ctx: click.Context | None,  # noqa: ARG002
    ) -> io.StringIO:
        """Read and check the file."""
        given = read_object(value, self._what)
        return io.StringIO(json.dumps(self._check(given, f"{self._what} file {value}")))


def read_object(path: str, what: str) -> dict[str, Any]:
    """Read a JSON object from a file.

    Args:
        path: The file's.
        what: What the file is for: ``config``, ``catalog`` or ``state``.

    Raises:
        SettingsError: The file can't be read, or holds no JSON object.
    """
    name = f"{what} file {path}"
    try:
        content = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        msg = f"{name} can't be read: {getattr(error, 'strerror', None) or error}"
        raise SettingsError(msg) from None
    value = _parsed(content, name)
    if not isinstance(value, dict):
        msg = f"{name} must hold a JSON object, not {type_in_words(value)}"
        raise SettingsError(msg)
    return value


def type_in_words(value: object) -> str:
    """Name the type of a JSON value, with its article: ``a list``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "an object"


def _parsed(content: bytes, name: str) -> Any:  # noqa: ANN401  # any JSON
    if not content.strip():
        msg = f"{name} is empty; it must hold a JSON object"
        raise SettingsError(msg)
    if content.startswith(_UTF_16) or b"\0" in content:
        msg = f"{name} is not UTF-8 text (UTF-16?); save it as UTF-8"
        raise SettingsError(msg)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{name} is not UTF-8 text (at byte {error.start}); save it as UTF-8"
        raise SettingsError(msg) from None
    try:
        value = json.loads(text, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        several = " (it holds more than one value)" if error.msg == "Extra data" else ""
        msg = (
            f"{name} is not JSON{several}: {error.msg} at line {error.lineno}, column {error.colno}"
        )
        raise SettingsError(msg) from None
    except UnicodeEncodeError:
        msg = f"{name} holds half of a character (a lone surrogate), which is no text"
        raise SettingsError(msg) from None
    except RecursionError:
        msg = f"{name} is nested too deeply"
        raise SettingsError(msg) from None
    except ValueError as error:  # NaN, or an integer of thousands of digits
        msg = f"{name} holds a number that is not JSON or too long: {str(error)[:60]}"
        raise SettingsError(msg) from None
    if _depth(value) > _DEEPEST:
        msg = f"{name} is nested too deeply"
        raise SettingsError(msg)
    return value


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
