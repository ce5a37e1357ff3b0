"""A page for each stream: its source, its columns, a row, a first query, what it belongs to."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from docs.columns import columns_table, keys_of, name_of
from docs.first_queries import QUERIES
from docs.relations import MODELS
from docs.samples import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_kit.streams.stream import RecordStream
    from tap_kit.tap import KitTap

PROJECT = Path(__file__).resolve().parent.parent
_HEAD = "<!-- Written by `make generate`. -->\n"


def folder_of(tap: type[KitTap]) -> Path:
    """Where the pages of a tap's streams are."""
    vendor = tap.name.removeprefix("tap-")
    return PROJECT / "docs" / "pages" / "taps" / vendor / "columns"


def pages(tap: type[KitTap]) -> Iterator[tuple[Path, str]]:
    """The pages of a tap's streams, with their texts."""
    for stream in tap.stream_types:
        yield folder_of(tap) / f"{name_of(stream)}.md", "\n".join(_page(tap, stream)) + "\n"


def list_of_streams(tap: type[KitTap]) -> str:
    """The streams of a tap with a link to each page, and what each one is, as a Markdown table."""
    rows = ["| stream | what it is |", "|---|---|"]
    for stream in tap.stream_types:
        name = name_of(stream)
        off = "" if stream.selected_by_default else " (off)"
        rows.append(f"| [`{name}`](columns/{name}.md){off} | {about(stream)[0]} |")
    return "\n".join(rows) + "\n"


def row_of_a_report(tap: type[KitTap]) -> str:
    """A row of a report of the sandbox's company, as JSON."""
    row = sample(tap.name)["oneonone_summary"]
    return f"```json\n{json.dumps(row, indent=2, ensure_ascii=False)}\n```\n"


def navigation(tap: type[KitTap]) -> str:
    """The pages in the site's navigation."""
    vendor = tap.name.removeprefix("tap-")
    names = map(name_of, tap.stream_types)
    return "".join(f"    - {name}: taps/{vendor}/columns/{name}.md\n" for name in names)


def replication_of(stream: type[RecordStream]) -> str:
    """How a stream is read from run to run, in a word or two."""
    declared: object = stream.replication_key  # the SDK's property where there is none
    if stream.follows_parent:
        return "with its parent"
    return f"`{declared}`" if isinstance(declared, str) else "full table"


def about(stream: type[RecordStream]) -> list[str]:
    """What a stream is, in paragraphs.

    What follows them in a docstring (Attributes and the like) is for programmers.
    """
    told = [paragraph.split() for paragraph in (stream.__doc__ or "").split("\n\n")]
    return [
        " ".join(words).replace("``", "`") for words in told if words and not words[0].endswith(":")
    ]


def _page(tap: type[KitTap], stream: type[RecordStream]) -> Iterator[str]:
    name = name_of(stream)
    yield f"{_HEAD}# {name}\n"
    for paragraph in about(stream):
        yield f"{paragraph}\n"
    yield f"- Source: {escape(stream.source)}"
    yield f"- Key: `{', '.join(keys_of(stream))}`"
    yield f"- Replication: {replication_of(stream)}"
    yield f"- Selected by default: {'yes' if stream.selected_by_default else 'no'}\n"
    yield "## Columns\n"
    yield f'<div class="columns" markdown="1">\n\n{columns_table(stream)}\n\n</div>\n'
    if row := sample(tap.name).get(name):
        yield "## A row\n"
        yield "Of the sandbox's company; long texts and lists are cut at `…`.\n"
        yield f"```json\n{json.dumps(row, indent=2, ensure_ascii=False)}\n```\n"
    if query := QUERIES.get(tap.name, {}).get(name):
        yield "## A first query\n"
        yield f"```sql\n{query.strip()}\n```\n"
    if relations := list(_relations(tap, name)):
        yield "## Belongs to\n"
        yield "| column | refers to | |\n|---|---|---|"
        yield "\n".join(relations) + "\n"
    yield "## Changes\n"
    yield from _changes(tap.name, name)


def _relations(tap: type[KitTap], name: str) -> Iterator[str]:
    model = MODELS.get(tap.name)
    for relation in model.relations if model else ():
        if name in {relation.child_stream, relation.parent_stream}:
            many = "at most one row each" if relation.single else "many rows each"
            child = _link(relation.child, relation.child_stream, name)
            parent = _link(relation.parent, relation.parent_stream, name)
            yield f"| {child} | {parent} | {many} |"


def _link(column: str, stream: str, here: str) -> str:
    return f"`{column}`" if stream == here else f"[`{column}`]({stream}.md)"


def _changes(tap: str, name: str) -> Iterator[str]:
    """What the changelog's releases say of a stream, the newest first."""
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.split(r"^## (\d\S* .+)$", text, flags=re.MULTILINE)[1:]
    if not releases:
        yield "The first version is not released yet."
        return
    lines = [
        f"- {version}: {' '.join(entry.split())}"
        for version, entries in zip(releases[::2], releases[1::2], strict=True)
        for entry in re.findall(r"^- (.+(?:\n  .+)*)", entries, re.MULTILINE)
        if f"`{name}`" in entry and (tap in entry or "tap-" not in entry)
    ]
    yield "\n".join(lines) or "None since the first version."
