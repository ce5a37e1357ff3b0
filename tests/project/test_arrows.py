"""Who may import whom: taps know no other tap, the kit no vendor, loaders no tap."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TAPS = {"tap_flow", "tap_giosg", "tap_crewmojo", "tap_xoi"}
OURS = TAPS | {"tap_kit", "target_db", "sandbox", "tests", "demo", "benchmarks", "docs"}
ALLOWED = {
    **{tap: {tap, "tap_kit"} for tap in TAPS},
    "tap_kit": {"tap_kit"},
    "target_db": {"target_db"},
    "sandbox": {"sandbox"},
    "demo": {"demo", "sandbox"},
}
FILES = sorted(
    path.relative_to(PROJECT) for package in ALLOWED for path in (PROJECT / package).rglob("*.py")
)


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


@pytest.mark.parametrize("path", FILES, ids=str)
def test_private_parts_of_the_sdk_stay_unused(path: Path) -> None:
    if path.parts[0] == "sandbox":
        return
    private = {
        name
        for name in imported(path)
        if name.startswith("singer_sdk") and any(part.startswith("_") for part in name.split("."))
    }
    assert not private
