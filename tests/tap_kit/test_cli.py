"""The process of a command: threads share one heap, and cycles are looked for rarely."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_info"), reason="glibc alone"
)

COMMAND = """
import ctypes, gc, sys, threading
import tap_kit.cli
from tests.tap_kit.example import ExampleTap

together = threading.Barrier(9)

def allocate():
    kept = [bytearray(10_000) for _ in range(100)]
    together.wait()
    together.wait()

def work(tap):
    for _ in range(8):
        threading.Thread(target=allocate).start()
    together.wait()
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    together.wait()
    print(gc.get_threshold()[0], gc.get_freeze_count())

tap_kit.cli._run = work
if sys.argv[2] == "run":
    tap_kit.cli.run(ExampleTap)
work(ExampleTap)
"""


def heaps(path: Path, how: str) -> tuple[int, list[int]]:
    """The heaps of a process in which eight threads allocate, and the collector's figures."""
    command = [sys.executable, "-c", COMMAND, str(path), how]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # our own
    return path.read_text().count("<heap nr="), [int(part) for part in done.stdout.split()]


def test_threads_of_a_command_share_one_heap(tmp_path: Path) -> None:
    assert heaps(tmp_path / "info", "run")[0] == 1
    assert heaps(tmp_path / "info", "without")[0] > 1, "else this test would see nothing"


def test_records_are_no_reason_to_look_for_cycles(tmp_path: Path) -> None:
    _, [threshold, frozen] = heaps(tmp_path / "info", "run")
    assert threshold >= 100_000
    assert frozen > 0
