"""Who may import whom: taps know no other tap, the kit no vendor, loaders no tap.

Within the kit each floor stands on those below it. Imports for types count like all others.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from sandbox.vendors import VENDORS

PROJECT = Path(__file__).resolve().parents[2]
TAPS = {f"tap_{vendor}" for vendor in VENDORS}
OURS = TAPS | {"tap_kit", "target_db", "sandbox", "tests", "demo", "benchmarks", "docs"}
ALLOWED = {
    **{tap: {tap, "tap_kit"} for tap in sorted(TAPS)},
    "tap_kit": {"tap_kit"},
    "target_db": {"target_db"},
    "sandbox": {"sandbox"},
    "demo": {"demo", "sandbox"},
}
FILES = sorted(
    path.relative_to(PROJECT) for package in ALLOWED for path in (PROJECT / package).rglob("*.py")
)

FLOORS = (
    "errors",
    "sdk",
    "stats",
    "threads",
    "text",
    "time",
    "inputs",
    "http",
    "files",
    "streams",
    "tables",
    "engine",
    "doctor",
    "command",
    "tap",
    "cli",
)
"""The kit from the bottom up; each may import only itself and those before it."""


def module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def modules_imported(path: Path, modules: set[str]) -> set[str]:
    """The modules of a package that a file imports, types or not.

    A module's import runs the packages that it is in, if it isn't in them itself.
    """
    found = set()
    for node in ast.walk(ast.parse((PROJECT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in modules else node.module)
    around = {*parents(module(path)), module(path)}
    return {one for name in found & modules for one in (name, *parents(name))} & modules - around


def parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def arrows(package: str) -> dict[str, set[str]]:
    files = [path for path in FILES if path.parts[0] == package]
    modules = {module(path) for path in files}
    return {module(path): modules_imported(path, modules) for path in files}


def floor(name: str) -> int:
    return FLOORS.index(name.split(".")[1])


def test_every_part_of_the_kit_has_a_floor() -> None:
    assert {name.split(".")[1] for name in arrows("tap_kit") if "." in name} == {*FLOORS}


def test_no_floor_of_the_kit_knows_one_above_it() -> None:
    upwards = [
        (name, other)
        for name, others in arrows("tap_kit").items()
        for other in others
        if "." in name and floor(other) > floor(name)
    ]
    assert not upwards


def circles(arrows: dict[str, set[str]]) -> set[frozenset[str]]:
    """Sets of modules each of which imports all the others, directly or not."""
    reached = {name: reachable(name, arrows) for name in arrows}
    return {
        frozenset(other for other in reached[name] if name in reached[other])
        for name in arrows
        if name in reached[name]
    }


def reachable(name: str, arrows: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    next_ones = [name]
    while next_ones:
        new = arrows[next_ones.pop()] - found
        found |= new
        next_ones += new
    return found


@pytest.mark.parametrize("package", ALLOWED)
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    assert not circles(arrows(package))


def test_circles_are_found() -> None:
    ring = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}, "top": {"a"}}
    assert circles(ring) == {frozenset("abc"), frozenset("de")}
    assert circles({"a": {"b"}, "b": set()}) == set()


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse((PROJECT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", FILES, ids=str)
def test_arrows(path: Path) -> None:
    ours = {name.split(".")[0] for name in imported(path)} & OURS
    assert ours <= ALLOWED[path.parts[0]]


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] in TAPS], ids=str)
def test_taps_do_not_know_the_engine(path: Path) -> None:
    assert not [name for name in imported(path) if name.startswith("tap_kit.engine")]


STRUCTS = "tap_kit.streams.structs"
KNOWING_WAYS = {"is_typed", "untyped", "row_type", "rows_decoder", "RowsDecoder", "Row", "Records"}


def names_in(path: Path) -> set[str]:
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return {
        name
        for node in ast.walk(tree)
        for name in (getattr(node, "id", None), getattr(node, "attr", None))
        if isinstance(name, str)
    }


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] in TAPS], ids=str)
def test_taps_do_not_know_in_which_way_rows_are_decoded(path: Path) -> None:
    assert STRUCTS not in imported(path)
    assert not names_in(path) & KNOWING_WAYS
