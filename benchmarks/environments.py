"""Environments of the peers, one each: singer-python's backoff and ours exclude each other."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PEERS = HERE / "peers"
CACHE = HERE.parent / ".cache" / "benchmarks"


def python_of(name: str) -> Path:
    """The interpreter of a peer's environment, which is made if it isn't there as pinned."""
    pins = PEERS / name / "requirements.txt"
    place = CACHE / "environments" / name
    python = place / "bin" / "python"
    stamp = place / "pins"
    wanted = f"{sys.version} {hashlib.sha256(pins.read_bytes()).hexdigest()}"
    if not stamp.exists() or stamp.read_text() != wanted:
        uv = os.environ.get("UV") or shutil.which("uv") or "uv"
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, place], check=True)
        subprocess.run(
            [uv, "pip", "install", "-q", "--compile-bytecode", "--python", python, "-r", pins],
            check=True,
        )
        stamp.write_text(wanted)
    return python


def pinned(name: str, package: str) -> str:
    """The version of a package that a peer's requirements pin."""
    for line in (PEERS / name / "requirements.txt").read_text().splitlines():
        found, _, version = line.partition("==")
        if found.strip() == package:
            return version.split()[0]
    msg = f"{package} is not pinned for {name}"
    raise LookupError(msg)
