"""Definitions of the loaders for Meltano and its Hub, and the tables of their settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from docs.address import REPOSITORY
from docs.hub import VARIANT
from target_db import settings
from target_db.command import TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from target_db.command import Target

_DIALECTS = {"target-duck": "duckdb", "target-pg": "postgres"}
_LABELS = {"target-duck": "DuckDB", "target-pg": "PostgreSQL"}
_PAGES = {"target-duck": "https://duckdb.org/", "target-pg": "https://www.postgresql.org/"}
_CREDENTIALS = {
    "target-duck": [["path"]],
    "target-pg": [["url"], ["host", "user", "password", "database"]],
}
_SCHEMA = {"schema": "$MELTANO_EXTRACT__LOAD_SCHEMA"}
_DEFAULTS = {"target-duck": {"path": "warehouse.duckdb", **_SCHEMA}, "target-pg": _SCHEMA}
"""Values of this project, which the loaders have not of themselves."""


def plugin(target: Target) -> dict[str, Any]:
    """A loader as Meltano's definition."""
    return {
        "name": target.command,
        "namespace": target.command.replace("-", "_"),
        "pip_url": f"-e .[{target.extra}]",
        "executable": target.command,
        "dialect": _DIALECTS[target.command],
        "capabilities": list(settings.CAPABILITIES),
        "settings": list(_settings(target)),
    }


def _settings(target: Target) -> Iterator[dict[str, Any]]:
    for name, declared in target.settings["properties"].items():
        kind = declared["type"][0]
        found: dict[str, Any] = {
            "name": name,
            "label": declared["title"],
            "description": declared["description"],
            "kind": kind if kind in ("integer", "boolean") else "string",
        }
        if "enum" in declared:
            found["kind"] = "options"
            choices = [choice for choice in declared["enum"] if choice is not None]
            found["options"] = [{"label": choice, "value": choice} for choice in choices]
        if declared.get("secret"):
            found["sensitive"] = True
        value = _DEFAULTS.get(target.command, {}).get(name, declared.get("default"))
        if value is not None:
            found["value"] = value
        yield found


def definition(target: Target) -> dict[str, Any]:
    """A loader's definition for the Hub."""
    found = plugin(target)
    for setting in found["settings"]:
        if setting.get("sensitive"):
            setting["kind"] = "password"
        setting.pop("value" if setting["name"] == "path" else "", None)
    return {
        **found,
        "description": target.description,
        "domain_url": _PAGES[target.command],
        "keywords": ["database"],
        "label": _LABELS[target.command],
        "maintenance_status": "beta",
        "pip_url": f"frontline-taps[{target.extra}] @ git+{REPOSITORY}",
        "repo": REPOSITORY,
        "settings_group_validation": _CREDENTIALS[target.command],
        "variant": VARIANT,
    }


def definition_text(target: Target) -> str:
    """The definition as the Hub keeps it: keys in order, lists not indented."""
    return yaml.safe_dump(definition(target), sort_keys=True, allow_unicode=True, width=96)


def environment_text() -> str:
    """The lines of ``.env.example`` with secrets of the loaders."""
    lines = []
    for target in TARGETS:
        properties: Mapping[str, Any] = target.settings["properties"]
        secret = [name for name, declared in properties.items() if declared.get("secret")]
        names = dict.fromkeys([name for group in _CREDENTIALS[target.command] for name in group])
        if secret:
            prefix = target.command.replace("-", "_").upper()
            lines += ["", f"# {target.command}: {_LABELS[target.command]}, by url or by the rest"]
            lines += [f"#{prefix}_{name.upper()}=" for name in names]
    return "\n".join(lines) + "\n"
