"""What is published: built, looked into, installed where nothing else is, and run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from email import message_from_string
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from sandbox.vendors import VENDORS
from tests.checkout import check_out, tracked

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
TWINE = Path(sys.executable).with_name("twine")
COMMANDS = (*(f"tap-{vendor}" for vendor in VENDORS), "target-duck", "target-pg")
PACKAGES = {*(f"tap_{vendor}" for vendor in VENDORS), "tap_kit", "target_db"}
USERS_FILES = (
    "config.json",
    "catalog.json",
    "state.json",
    "messages.jsonl",
    ".env",
    ".env.prod",
    ".demo/demo.duckdb",
    ".meltano/meltano.db",
    ".taps/bin/tap-flow",
    ".venv/pyvenv.cfg",
    "batches/jobs.gz",
    "output/jobs.jsonl",
    "site/index.html",
    "warehouse.duckdb",
    "prod settings[1].yml",
    "tap_flow/#notes!.txt",
    "tap_kit/customers.csv",
    "ours/*.csv",
)
NOT_FROM_OUR_PAGES = {
    "prod settings[1].yml",
    "tap_flow/#notes!.txt",
    "tap_kit/customers.csv",
    "ours/*.csv",
}

pytestmark = pytest.mark.xdist_group("package")


def _run(*command: str | Path, cwd: Path = PROJECT, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(  # noqa: S603  # our own commands
        command, cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that was made from it."""
    folder = tmp_path_factory.mktemp("dist")
    _run(UV, "build", "--quiet", "--out-dir", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def source(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked source distribution."""
    (packed,) = built.glob("*.tar.gz")
    folder = tmp_path_factory.mktemp("source")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands' folder of an environment with the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    _run(UV, "venv", "--quiet", "--python", sys.executable, folder)
    _run(UV, "pip", "install", "--quiet", "--python", folder / "bin" / "python", wheel)
    return folder / "bin"


def test_the_wheel_holds_taps_and_loaders_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    metadata = {name.split("/")[0] for name in names if ".dist-info/" in name}
    assert {name.split("/")[0] for name in names} - metadata == PACKAGES
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name]


def test_packages_hold_tracked_files_and_nothing_of_the_users(tmp_path: Path) -> None:
    clone = check_out(tmp_path)
    files = tracked(clone)
    for name in USERS_FILES:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text("secret", encoding="utf-8")
    _run(UV, "build", "--quiet", "--sdist", "--out-dir", tmp_path / "dist", cwd=clone)
    _run(UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path / "dist", cwd=clone)
    (source,) = (tmp_path / "dist").glob("*.tar.gz")
    with tarfile.open(source) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert packed == files | {"PKG-INFO"}
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with ZipFile(wheel) as archive:
        installed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert installed == {name for name in files if name.split("/")[0] in PACKAGES}


def test_packages_are_built_where_git_can_not_be_asked(tmp_path: Path) -> None:
    clone = check_out(tmp_path / "clone")
    shim = tmp_path / "git"
    shim.write_text("#!/bin/sh\nexit 128\n", encoding="utf-8")
    shim.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    _run(UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path, cwd=clone, env=environment)
    assert list(tmp_path.glob("*.whl"))


def test_git_ignores_what_the_pages_have_users_make(tmp_path: Path) -> None:
    clone = check_out(tmp_path)
    made = [name for name in USERS_FILES if name not in NOT_FROM_OUR_PAGES]
    assert _run("git", "check-ignore", *made, cwd=clone).split() == made


def test_a_package_index_takes_the_metadata(built: Path) -> None:
    _run(TWINE, "check", "--strict", *built.glob("frontline_taps-*"))


def test_links_of_the_readme_work_on_a_package_index(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_string(archive.read(name).decode("utf-8"))
    addresses = dict(url.split(", ") for url in metadata.get_all("Project-URL", []))
    assert {"Repository", "Documentation", "Changelog", "Issues"} <= set(addresses)
    shown = str(metadata.get_payload())
    links = re.findall(r"\]\(([^)\s]+)\)", shown)
    assert links
    assert all(link.startswith(("https://", "#")) for link in links)
    ours = [link for link in links if link.startswith(f"{addresses['Repository']}/")]
    assert ours
    for link in ours:
        path = link.removeprefix(f"{addresses['Repository']}/").split("/", 2)[2]
        assert (PROJECT / path.partition("#")[0]).exists(), path


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run_from_the_wheel(
    installed: Path, wheel: Path, tmp_path: Path, command: str
) -> None:
    version = wheel.name.split("-")[1]
    assert f"v{version}" in _run(installed / command, "--version", cwd=tmp_path)
    about = json.loads(_run(installed / command, "--about", "--format=json", cwd=tmp_path))
    assert about["name"] == command
    assert about["version"] == version


def test_without_git_there_is_a_version_too(source: Path, tmp_path: Path) -> None:
    bare = shutil.copytree(source, tmp_path / "bare", ignore=shutil.ignore_patterns("PKG-INFO"))
    _run(UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path, cwd=bare)
    assert [path.name.split("-")[1] for path in tmp_path.glob("*.whl")] == ["0.1.0.dev0"]
