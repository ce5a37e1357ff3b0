"""The targets of the Makefile share one environment, in whatever order they are made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.checkout import check_out

if TYPE_CHECKING:
    from collections.abc import Mapping

UV = Path(sys.executable).with_name("uv")
PYTHON = Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")

pytestmark = pytest.mark.xdist_group("package")


def _shim(folder: Path, name: str, command: str) -> None:
    """A script that stands for an interpreter, as version managers lay them on PATH."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def _make(clone: Path, target: str, python: Path | None, environment: Mapping[str, str]) -> None:
    chosen = [f"PYTHON={python}"] if python else []
    done = subprocess.run(  # noqa: S603  # our own arguments
        ["make", target, f"UV={UV}", *chosen],  # noqa: S607  # as users do
        cwd=clone,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("case", ["a shim", "a shim by its path", "a shim without a version"])
def test_demo_docs_and_tests_keep_one_environment(tmp_path: Path, case: str) -> None:
    clone = check_out(tmp_path)
    shims = tmp_path / "shims"
    works = f'exec "{PYTHON}" "$@"'
    _shim(shims, "python3.11", "exit 127" if case == "a shim without a version" else works)
    _shim(shims, "python3", works)
    python = shims / "python3.11" if case == "a shim by its path" else None
    environment = {"PATH": f"{shims}:{os.environ['PATH']}"}
    _make(clone, ".venv/.demo", python, environment)
    mark = clone / ".venv" / "kept"
    mark.touch()
    for target in (".venv/.docs", ".venv/.demo", ".venv/.docs"):
        (clone / "pyproject.toml").touch()
        _make(clone, target, python, environment)
    installed = {path.name for path in (clone / ".venv" / "bin").iterdir()}
    assert mark.exists()
    assert {"meltano", "mkdocs", "tap-flow"} <= installed
