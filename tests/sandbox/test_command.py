"""``python -m sandbox`` as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
import requests

from sandbox import RemoteSandbox
from sandbox.vendors import VENDORS

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = (sys.executable, "-m", "sandbox", "--port", "0")


@contextmanager
def running(*options: str) -> Iterator[tuple[RemoteSandbox, subprocess.Popen[str]]]:
    with subprocess.Popen(  # noqa: S603  # this very interpreter
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield RemoteSandbox(process.stdout.readline().strip()), process
        finally:
            process.kill()


def refused(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # this very interpreter
        [*COMMAND, *options], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_vendors_are_served_until_a_signal_comes(number: signal.Signals) -> None:
    with running("--now", "2025-03-01T12:00:00Z", "--latency-ms", "1") as (sandbox, process):
        assert all(sandbox.settings(vendor) for vendor in VENDORS)
        since = sandbox.now() - datetime(2025, 3, 1, 12, tzinfo=timezone.utc)
        assert timedelta(0) < since < timedelta(minutes=1)
        requests.get(sandbox.url_of("flow") + "/nowhere", timeout=30)
        assert sandbox.journal[0].status == 404
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
        assert process.stderr is not None
        assert not process.stderr.read()


def test_a_taken_port_is_one_line() -> None:
    with running("--vendors", "crewmojo") as (sandbox, _):
        port = sandbox.url.rpartition(":")[2]
        ended = refused("--vendors", "crewmojo", "--port", port)
    assert ended.returncode == 1
    assert ended.stderr == f"Can't listen on 127.0.0.1:{port}: Address already in use\n"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--vendors", "nobody,flow"), "There is no vendor 'nobody', only flow, giosg"),
        (("--vendors", "crewmojo", "--variant", "crewmojo.mood=bad"), "There is no variant"),
        (("--vendors", "crewmojo", "--variant", "flow.mood=bad"), "There is no vendor 'flow' here"),
    ],
)
def test_wrong_options_are_one_line(options: tuple[str, ...], complaint: str) -> None:
    ended = refused(*options)
    assert ended.returncode == 1
    assert ended.stderr.startswith(complaint)
    assert ended.stderr.count("\n") == 1
