"""What a person at a terminal sees, and that the messages on stdout stay clean."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
from typing import TYPE_CHECKING

from sandbox import Sandbox
from tests.singer import arguments

if TYPE_CHECKING:
    from pathlib import Path


def screen_of(controller: int) -> str:
    """Everything that is written to a terminal until nobody is there any more."""
    shown = b""
    with contextlib.suppress(OSError):  # how a terminal says that
        while chunk := os.read(controller, 65536):
            shown += chunk
    os.close(controller)
    return shown.decode()


def test_a_terminal_shows_a_table_beside_clean_messages(tmp_path: Path) -> None:
    messages = tmp_path / "messages"
    with Sandbox(vendors=("xoi",), scale=0.2) as sandbox, messages.open("wb") as stdout:
        command = arguments("tap-xoi", sandbox.settings("xoi"), tmp_path)
        controller, terminal = pty.openpty()
        env = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
        with subprocess.Popen(command, stdout=stdout, stderr=terminal, env=env) as tap:  # noqa: S603  # the tap under test
            os.close(terminal)
            screen = screen_of(controller)
    assert tap.returncode == 0
    lines = messages.read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["type"] for line in lines} == {"SCHEMA", "RECORD", "STATE"}
    assert "records/s" in screen
    assert screen.rindex("records/s") < screen.rindex("summary stream=jobs")
