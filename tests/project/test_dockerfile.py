"""The container image: what a linter says, and what makes it safe to run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")


def test_the_linter_has_nothing_to_say() -> None:
    done = subprocess.run(  # noqa: S603  # a linter
        [Path(sys.executable).with_name("hadolint"), "Dockerfile"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_runs_without_root_unbuffered_and_with_signals_passed_on() -> None:
    *_, user = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert user == "10001"
    assert "PYTHONUNBUFFERED=1" in DOCKERFILE
    entrypoints = re.findall(r"^ENTRYPOINT (.+)$", DOCKERFILE, re.MULTILINE)
    assert entrypoints == ['["tini", "-g", "--"]', '["tini", "--"]']


def test_uv_is_the_makefiles() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    (version,) = re.findall(r"UV_VERSION := (\S+)", makefile)
    assert re.findall(r"uv==(\S+)", DOCKERFILE) == [version]


def test_no_settings_or_data_get_into_the_image() -> None:
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ".*" in ignored
    assert not [line for line in ignored if line.startswith("!.env")]
