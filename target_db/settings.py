"""Settings of the loaders: declared once, read from files and the environment."""

from __future__ import annotations

import json
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from target_db.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DISTRIBUTION = "frontline-taps"
CAPABILITIES = (
    "about",
    "activate-version",
    "batch",
    "hard-delete",
    "soft-delete",
    "target-schema",
)
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
LOAD_SCHEMA = "MELTANO_EXTRACT__LOAD_SCHEMA"


def _setting(kind: str, title: str, description: str, **more: object) -> dict[str, Any]:
    return {"type": [kind, "null"], "title": title, "description": description, **more}


_COMMON: dict[str, dict[str, Any]] = {
    "flush_records": _setting(
        "integer",
        "Flush records",
        "Rows after which everything that waits is committed, in one transaction; or after 2 MB "
        "when the database has nothing to do, and 8 MB in any case.",
        default=100_000,
        minimum=1,
    ),
    "flush_seconds": _setting(
        "number",
        "Flush seconds",
        "Seconds after which it is committed in any case.",
        default=30,
        minimum=0,
    ),
    "metadata_columns": _setting(
        "boolean",
        "Metadata columns",
        "Add the columns _sdc_extracted_at, _sdc_received_at, _sdc_batched_at, _sdc_deleted_at, "
        "_sdc_sequence and _sdc_table_version; otherwise there is _loaded_at only.",
        default=False,
    ),
    "hard_delete": _setting(
        "boolean",
        "Hard delete",
        "Delete rows of older versions at an ACTIVATE_VERSION; otherwise _sdc_deleted_at is set "
        "where metadata_columns has it.",
        default=True,
    ),
}


def _schema(default: str) -> dict[str, Any]:
    return _setting(
        "string",
        "Schema",
        f"Schema of the tables. By default ${LOAD_SCHEMA}, which Meltano sets to the name of the "
        f"tap, else {default}.",
    )


DUCK: dict[str, Any] = {
    "type": "object",
    "properties": {
        "path": _setting("string", "Path", "The DuckDB file; it is made where there is none."),
        "schema": _schema("main"),
        **_COMMON,
    },
    "required": ["path"],
}

POSTGRES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "url": _setting(
            "string",
            "URL",
            "Where to connect, postgresql://user:password@host:5432/database, instead of the "
            "single settings.",
            secret=True,
        ),
        "host": _setting("string", "Host", "Host of the server."),
        "port": _setting("integer", "Port", "Port of the server.", minimum=1, maximum=65535),
        "user": _setting("string", "User", "User name."),
        "password": _setting("string", "Password", "Password of the user.", secret=True),
        "database": _setting("string", "Database", "Name of the database."),
        "sslmode": _setting(
            "string",
            "SSL mode",
            "How the connection is encrypted, as libpq has it.",
            enum=["disable", "allow", "prefer", "require", "verify-ca", "verify-full", None],
        ),
        "schema": _schema("public"),
        **_COMMON,
    },
}


def read(
    command: str, declared: Mapping[str, Any], sources: Iterable[str], default_schema: str
) -> tuple[dict[str, Any], list[str]]:
    """Settings with defaults, and names of those that are none.

    Args:
        command: The loader's; its variables begin with it.
        declared: The JSON schema of the settings.
        sources: Files, and ``ENV`` for variables, which go before files; without any: ``ENV``.
        default_schema: Where neither a setting nor Meltano names one.

    Raises:
        SettingsError: One is wrong or missing, or a file can't be read.
    """
    names = list(sources) or ["ENV"]
    given: dict[str, Any] = {}
    for name in names:
        if name != "ENV":
            given |= _file(name)
    if "ENV" in names:
        prefix = command.replace("-", "_").upper() + "_"
        given |= {
            name: os.environ[prefix + name.upper()]
            for name in declared["properties"]
            if os.environ.get(prefix + name.upper())
        }
    found = {
        name: _value(name, given.get(name), about) for name, about in declared["properties"].items()
    }
    for name in declared.get("required", ()):
        if found[name] is None:
            msg = f"the setting {name} is missing: {declared['properties'][name]['description']}"
            raise SettingsError(msg)
    found["schema"] = found["schema"] or os.environ.get(LOAD_SCHEMA) or default_schema
    return found, sorted(given.keys() - declared["properties"].keys())


def _file(name: str) -> dict[str, Any]:
    try:
        found = json.loads(Path(name).read_text(encoding="utf-8-sig"))
    except OSError as error:
        msg = f"the settings file {name} can't be read: {error.strerror}"
        raise SettingsError(msg) from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        msg = f"the settings file {name} is no JSON object in UTF-8"
        raise SettingsError(msg)
    return found


_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _value(name: str, value: Any, about: Mapping[str, Any]) -> Any:  # noqa: ANN401  # any JSON
    """A setting's value, texts read as what the setting is."""
    kind = about["type"][0]
    if value is None or value == "":
        return about.get("default")
    if kind == "string" and isinstance(value, str):
        value = value.strip() if not about.get("secret") else value.strip("\r\n")
        if "enum" in about and value not in about["enum"]:
            choices = ", ".join(filter(None, about["enum"]))
            msg = f"the setting {name} has to be one of {choices}"
            raise SettingsError(msg)
        return value
    if kind == "boolean":
        value = _BOOLEANS.get(value.lower(), value) if isinstance(value, str) else value
        if isinstance(value, bool):
            return value
    elif kind in ("integer", "number") and not isinstance(value, bool):
        try:
            number = int(value) if kind == "integer" else float(value)
        except (TypeError, ValueError):
            number = None
        least, most = about.get("minimum", number), about.get("maximum", number)
        if number is not None and number == float(value) and least <= number <= most:
            return number
    msg = f"the setting {name} has to be {_wanted(kind, about)}"
    raise SettingsError(msg)


def _wanted(kind: str, about: Mapping[str, Any]) -> str:
    words = {"boolean": "true or false", "integer": "a whole number", "number": "a number"}
    found = words.get(kind, "a text")
    if "minimum" in about:
        found += f", {about['minimum']} at least"
    return found + (f" and {about['maximum']} at most" if "maximum" in about else "")


def about(command: str, description: str, declared: Mapping[str, Any]) -> dict[str, Any]:
    """What ``--about`` tells, in the form that Meltano and the SDK's tools know."""
    return {
        "name": command,
        "description": description,
        "version": own_version(),
        "sdk_version": None,
        "supported_python_versions": list(PYTHONS),
        "capabilities": list(CAPABILITIES),
        "settings": dict(declared),
        "env_var_prefix": command.replace("-", "_").upper() + "_",
    }


def table(declared: Mapping[str, Any]) -> str:
    """The settings as a Markdown table."""
    rows = ["| setting | default | |", "|---|---|---|"]
    for name, about in declared["properties"].items():
        default = about.get("default")
        shown = "" if default is None else f"`{json.dumps(default)}`"
        shown = "required" if name in declared.get("required", ()) else shown
        secret = " *Secret.*" if about.get("secret") else ""
        rows.append(f"| `{name}` | {shown} | {about['description']}{secret} |")
    return "\n".join(rows) + "\n"


def own_version() -> str:
    """The version of the package."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"
