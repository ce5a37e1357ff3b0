"""Private members of the SDK stand in ``tap_kit/sdk.py`` alone; other objects' nowhere."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from sandbox.vendors import VENDORS

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = (*(f"tap_{vendor}" for vendor in VENDORS), "tap_kit", "target_db")
SEAM = Path("tap_kit/sdk.py")
FILES = sorted(
    path.relative_to(PROJECT) for package in PACKAGES for path in (PROJECT / package).rglob("*.py")
)
PUBLIC_OF_TUPLES = {"_asdict", "_replace", "_make", "_fields"}
"""Private by name only."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PUBLIC_OF_TUPLES


def is_own(value: ast.expr) -> bool:
    """Whether an attribute of ``self``, ``cls`` or ``super()`` is meant."""
    called = value.func if isinstance(value, ast.Call) else value
    return isinstance(called, ast.Name) and called.id in {"self", "cls", "super"}


@cache
def members_of(kind: type) -> frozenset[str]:
    """The private members that a class of the SDK defines: in its body or by assignment."""
    found = {name for name in vars(kind) if is_private(name)}
    for node in ast.walk(ast.parse(dedent(inspect.getsource(kind)))):
        if isinstance(node, ast.Attribute) and is_own(node.value) and is_private(node.attr):
            found.add(node.attr)
    return frozenset(found)


def of_the_sdk(kind: type) -> list[type]:
    return [base for base in kind.__mro__ if base.__module__.split(".")[0] == "singer_sdk"]


def names_used(node: ast.AST) -> Iterator[tuple[int, str, bool]]:
    """Members that code names: line, name, and whether they are the object's own."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute):
            yield inner.lineno, inner.attr, is_own(inner.value)
        elif isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield inner.lineno, inner.name, True
        elif isinstance(inner, (ast.Assign, ast.AnnAssign)):
            targets = inner.targets if isinstance(inner, ast.Assign) else [inner.target]
            yield from (
                (inner.lineno, one.id, True) for one in targets if isinstance(one, ast.Name)
            )
        elif (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Name)
            and inner.func.id in {"getattr", "setattr", "hasattr", "delattr"}
            and len(inner.args) > 1
            and isinstance(inner.args[1], ast.Constant)
        ):
            yield inner.lineno, str(inner.args[1].value), is_own(inner.args[0])


def inherited(tree: ast.AST, module: str) -> Iterator[str]:
    """Private members of the SDK that the classes of a module use or override as their own."""
    for node in ast.walk(tree):
        kind = (
            getattr(sys.modules[module], node.name, None)
            if isinstance(node, ast.ClassDef)
            else None
        )
        bases = of_the_sdk(kind) if isinstance(kind, type) else []
        private = frozenset[str]().union(*map(members_of, bases))
        for line, name, own in names_used(node) if bases else ():
            final = any(getattr(vars(base).get(name), "__final__", False) for base in bases)
            if own and (name in private or final):
                yield f"line {line}: {name}"


def foreign(tree: ast.AST) -> Iterator[str]:
    """Private members of other objects, if the module doesn't define them itself."""
    used = list(names_used(tree))
    own = {name for _, name, is_own_one in used if is_own_one}
    yield from (
        f"line {line}: {name}"
        for line, name, mine in used
        if is_private(name) and not mine and name not in own
    )


def module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def found_in(path: Path) -> list[str]:
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    import_module(module(path))
    return [*inherited(tree, module(path)), *foreign(tree)]


@pytest.mark.parametrize("path", [path for path in FILES if path != SEAM], ids=str)
def test_no_private_member_of_another_package_is_used(path: Path) -> None:
    assert not found_in(path)


def test_the_one_module_that_uses_them_is_seen() -> None:
    assert {line.split()[-1] for line in found_in(SEAM)} == {
        "_config",
        "_handle_termination",
        "_increment_stream_state",
        "_tap",
        "_tap_input_catalog",
        "_validate_config",
        "sync_all",
    }


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("stream._tap", ["_tap"]),
        ("getattr(stream, '_tap')", ["_tap"]),
        ("self._tap.name", []),
        ("pair._asdict()", []),
        ("self._own = 1; other._own", []),
        ("singer_sdk.helpers._state", ["_state"]),
    ],
)
def test_private_members_of_other_objects_are_seen(code: str, names: list[str]) -> None:
    assert [line.split()[-1] for line in foreign(ast.parse(code))] == names


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_private_module_of_the_sdk_is_imported(path: Path) -> None:
    names = {
        f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(ast.parse((PROJECT / path).read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    assert not [
        name
        for name in names
        if name.startswith("singer_sdk.") and any(map(is_private, name.split(".")))
    ]
