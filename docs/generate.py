"""Writes what must agree with the taps: ``meltano.yml``, the tables of README and docs.

``python -m docs.generate`` writes the files; a test compares them. The taps are the one source.
"""

from __future__ import annotations

import json
import re
import sys
from functools import partial
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from docs import dbt, doctor, loaders, profiles
from docs.address import with_address
from docs.columns import envelope_table, keys_of, name_of
from docs.hub import LISTINGS, VARIANT, definition_text, environment_text
from docs.picture import picture
from docs.reference import (
    diagram,
    joins_table,
    sdk_settings,
    settings_of,
    settings_reference,
)
from docs.relations import MODELS
from docs.stream_pages import list_of_streams, navigation, pages, replication_of, row_of_a_report
from sandbox.sandbox import Sandbox
from sandbox.vendors import VENDORS
from tap_crewmojo.streams import ReportStream
from tap_flow.streams.completed_jobs import CompletedJobs
from target_db import settings
from target_db.command import TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_kit.tap import KitTap

PROJECT = Path(__file__).resolve().parent.parent


def _tap_of(vendor: str) -> type[KitTap]:
    tap: type[KitTap] = getattr(import_module(f"tap_{vendor}.tap"), f"Tap{vendor.capitalize()}")
    return tap


TAPS = tuple(map(_tap_of, VENDORS))

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
    return [name_of(stream) for stream in tap.stream_types if not stream.selected_by_default]


def leaves(
    properties: Mapping[str, dict[str, Any]], prefix: str = ""
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Settings under dotted names, objects with known keys taken apart, as Meltano wants them."""
    for name, declared in properties.items():
        if declared.get("properties") and name != "stream_maps":  # its keys are streams
            yield from leaves(declared["properties"], f"{prefix}{name}.")
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


def meltano_loaders() -> str:
    """The project's own loaders in ``meltano.yml``."""
    return _yaml([loaders.plugin(target) for target in TARGETS], indent=2)


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


def flow_schedules() -> str:
    """Two schedules of tap-flow: what has a cursor, and what is read as a whole."""
    (flow,) = (tap for tap in TAPS if tap.name == "tap-flow")
    often = [
        name_of(stream)
        for stream in flow.stream_types
        if stream.follows_parent or stream is CompletedJobs
    ]
    schedules = [
        ("flow-hourly", "10 * * * *", often),
        ("flow-daily", "35 2 * * *", [f"!{name}" for name in often]),
    ]
    return _yaml(
        [
            {
                "name": name,
                "interval": interval,
                "job": "flow-to-postgres",
                "env": {"TAP_FLOW__SELECT_FILTER": json.dumps(streams)},
            }
            for name, interval, streams in schedules
        ],
        indent=0,
    )


def taps_table(folder: str) -> str:
    """The taps as a Markdown table.

    Args:
        folder: Path from the page to the folder of the documentation's pages, with a slash at its
            end unless it is empty.
    """
    rows = ["| tap | vendor | what it brings | columns |", "|---|---|---|---|"]
    for tap in TAPS:
        listing = LISTINGS[tap.name]
        pages = f"{folder}taps/{tap.name.removeprefix('tap-')}"
        streams = f"{len(tap.stream_types)} streams" if tap.stream_types else "a stream a report"
        rows.append(
            f"| [`{tap.name}`]({pages}/index.md) | {listing.label} | {listing.brings} | "
            f"[{streams}]({pages}/columns.md) |"
        )
    return "\n".join(rows) + "\n"


def streams_table(tap: type[KitTap]) -> str:
    """A tap's streams as a Markdown table."""
    rows = ["| stream | key | replication | source |", "|---|---|---|---|"]
    if not tap.stream_types:
        rows.append(
            "| one for each of `reports` | `row_id`, or its `primary_keys` | `end_date`, or full "
            f"table where `date_range` is false | {escape(ReportStream.source)} |"
        )
    for stream in tap.stream_types:
        keys = ", ".join(keys_of(stream))
        off = "" if stream.selected_by_default else " (off)"
        name = name_of(stream)
        off += f" (with `{stream.needs_setting}`)" if stream.needs_setting else ""
        rows.append(
            f"| [`{name}`](columns/{name}.md){off} | `{keys}` | {replication_of(stream)} | "
            f"{escape(stream.source)} |"
        )
    return "\n".join(rows) + "\n"


def _yaml(value: object, *, indent: int) -> str:
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=96)
    return "".join(f"{' ' * indent}{line}" for line in text.splitlines(keepends=True))


def render(text: str) -> str:
    """A file's text with every generated part and the repository's address renewed.

    Parts stand between ``generated: NAME`` and ``end: NAME``, in the comments of the format.
    """
    parts: dict[str, Callable[[], str]] = {
        "extractors": meltano_extractors,
        "loaders": meltano_loaders,
        "sandbox": sandbox_settings,
        "schedules of tap-flow": flow_schedules,
        "taps": partial(taps_table, ""),
        "taps from the root": partial(taps_table, "docs/pages/"),
        "settings of the SDK": partial(sdk_settings, TAPS[0]),
        "lineage": partial(dbt.lineage_table, TAPS),
    }
    for target in TARGETS:
        parts[f"{target.command} settings"] = partial(settings.table, target.settings)
    for tap in TAPS:
        kinds = {
            "streams": streams_table,
            "reference": settings_reference,
            "unknowns": doctor.unknowns,
            "doctor": doctor.transcript,
            "pages": navigation,
        }
        kinds |= (
            {"columns": list_of_streams}
            if tap.stream_types
            else {"columns": lambda _: f"{envelope_table()}\n", "row": row_of_a_report}
        )
        if tap.name in MODELS:
            kinds |= {"diagram": diagram, "joins": joins_table}
        for kind, write in kinds.items():
            parts[f"{tap.name} {kind}"] = partial(write, tap)

    def renewed(match: re.Match[str]) -> str:
        return match["head"] + parts[match["name"]]() + match["tail"]

    return re.sub(
        r"(?P<head>[^\n]*generated: (?P<name>[\w -]+?)(?: -->)?\n)"
        r".*?(?P<tail>[^\n]*end: (?P=name))",
        renewed,
        with_address(text),
        flags=re.DOTALL,
    )


FILES = (
    *(
        PROJECT / name
        for name in (
            "meltano.yml",
            "README.md",
            "pyproject.toml",
            "hub/README.md",
            "mkdocs.yml",
        )
    ),
    *sorted((PROJECT / "docs" / "pages").glob("**/*.md")),
)


def whole_files() -> Iterator[tuple[Path, str]]:
    """Files of which every line is generated, with their texts."""
    plugins = [plugin(tap) for tap in TAPS]
    yield PROJECT / ".env.example", environment_text(plugins) + loaders.environment_text()
    yield PROJECT / "docs" / "pages" / "assets" / "taps.svg", picture(TAPS)
    for target in TARGETS:
        folder = PROJECT / "hub" / "loaders" / target.command
        yield folder / f"{VARIANT}.yml", loaders.definition_text(target)
    for tap in TAPS:
        yield from pages(tap)
    for tap, definition in zip(TAPS, plugins, strict=True):
        folder = PROJECT / "hub" / "extractors" / tap.name
        yield folder / f"{VARIANT}.yml", definition_text(definition, tap)
    yield from dbt.files(TAPS)
    yield profiles.PATH, profiles.text()


def main() -> int:
    """Write the files."""
    for path in FILES:
        path.write_text(render(path.read_text(encoding="utf-8")), encoding="utf-8")
    for path, text in whole_files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
