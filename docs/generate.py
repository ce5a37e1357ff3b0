"""Writes what must agree with the taps: ``meltano.yml``, the tables of README and docs.

``python -m docs.generate`` writes the files; a test compares them. The taps are the one source.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sandbox.sandbox import Sandbox
from tap_crewmojo.tap import TapCrewmojo
from tap_flow.tap import TapFlow
from tap_giosg.tap import TapGiosg
from tap_xoi.tap import TapXoi

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_kit.tap import KitTap

PROJECT = Path(__file__).resolve().parent.parent
TAPS: tuple[type[KitTap], ...] = (TapFlow, TapGiosg, TapCrewmojo, TapXoi)

_KINDS = {"integer": "integer", "boolean": "boolean", "object": "object", "array": "array"}
_DATES = ("start_date", "end_date")


_FOR_THE_LOADER: Mapping[str, dict[str, Any]] = {
    "crewmojo": {
        "stream_maps": {
            "people_custom": {
                "role": "record['Roll, \"övrigt\"']",
                'Roll, "övrigt"': "__NULL__",
            }
        }
    }
}
"""target-duckdb does not escape quotes in the names of columns: a stream map renames that one."""


def settings_of(tap: type[KitTap]) -> dict[str, dict[str, Any]]:
    """A tap's settings by name, the SDK's own included."""
    schema = tap.config_jsonschema
    tap.append_builtin_config(schema)
    declared: dict[str, dict[str, Any]] = schema["properties"]
    return declared


def plugin(tap: type[KitTap]) -> dict[str, Any]:
    """A tap as Meltano's extractor definition."""
    return {
        "name": tap.name,
        "namespace": tap.name.replace("-", "_"),
        "pip_url": "-e .",
        "executable": tap.name,
        "capabilities": [capability.value for capability in tap.capabilities],
        "select": ["*.*", *(f"!{name}.*" for name in off(tap))],
        "settings": [setting(name, declared) for name, declared in leaves(settings_of(tap))],
    }


def off(tap: type[KitTap]) -> list[str]:
    """Streams that are not selected by default; Meltano would select them all the same."""
    return [stream.name for stream in tap.stream_types if not stream.selected_by_default]


def leaves(
    properties: Mapping[str, dict[str, Any]], prefix: str = ""
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Settings under dotted names, objects with known keys taken apart, as Meltano wants them."""
    for name, declared in properties.items():
        if declared.get("properties") and not prefix:
            yield from leaves(declared["properties"], f"{name}.")
        else:
            yield prefix + name, declared


def setting(name: str, declared: Mapping[str, Any]) -> dict[str, Any]:
    """One setting as Meltano's definition."""
    found: dict[str, Any] = {
        "name": name,
        "label": declared.get("title") or name.replace("_", " ").capitalize(),
        "description": declared.get("description", ""),
    }
    types = [kind for kind in _types(declared) if kind != "null"]
    if name in _DATES:
        found["kind"] = "date_iso8601"
    elif choices := [choice for choice in declared.get("enum", ()) if choice is not None]:
        found["kind"] = "options"
        found["options"] = [{"label": str(choice), "value": choice} for choice in choices]
    elif len(types) == 1 and types[0] in _KINDS:
        found["kind"] = _KINDS[types[0]]
    else:
        # Numbers too: a decimal from a variable can't be written to the tap's configuration.
        found["kind"] = "string"
    if declared.get("secret"):
        found["sensitive"] = True
    if "default" in declared:
        found["value"] = declared["default"]
    return found


def _types(declared: Mapping[str, Any]) -> list[str]:
    kinds = declared.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def meltano_extractors() -> str:
    """The extractors of ``meltano.yml``."""
    return _yaml([plugin(tap) for tap in TAPS], indent=2)


def sandbox_settings() -> str:
    """The sandbox environment's extractor settings."""
    found = []
    with Sandbox() as sandbox:
        for tap in TAPS:
            vendor = tap.name.removeprefix("tap-")
            config = sandbox.vendor(vendor).settings(f"$SANDBOX_URL/{vendor}")
            if "start_date" in config:
                config["start_date"] = "$SANDBOX_START_DATE"
            config |= _FOR_THE_LOADER.get(vendor, {})
            found.append({"name": tap.name, "config": config})
    return _yaml(found, indent=6)


def settings_table(tap: type[KitTap]) -> str:
    """A tap's own settings as a Markdown table."""
    rows = ["| setting | default | |", "|---|---|---|"]
    for name, declared in settings_of(tap).items():
        default = declared.get("default")
        shown = "" if default is None else f"`{_text(default)}`"
        if name in tap.config_jsonschema.get("required", ()):
            shown = "required"
        secret = " *Secret.*" if declared.get("secret") else ""
        rows.append(f"| `{name}` | {shown} | {declared.get('description', '')}{secret} |")
    return "\n".join(rows)


def streams_table(tap: type[KitTap]) -> str:
    """A tap's streams as a Markdown table."""
    rows = ["| stream | key | replication | source |", "|---|---|---|---|"]
    for stream in tap.stream_types:
        keys = ", ".join(stream.primary_keys)  # type: ignore[arg-type]  # declared on the class
        key = stream.replication_key
        replication = (
            "with its parent" if stream.follows_parent else f"`{key}`" if key else "full table"
        )
        off = "" if stream.selected_by_default else " (off)"
        rows.append(f"| `{stream.name}`{off} | `{keys}` | {replication} | {stream.source} |")
    return "\n".join(rows)


def _text(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True).strip()
    return text.removesuffix("...").strip()


def _yaml(value: object, *, indent: int) -> str:
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=96)
    return "".join(f"{' ' * indent}{line}" for line in text.splitlines(keepends=True))


def render(text: str) -> str:
    """A file's text with every generated part renewed.

    Parts stand between ``generated: NAME`` and ``end: NAME``, in the comments of the format.
    """
    parts = {"extractors": meltano_extractors, "sandbox": sandbox_settings}
    for tap in TAPS:
        parts[f"{tap.name} settings"] = lambda tap=tap: settings_table(tap) + "\n"  # type: ignore[misc]
        parts[f"{tap.name} streams"] = lambda tap=tap: streams_table(tap) + "\n"  # type: ignore[misc]

    def renewed(match: re.Match[str]) -> str:
        return match["head"] + parts[match["name"]]() + match["tail"]

    return re.sub(
        r"(?P<head>[^\n]*generated: (?P<name>[\w -]+?)(?: -->)?\n)"
        r".*?(?P<tail>[^\n]*end: (?P=name))",
        renewed,
        text,
        flags=re.DOTALL,
    )


FILES = ("meltano.yml", "README.md")


def main() -> int:
    """Write the files."""
    for name in FILES:
        path = PROJECT / name
        path.write_text(render(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
