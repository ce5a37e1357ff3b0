"""What is told of commits while the loader goes on."""

from __future__ import annotations

import fcntl
import json
import signal
import sys
import termios
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

import psycopg
import pytest

from target_db.command import DUCK, main
from tests.target_db.loading import as_bytes, record, schema, state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from target_db.database import Database
    from tests.target_db.loading import Warehouse

ITEMS = schema("items", {"id": "integer"})


def test_a_state_right_behind_the_rows_of_a_commit_is_not_lost(warehouse: Warehouse) -> None:
    rows = [record("items", {"id": n}) for n in range(4)]
    done = warehouse.load([ITEMS, *rows[:2], state(2), *rows[2:], state(4), "{"], flush_records=2)
    assert done.code == 1
    assert done.states[-1] == 4


def test_a_state_without_rows_does_not_wait_for_more_input(warehouse: Warehouse) -> None:
    process = warehouse.started(flush_records=1, flush_seconds=600)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(as_bytes([ITEMS, record("items", {"id": 1}), state(1)]))
    process.stdin.flush()
    while process.stdout.readline() != b"1\n":
        assert process.poll() is None
    process.stdin.write(as_bytes([state(2)]))
    process.stdin.flush()
    assert process.stdout.readline() == b"2\n"
    process.communicate()


def test_a_database_that_has_nothing_to_do_gets_what_waits(warehouse: Warehouse) -> None:
    texts = schema("items", {"id": "integer", "text": "string"})
    rows = [record("items", {"id": n, "text": "x" * 100_000}) for n in range(40)]
    states = [state(n) for n in range(40)]
    process = warehouse.started(flush_seconds=600)
    assert process.stdin is not None
    assert process.stdout is not None
    pairs = [line for pair in zip(rows, states, strict=True) for line in pair]
    process.stdin.write(as_bytes([texts, *pairs]))
    process.stdin.flush()
    assert int(process.stdout.readline()) < len(rows)
    process.communicate()
    assert len(warehouse.texts("items")) == len(rows)


def test_a_column_that_a_commit_has_widened_is_wide_enough(warehouse: Warehouse) -> None:
    numbers = schema("items", {"id": "integer", "value": "integer"})
    values = [2**64, 2**127 + 1, {"a": 1}]  # DuckDB refuses the second one, when it commits it
    rows = [record("items", {"id": n, "value": value}) for n, value in enumerate(values)]
    done = warehouse.load([numbers, *rows], flush_records=1)
    assert done.code == 0, done.said
    assert done.said.count("from now on") == 2
    found = {row["id"]: json.loads(row["value"]) for row in warehouse.texts("items")}
    assert found == {str(n): value for n, value in enumerate(values)}


def test_a_signal_ends_a_load_whose_states_nobody_reads(warehouse: Warehouse) -> None:
    process = warehouse.started(flush_records=1, flush_seconds=600)
    assert process.stdin is not None
    assert process.stdout is not None
    lines: list[Any] = [ITEMS]
    for n in range(30):
        lines += [record("items", {"id": n}), state("x" * 9_000)]
    process.stdin.write(as_bytes(lines))
    process.stdin.flush()
    before = -1
    while before != (now := _unread(process.stdout)) or not now:
        before = now
        time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 1
    _, said = process.communicate()
    assert len(said.splitlines()) == 1
    assert b"SIGTERM" in said


@pytest.mark.parametrize("wait", [0, 0.001, 0.002, 0.004])
def test_a_signal_ends_a_change_of_a_table_that_waits(warehouse: Warehouse, wait: float) -> None:
    if warehouse.server is None:
        pytest.skip("a file has no server that makes a change wait")
    with psycopg.connect(warehouse.server.dsn) as holder:
        holder.execute("select pg_advisory_xact_lock(hashtext('target-pg'))")
        process = warehouse.started()
        assert process.stdin is not None
        process.stdin.write(as_bytes([ITEMS]))
        process.stdin.flush()
        warehouse.wait_for_lock(process)
        process.send_signal(signal.SIGTERM)
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(said.splitlines()) == 1
    assert b"stopped by SIG" in said


def test_a_signal_is_told_though_the_database_has_its_own_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def opened(settings: Mapping[str, Any]) -> Database:  # noqa: ARG001  # as DuckDB does it
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        msg = "Query interrupted"
        raise RuntimeError(msg)

    config = tmp_path / "config.json"
    config.write_text(json.dumps({"path": str(tmp_path / "x.duckdb")}))
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert main(DUCK._replace(open=opened), ["--config", str(config)]) == 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    said = capsys.readouterr().err
    assert said == "target-duck: stopped by SIGTERM; the next run loads what is not committed\n"


def _unread(pipe: IO[bytes]) -> int:
    """Bytes that are in a pipe."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4), sys.byteorder)
