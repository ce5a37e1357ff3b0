"""The workflows run what the README tells, on the versions that the package promises."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]
WORKFLOWS = PROJECT / ".github" / "workflows"


def test_actions_are_pinned_by_commit() -> None:
    for path in WORKFLOWS.glob("*.yml"):
        for action in re.findall(r"uses: (\S+)(.*)", path.read_text(encoding="utf-8")):
            name, comment = action
            if not name.startswith("./"):
                assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name), name
                assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_all_promised_versions_of_python_are_tested() -> None:
    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    promised = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)
    workflow = _workflow("test")
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == promised
    assert workflow["jobs"]["test"]["steps"][-1]["run"].startswith("make test")


def test_uv_is_the_same_everywhere() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    (version,) = re.findall(r"UV_VERSION := (\S+)", makefile)
    release = (WORKFLOWS / "release.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"uv==(\S+)", release)) == {version}


def test_a_release_needs_its_tests() -> None:
    jobs = _workflow("release")["jobs"]
    assert jobs["publish"]["needs"] == ["test", "build"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}


def _workflow(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((WORKFLOWS / f"{name}.yml").read_text("utf-8"))
    return found
