"""What is published: built, looked into, installed where nothing else is, and run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

PROJECT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
COMMANDS = ("tap-flow", "tap-giosg", "tap-crewmojo", "tap-xoi")
PACKAGES = {"tap_flow", "tap_giosg", "tap_crewmojo", "tap_xoi", "tap_kit"}

pytestmark = pytest.mark.xdist_group("package")


def _run(*command: str | Path, cwd: Path = PROJECT) -> str:
    done = subprocess.run(  # noqa: S603  # our own commands
        command, cwd=cwd, capture_output=True, text=True, check=False
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


def test_the_wheel_holds_the_taps_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    metadata = {name.split("/")[0] for name in names if ".dist-info/" in name}
    assert {name.split("/")[0] for name in names} - metadata == PACKAGES
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name]


def test_the_source_holds_what_is_in_the_repository(source: Path) -> None:
    for name in ("tests", "sandbox", "docs", "hub", "meltano.yml", ".env.example", "uv.lock"):
        assert (source / name).exists(), name
    for name in (".venv", ".cache", ".meltano", ".git", "site"):
        assert not (source / name).exists(), name


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
