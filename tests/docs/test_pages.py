"""What the pages say is so: files exist, commands have their options, code runs."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from docs.generate import TAPS
from docs.reference import settings_of
from tap_kit.engine.summary import summary_line
from tap_kit.stats import StreamStats
from tests.docs.typed import PAGES, PROJECT, blocks

if TYPE_CHECKING:
    from pathlib import Path

_ASSIGNMENT = re.compile(r"[A-Z_]+=")


def texts(path: Path, language: str) -> list[str]:
    """The fenced blocks of a page in a language."""
    return [block.text for block in blocks(path) if block.language == language]


def test_a_block_named_as_a_file_shows_that_file() -> None:
    """Also where a formatter of code might change the line that names it."""
    files = {
        block.place: (block.title, block.text)
        for page in PAGES
        for block in blocks(page)
        if "/" in block.title and (PROJECT / block.title).is_file()
    }
    assert len(files) > 4
    for place, (title, text) in files.items():
        assert text in {f'--8<-- "{title}"\n', f"--8<--\n{title}\n--8<--\n"}, place


def commands() -> list[list[str]]:
    """All commands that pages show, as words, without what they set in the environment."""
    found = []
    for path in PAGES:
        for block in texts(path, "shell"):
            for line in block.replace("\\\n", " ").splitlines():
                for part in line.split(" | "):
                    words = shlex.split(part.partition(" > ")[0], comments=True)
                    while words and _ASSIGNMENT.match(words[0]):
                        del words[0]
                    if words:
                        found.append(words)
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_rows_stand_in_tables(path: Path) -> None:
    """A row after an empty line belongs to no table: it is shown as a text with bars."""
    fenced, before = False, ""
    lines = path.read_text("utf-8").splitlines()
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        fenced ^= line.startswith("```")
        if not fenced and line.startswith("|") and not before.startswith("|"):
            assert re.fullmatch(r"\|([-: ]+\|)+", after), line
        before = line


_OPTIONS = """
import json, sys
import click
from importlib import import_module

module, _, name = sys.argv[1].partition(":")
command = getattr(import_module(module), name)
command = getattr(command, "cli", command)
context = click.Context(command)
commands = [command, *(command.get_command(context, name) for name in sys.argv[2:])]
print(json.dumps([option for one in commands for part in one.params for option in part.opts]))
"""


def options(program: str, *commands: str) -> set[str]:
    """All options of a click program and of some of its commands."""
    done = subprocess.run(  # noqa: S603  # Python, of this environment
        [sys.executable, "-c", _OPTIONS, program, *commands],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {*json.loads(done.stdout.splitlines()[-1])}


def test_options_of_meltanos_commands_exist() -> None:
    shown = [words for words in commands() if words[0] == "meltano"]
    names = {next(word for word in words[1:] if not word.startswith("-")) for words in shown}
    assert {"run", "config", "state"} <= names
    assert _named(shown) <= options("meltano.cli:cli", *names)


def test_options_of_the_taps_exist() -> None:
    shown = [words for words in commands() if words[0].startswith("tap-")]
    assert {"tap-flow", "tap-xoi"} <= {words[0] for words in shown}
    assert _named(shown) <= options("tap_flow.tap:TapFlow")


def _named(shown: list[list[str]]) -> set[str]:
    return {word.partition("=")[0] for words in shown for word in words if word.startswith("--")}


def test_make_targets_exist() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = {words[1] for words in commands() if words[0] == "make"}
    assert {"demo", "test"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_code_for_reading_a_summary_reads_one() -> None:
    (code,) = texts(PROJECT / "docs" / "pages" / "guides" / "monitoring.md", "python")
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  # what the page says
    stats = StreamStats("people")
    stats.started = True
    stats.note_drifted("Shoe size")
    stats.note_drifted("age")
    line = f"2026-11-23 05:18:23,629 | INFO     | tap-xoi | {summary_line(stats)}"
    found = names["read_summary"](line)
    assert found["stream"] == "people"
    assert found["records"] == "0"
    assert found["bookmark_to"] == "-"
    assert found["drifted_fields"] == "Shoe size,age"


def test_the_summary_shown_has_todays_keys() -> None:
    page = (PROJECT / "docs" / "pages" / "guides" / "monitoring.md").read_text(encoding="utf-8")
    (shown,) = (line for line in page.splitlines() if line.startswith("summary "))
    keys = re.compile(r"(\w+)=")
    assert keys.findall(shown) == keys.findall(summary_line(StreamStats("jobs")))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_json_on_pages_is_json(path: Path) -> None:
    for block in texts(path, "json"):
        json.loads(block)


def test_the_guarantees_tests_exist() -> None:
    page = (PROJECT / "docs" / "pages" / "guarantees.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", page))
    assert named
    assert not [name for name in named if not (PROJECT / name).is_file()]
    rows = [line for line in page.splitlines() if line.startswith("| ") and "shown by" not in line]
    assert all("`tests/" in row for row in rows)


def test_the_architecture_shows_all_wings_and_files_that_exist() -> None:
    folder = PROJECT / "docs" / "pages" / "development"
    page = (folder / "architecture.md").read_text(encoding="utf-8")
    shown = re.findall(r"`(\w+)(?:/|\.py)`", page.partition("## The kit")[2].partition("## The")[0])
    kit = {path.stem for path in (PROJECT / "tap_kit").iterdir() if path.suffix in {"", ".py"}}
    assert {*shown} == kit - {"__init__", "__pycache__"}
    for path in folder.glob("*.md"):
        named = re.findall(r"`((?:tap_\w+|tests)/[\w./]+)`", path.read_text(encoding="utf-8"))
        assert all((PROJECT / name).exists() for name in named), path


def test_all_settings_that_pages_name_exist() -> None:
    variables = {
        f"{tap.name.replace('-', '_')}_{name}".upper(): name
        for tap in TAPS
        for name in settings_of(tap)
    }
    for path in PAGES:
        named = re.findall(r"\bTAP_[A-Z]+_[A-Z_]+", path.read_text(encoding="utf-8"))
        assert set(named) <= set(variables), path
