"""The check of a page against its schema, from many threads."""

from __future__ import annotations

import subprocess
import sys

_RACE = """
import sys, threading
from tap_kit.schema import checker

sys.setswitchinterval(1e-6)
inner = {f"b{n}": {"type": ["string", "number", "null", "array"]} for n in range(10)}
outer = {f"a{n}": {"type": ["object", "null"], "properties": inner} for n in range(20)}
for _ in range(20):
    check = checker("things", {"type": "object", "properties": outer})
    start = threading.Barrier(4)

    def first():
        start.wait()
        check([{"a1": {"b1": "x"}}])

    threads = [threading.Thread(target=first) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_threads_may_be_the_first_to_check_together() -> None:
    # In a process of its own: what this is about is a crash of the interpreter.
    done = subprocess.run([sys.executable, "-c", _RACE], check=False, capture_output=True)  # noqa: S603  # our own
    assert done.returncode == 0, done.stderr.decode()
