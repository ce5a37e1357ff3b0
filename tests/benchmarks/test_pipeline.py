from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.page import renew, table
from benchmarks.pipeline.piped import run
from benchmarks.pipeline.vendor import vendor_of
from benchmarks.process import ContestantError

if TYPE_CHECKING:
    from pathlib import Path

_WORK = "sum(range(20_000_000))"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_each_program_of_a_pipe_is_measured(tmp_path: Path) -> None:
    writer = python(f"b = b'x' * 200_000_000; {_WORK}; print('a\\nb')")
    reader = python("import sys; print(sys.stdin.read().split())")
    taken = run([writer, reader], tmp_path, server_cpu=iter([5.0, 7.5]).__next__)
    assert taken.output == "['a', 'b']\n"
    assert taken.cpu[0] > 3 * taken.cpu[1]
    assert taken.wall > 0
    assert taken.server == 2.5
    assert taken.peaks[0] > 200 > taken.peaks[1]
    assert taken.peak >= taken.peaks[0]


@pytest.mark.parametrize("failing", [0, 1])
def test_a_program_that_fails_fails_the_run(tmp_path: Path, failing: int) -> None:
    commands = [python("print(1)"), python("import sys; sys.stdin.read()")]
    commands[failing] = python("import sys; sys.stdin.read(); sys.exit('no table')")
    with pytest.raises(ContestantError, match="left with 1: no table"):
        run(commands, tmp_path, server_cpu=lambda: 0.0)


def test_the_vendor_has_more_on_the_second_night() -> None:
    with vendor_of(300) as vendor:
        first, second = (evening.truth for evening in vendor.evenings)
        assert first.rows == first.keys >= 300
        assert second.rows > first.rows
        assert second.updated != first.updated


def test_a_part_of_the_page_is_renewed_and_the_rest_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n\n<!-- measured: b -->\nold\n<!-- end of b -->\n\n<!-- measured: c -->\n")
    renew({"b": table(("", "s"), [("x", "1.5")])}, page)
    text = (
        "# A\n\n<!-- measured: b -->\n\n|  | s |\n|---|---:|\n| x | 1.5 |\n\n<!-- end of b -->\n\n"
    )
    assert page.read_text() == f"{text}<!-- measured: c -->\n"
    with pytest.raises(LookupError, match="no marks for c"):
        renew({"c": []}, page)
