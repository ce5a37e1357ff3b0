"""A fresh clone of the repository as it stands in the working tree, for tests that change files."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
_COMMITTER = ("-c", "user.name=Tests", "-c", "user.email=tests@example.com")


def check_out(folder: Path) -> Path:
    """Make a repository of its own in a folder: one commit on main, with today's files."""
    for name in _git(PROJECT, "ls-files", "-z", "-co", "--exclude-standard").split("\0"):
        if name and (PROJECT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "add", "--all", "--force")
    _git(folder, *_COMMITTER, "commit", "--quiet", "--message=All files")
    return folder


def tracked(folder: Path) -> set[str]:
    """Names of the files that git tracks."""
    return {name for name in _git(folder, "ls-files", "-z").split("\0") if name}


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # our own arguments
        ["git", *arguments],  # noqa: S607  # as users do
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
