"""The table of what more workers bring."""

from __future__ import annotations

from benchmarks.shards import table


def test_what_workers_bring_is_told_by_jobs_a_second() -> None:
    points = {
        "8": {"shards": 16, "jobs": 1440, "wall": 100.0, "cpu": 48.0},
        "1": {"shards": 2, "jobs": 200, "wall": 100.0, "cpu": 6.0},
    }
    *_, one, eight = table(points)
    assert one == "| 1 | 2 | 200 | 100.0 | 2.00 | 1.00 | 3.0 |"
    assert eight == "| 8 | 16 | 1440 | 100.0 | 14.40 | 0.90 | 3.0 |"
