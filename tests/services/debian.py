"""Installs Debian packages that tests need, where the system has apt; one process at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path


def install(*packages: str) -> None:
    """Install packages; does nothing where there is no apt.

    Raises:
        subprocess.CalledProcessError: apt could not do it; its own words are on stderr.
    """
    apt = shutil.which("apt-get")
    if apt is None:
        return
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # apt's own locks make a second process fail rather than wait.
    with (Path(tempfile.gettempdir()) / f"install-{os.geteuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for step in (["update", "-q"], ["install", "-qy", "--no-install-recommends", *packages]):
            subprocess.run([*as_root, apt, *step], check=True, env=env, stdout=subprocess.DEVNULL)  # noqa: S603  # the system's installer
