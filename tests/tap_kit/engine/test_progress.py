"""What a run says while it works, and that the messages on stdout stay clean."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
from typing import TYPE_CHECKING

from sandbox import Sandbox
from tap_kit.engine.progress import Progress
from tap_kit.engine.state import State
from tap_kit.stats import StreamStats
from tests.singer import arguments

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_each_working_stream_has_a_line_every_ten_seconds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    now = 0.0
    stats = {name: StreamStats(name) for name in ("jobs", "users", "later")}
    state = State({"bookmarks": {"jobs": {"replication_key_value": "2024-01-02"}}})
    progress = Progress(stats, state, lambda: "4 in flight", clock=lambda: now)
    stats["jobs"].started = stats["users"].started = True
    progress.update()
    stats["users"].complete = True
    stats["jobs"].records, stats["jobs"].requests = 500, 5
    now = 9.9
    progress.update()
    assert caplog.messages == []
    now = 10.0
    progress.update()
    stats["jobs"].records = 2500
    stats["jobs"].waited = 7.0
    now = 20.0
    progress.update()
    first, second = caplog.messages
    assert first == (
        "stream jobs: 10 s, 500 records (50/s), 5 requests, 4 in flight, bookmark 2024-01-02"
    )
    assert second == (
        "stream jobs: 20 s, 2500 records (200/s), 5 requests, 4 in flight, "
        "7 s of waiting for limits, bookmark 2024-01-02"
    )


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
        env = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
        with subprocess.Popen(command, stdout=stdout, stderr=terminal, env=env) as tap:  # noqa: S603  # the tap under test
            os.close(terminal)
            screen = screen_of(controller)
    assert tap.returncode == 0
    lines = messages.read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["type"] for line in lines} == {"SCHEMA", "RECORD", "STATE"}
    logs, head, rows = screen.partition("stream  ")
    assert all(re.match(r"\d\d:\d\d:\d\d \S", line) for line in logs.splitlines())
    assert "METRIC" not in screen
    table = (head + rows).splitlines()
    assert "bookmark" in table[0]
    assert any(line.startswith("jobs  ") and " complete " in line for line in table)
    assert table[-1].startswith("run complete in ")
    assert max(map(len, table)) <= 80
