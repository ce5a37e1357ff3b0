"""Loads that are cut off, started twice, or that lose their database: tables stay whole."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.singer import BIN
from tests.target_db.loading import as_bytes, record, schema, state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.target_db.loading import Warehouse

COUNT = 4_000
PARENTS = schema("parents", {"id": "integer", "text": "string"})
CHILDREN = schema("children", {"id": "integer", "at": "integer"}, ["id"])


def _lines(start: int = 0) -> list[Any]:
    found: list[Any] = [PARENTS, CHILDREN]
    for n in range(start, COUNT):
        found += [record("parents", {"id": n, "text": "x" * 50}), record("children", {"id": n})]
        if n % 100 == 99:
            found.append(state({"done": n + 1}))
    return found


def test_killed_twenty_times_it_completes(warehouse: Warehouse) -> None:
    rng = random.Random(7)  # noqa: S311  # where to kill
    done = 0
    kills = 0
    while kills < 20:
        process = warehouse.started(flush_records=150)
        text = as_bytes(_lines(done))
        assert process.stdin is not None
        cut = rng.randrange(len(text))
        process.stdin.write(text[:cut])
        process.stdin.flush()
        time.sleep(rng.random())
        process.kill()
        out, _ = process.communicate()
        kills += 1
        told = [json.loads(line)["done"] for line in out.splitlines()]
        done = min(max([done, *told]), COUNT - 200)
        if warehouse.tables() == ["children", "parents"]:
            parents, children = (_ids(warehouse, name) for name in ("parents", "children"))
            assert set(range(max([0, *told]))) <= children
            assert children <= parents  # one transaction over all streams
    ended = warehouse.load(_lines(done), flush_records=1000)
    assert ended.code == 0, ended.said
    assert ended.states[-1] == {"done": COUNT}
    assert _ids(warehouse, "children") == _ids(warehouse, "parents") == set(range(COUNT))


def _ids(warehouse: Warehouse, table: str) -> set[int]:
    return {row[0] for row in warehouse.rows(f"select id from {warehouse.place(table)}")}  # noqa: S608


def test_a_state_leaves_when_its_rows_are_committed(warehouse: Warehouse) -> None:
    process = warehouse.started(flush_records=10, flush_seconds=600)
    assert process.stdin is not None
    assert process.stdout is not None
    rows = [record("parents", {"id": n}) for n in range(12)]
    lines = [PARENTS, *rows[:5], state(5), *rows[5:], state(12)]
    process.stdin.write(as_bytes(lines))
    process.stdin.flush()
    assert process.stdout.readline() == b"5\n"
    if not warehouse.is_duck:  # whose file one process has
        assert _ids(warehouse, "parents") == set(range(10))
    process.kill()
    assert process.communicate()[0] == b""
    assert _ids(warehouse, "parents") == set(range(10))


def test_rows_do_not_wait_for_more_input(warehouse: Warehouse) -> None:
    process = warehouse.started(flush_seconds=0.2)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(as_bytes([PARENTS, record("parents", {"id": 1}), state(1)]))
    process.stdin.flush()
    assert process.stdout.readline() == b"1\n"
    process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_with_one_line(warehouse: Warehouse, number: signal.Signals) -> None:
    process = warehouse.started(flush_records=10, flush_seconds=600)
    assert process.stdin is not None
    assert process.stdout is not None
    rows = [record("parents", {"id": n}) for n in range(15)]
    process.stdin.write(as_bytes([PARENTS, *rows[:5], state(5), *rows[5:], state(15)]))
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(number)
    out, said = process.communicate()
    assert process.returncode == 1
    assert out == b""
    assert len(said.splitlines()) == 1
    assert number.name.encode() in said
    assert _ids(warehouse, "parents") == set(range(10))


def test_a_reader_of_states_that_is_gone_ends_it(warehouse: Warehouse) -> None:
    process = warehouse.started()
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, said = process.communicate(as_bytes([PARENTS, record("parents", {"id": 1}), state(1)]))
    assert process.returncode == 1
    assert said.splitlines()[0].endswith(b"a STATE can't be written to stdout: Broken pipe")
    assert _ids(warehouse, "parents") == {1}


def test_a_second_writer_of_a_file_waits_and_is_told(warehouse: Warehouse) -> None:
    if not warehouse.is_duck:
        pytest.skip("PostgreSQL has many writers")
    process = warehouse.started(flush_records=1)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(as_bytes([PARENTS, record("parents", {"id": 1}), state(1)]))
    process.stdin.flush()
    process.stdout.readline()
    second = warehouse.load([PARENTS, record("parents", {"id": 2})])
    assert second.code == 1
    assert len(second.said.splitlines()) == 1
    assert "another process has had" in second.said
    waiting = warehouse.started()
    time.sleep(1)
    process.communicate()
    waiting.communicate(as_bytes([PARENTS, record("parents", {"id": 3})]))
    assert waiting.returncode == 0
    assert _ids(warehouse, "parents") == {1, 3}


def test_two_writers_of_a_database_bring_both_rows(warehouse: Warehouse) -> None:
    if warehouse.is_duck:
        pytest.skip("a DuckDB file has one writer")
    both = [warehouse.started(flush_records=50), warehouse.started(flush_records=70)]
    lines = _lines()[:2000]
    texts = [as_bytes([*lines[1::-1], *lines[2:]]), as_bytes(lines)]
    for process, text in zip(both, texts, strict=True):
        assert process.stdin is not None
        process.stdin.write(text)
        process.stdin.close()
        process.stdin = None
    for process in both:
        _, said = process.communicate()
        assert process.returncode == 0, said
    for stream in ("parents", "children"):
        sent = {line["record"]["id"] for line in lines[2:] if line.get("stream") == stream}
        assert _ids(warehouse, stream) == sent


def test_a_schema_that_another_loader_is_about_to_make_is_waited_for(warehouse: Warehouse) -> None:
    if warehouse.server is None:
        pytest.skip("a DuckDB file has one writer")
    with psycopg.connect(warehouse.server.dsn) as other:
        other.execute("select pg_advisory_xact_lock(hashtext('target-pg'))")
        process = warehouse.started()
        assert process.stdin is not None
        process.stdin.write(as_bytes([PARENTS, record("parents", {"id": 1})]))
        process.stdin.flush()
        warehouse.wait_for_lock(process)
        other.execute("create schema loaded")
        other.commit()
        _, said = process.communicate()
    assert process.returncode == 0, said
    assert _ids(warehouse, "parents") == {1}


@contextmanager
def _held(warehouse: Warehouse, table: str) -> Iterator[psycopg.Connection[Any]]:
    """A table that takes no rows until the transaction of the connection ends."""
    assert warehouse.server is not None
    with psycopg.connect(warehouse.server.dsn) as connection:
        connection.execute(f"lock table {warehouse.place(table)} in access exclusive mode")
        yield connection


def test_rows_are_taken_while_others_are_committed(warehouse: Warehouse) -> None:
    if warehouse.server is None:
        pytest.skip("a file has no server that makes a commit wait")
    assert warehouse.load([PARENTS, CHILDREN]).code == 0
    process = warehouse.started(flush_records=10, flush_seconds=600)
    assert process.stdin is not None
    assert process.stderr is not None
    assert process.stdout is not None
    rows = [record("parents", {"id": n}) for n in range(10)]
    with _held(warehouse, "parents") as holder:
        lines = [PARENTS, CHILDREN, state(0), *rows, state(10)]
        process.stdin.write(as_bytes([*lines, record("children", {"id": 1, "odd": 1})]))
        process.stdin.flush()
        assert b"the field odd is not in its SCHEMA" in process.stderr.readline()
        # A column is widened, which has to wait; so does the state.
        more = [record("parents", {"id": 10, "text": 1}), record("children", {"id": "two"})]
        process.stdin.write(as_bytes([*more, state(12)]))
        process.stdin.flush()
        assert process.stdout.readline() == b"0\n"
        holder.rollback()
    out, said = process.communicate()
    assert process.returncode == 0, said
    assert out.splitlines()[-1] == b"12"
    assert _ids(warehouse, "parents") == set(range(11))
    assert {row[0] for row in warehouse.rows(f"select id from {warehouse.place('children')}")} == {  # noqa: S608
        "1",
        "two",
    }


def test_a_signal_ends_a_commit_that_waits(warehouse: Warehouse) -> None:
    if warehouse.server is None:
        pytest.skip("a file has no server that makes a commit wait")
    assert warehouse.load([PARENTS]).code == 0
    process = warehouse.started(flush_records=10, flush_seconds=600)
    assert process.stdin is not None
    with _held(warehouse, "parents"):
        rows = [record("parents", {"id": n}) for n in range(10)]
        process.stdin.write(as_bytes([PARENTS, *rows, state(10)]))
        process.stdin.flush()
        warehouse.wait_for_lock(process)
        process.send_signal(signal.SIGTERM)
        out, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == b""
    assert len(said.splitlines()) == 1
    assert b"SIGTERM" in said
    assert _ids(warehouse, "parents") == set()


def test_a_database_that_is_gone_is_told(warehouse: Warehouse) -> None:
    if warehouse.server is None:
        pytest.skip("a file has no server")
    process = warehouse.started(flush_records=1)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(as_bytes([PARENTS, record("parents", {"id": 1}), state(1)]))
    process.stdin.flush()
    process.stdout.readline()
    with psycopg.connect(warehouse.server.dsn) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'target-pg' and datname = current_database()"
        )
    out, said = process.communicate(as_bytes([record("parents", {"id": 2}), state(2)]))
    assert process.returncode == 1
    assert out == b""
    assert len(said.splitlines()) == 1
    assert b"connection to PostgreSQL is gone" in said


@pytest.mark.parametrize("password", ["p@ss/w#rd?", "a b%41:ö", "plain"])
def test_no_password_is_in_any_message(warehouse: Warehouse, password: str) -> None:
    if warehouse.server is None:
        pytest.skip("a file has no password")
    server = warehouse.server
    good = f"postgresql://{server.user}:{password}@{server.host}:{server.port}/{server.database}"
    assert warehouse.load([PARENTS], url=good).code == 0
    for url in (
        f"{good}_none",
        f"postgresql://nobody:{password}@{server.host}:{server.port}/x",
        f"mysql://a:{password}@localhost/x",
        f"{good}?sslmode=x",
    ):
        done = warehouse.load([PARENTS], url=url)
        assert done.code == 1
        assert password not in done.said
        assert len(done.said.splitlines()) == 1


def test_wrong_settings_are_named(warehouse: Warehouse) -> None:
    for name, value in (("flush_records", 0), ("hard_delete", "perhaps"), ("flush_seconds", "x")):
        done = warehouse.load([PARENTS], **{name: value})
        assert done.code == 1
        assert f"the setting {name} has to be" in done.said
        assert len(done.said.splitlines()) == 1


def test_settings_come_from_the_environment(warehouse: Warehouse) -> None:
    prefix = warehouse.command.replace("-", "_").upper()
    variables = {f"{prefix}_{k.upper()}": str(v) for k, v in warehouse.config.items()}
    schema_name = variables.pop(f"{prefix}_SCHEMA")
    process = subprocess.run(  # noqa: S603  # our own command
        [BIN / warehouse.command, "--config", "ENV"],
        input=as_bytes([PARENTS, record("parents", {"id": 1})]),
        env={**os.environ, **variables, "MELTANO_EXTRACT__LOAD_SCHEMA": schema_name},
        capture_output=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert _ids(warehouse, "parents") == {1}
