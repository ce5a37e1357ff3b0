"""Interrupted at any point, a tap goes on from its last STATE line and loses nothing."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import signal
import struct
import termios
import time
from typing import IO, TYPE_CHECKING, Any

import pytest

from tests.behaviours.pipeline import Target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.behaviours.pipeline import Line, Pipeline

KILLS = 20
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
PIPE_BYTES = 4096
"""So small that nearly every block is written in parts."""
BUFFERED = {"unbuffered": False, "blocking": True}
UNBUFFERED = {"unbuffered": True, "blocking": True}
NON_BLOCKING = {"unbuffered": False, "blocking": False}
UNBUFFERED_NON_BLOCKING = {"unbuffered": True, "blocking": False}
WITHOUT_LOOK_BACK: Mapping[str, Any] = {"lookback_days": 0}
"""Nothing is late here: the look-back would only hide what an interruption loses."""
RECENT: Mapping[str, Any] = {**WITHOUT_LOOK_BACK, "start_date": "2025-05-05", "window": "week"}
"""A few windows are enough; that a run brings everything is shown elsewhere."""
PATIENTLY: Mapping[str, Any] = {"milliseconds": 40, "times": None}
"""Answers come so slowly that a signal meets a tap at work."""


def test_every_state_line_is_a_place_to_go_on_from(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_kit.engine.state.RECORDS_BETWEEN", 0)
    streams = pipeline.case.incremental
    lines = pipeline.run(*streams, **RECENT).lines
    whole = Target().take(lines)
    places = [n for n, line in enumerate(lines) if line["type"] == "STATE"]
    assert len(places) > 3
    for place in places:
        before = lines[: place + 1]
        rest = pipeline.run(*streams, state=before[-1]["value"], **RECENT).lines
        pipeline.assert_alike(Target().take(before).take(rest), whole, *streams)


def test_killed_twenty_times_it_loses_nothing(pipeline: Pipeline, tmp_path: Path) -> None:
    streams = (*pipeline.case.incremental, pipeline.case.others[-1])
    chance = random.Random(pipeline.case.name)  # noqa: S311  # repeatable
    target = Target()
    killed = 0
    for _ in range(KILLS):
        lines, code = _killed(pipeline, tmp_path, streams, target, chance.randrange(1, 100))
        killed += code == -signal.SIGKILL
        target.take(lines)
    assert killed > KILLS / 2
    assert target.state is not None
    assert target.state["bookmarks"], "no run came as far as a bookmark"
    lines, code = _killed(pipeline, tmp_path, streams, target, None)
    assert code == 0
    pipeline.assert_complete(target.take(lines), *streams)


def _killed(
    pipeline: Pipeline, folder: Path, streams: tuple[str, ...], target: Target, after: int | None
) -> tuple[list[Line], int | None]:
    """A run that is killed after so many lines; what its target got, and the exit code."""
    lines: list[Line] = []
    with pipeline.started(folder, *streams, state=target.state, **WITHOUT_LOOK_BACK) as (
        process,
        stdout,
    ):
        for raw in stdout:
            if raw.endswith(b"\n"):  # the last line may be cut off
                lines.append(json.loads(raw))
            if len(lines) == after:
                process.kill()
    return lines, process.exitcode


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_it_in_good_order(
    pipeline: Pipeline, tmp_path: Path, number: signal.Signals
) -> None:
    streams = (*pipeline.case.incremental, pipeline.case.others[-1])
    pipeline.sandbox.fault("latency", vendor=pipeline.case.vendor, **PATIENTLY)
    lines = []
    with pipeline.started(tmp_path, *streams) as (process, stdout):
        assert process.pid is not None
        for raw in stdout:
            lines.append(json.loads(raw))
            if lines[-1]["type"] == "RECORD" and not any(x["type"] == "RECORD" for x in lines[:-1]):
                os.kill(process.pid, number)
    assert process.exitcode == 128 + number
    assert lines[-1]["type"] == "STATE"
    stderr = (tmp_path / "stderr").read_text()
    assert "Traceback" not in stderr
    pipeline.sandbox.clear_faults()
    rest = pipeline.run(*streams, state=lines[-1]["value"]).lines
    pipeline.assert_complete(Target().take(lines).take(rest), *streams)


def test_without_a_target_it_ends_with_one_line(pipeline: Pipeline, tmp_path: Path) -> None:
    with pipeline.started(tmp_path, *pipeline.case.incremental) as (process, stdout):
        stdout.readline()
        stdout.close()
        process.join(60)
    assert process.exitcode == 1
    stderr = (tmp_path / "stderr").read_text()
    assert "Traceback" not in stderr
    assert "Exception" not in stderr
    assert "the target has gone" in stderr.splitlines()[-1], stderr


@pytest.mark.parametrize(
    ("stdout", "number"),
    [
        *((UNBUFFERED, number) for number in SIGNALS),
        (BUFFERED, signal.SIGTERM),
        (NON_BLOCKING, signal.SIGINT),
        (UNBUFFERED_NON_BLOCKING, signal.SIGHUP),
        (UNBUFFERED_NON_BLOCKING, None),
    ],
)
def test_a_signal_within_a_write_tears_no_line(
    pipeline: Pipeline, tmp_path: Path, stdout: Mapping[str, bool], number: signal.Signals | None
) -> None:
    streams = (*pipeline.case.incremental, pipeline.case.others[-1])
    lines = []
    sent = False
    with pipeline.started(tmp_path, *streams, stdout=stdout) as (process, output):
        assert process.pid is not None
        fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        for raw in output:
            lines.append(json.loads(raw))
            if lines[-1]["type"] == "RECORD" and number and not sent:
                for _ in range(2):  # supervisors send it to the group, and Meltano passes it on
                    _wait_until_full(output)
                    # What is left to write may have fitted in: then it has ended in good order.
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process.pid, number)
                sent = True
    assert process.exitcode == (128 + number if number else 0)
    assert lines[-1]["type"] == "STATE"
    assert "Traceback" not in (tmp_path / "stderr").read_text()
    rest = pipeline.run(*streams, state=lines[-1]["value"]).lines
    pipeline.assert_complete(Target().take(lines).take(rest), *streams)


def _wait_until_full(output: IO[bytes]) -> None:
    """Wait a moment for a pipe to be full, so that the tap waits within a write."""
    time.sleep(0.05)
    for _ in range(20):
        unread = struct.unpack("i", fcntl.ioctl(output, termios.FIONREAD, bytes(4)))[0]
        if unread > PIPE_BYTES // 2:
            return
        time.sleep(0.01)
