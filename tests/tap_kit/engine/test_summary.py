"""The end of a run: a table for people, lines for logs, an object for monitors."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.engine.summary import Summary, figures
from tap_kit.stats import StreamStats

if TYPE_CHECKING:
    from pathlib import Path

BEGAN = datetime(2026, 11, 23, 5, 18, tzinfo=timezone.utc)


def ended(*streams: StreamStats, ended_by: str | None = None) -> Summary:
    return Summary("tap-notes", "1.0", BEGAN, 12.34, streams, ended_by)


def stream(name: str = "jobs", **given: object) -> StreamStats:
    return StreamStats(name, **{"started": True, "complete": True, **given})  # type: ignore[arg-type]  # by name


FAILED = stream("users", complete=False, error="GET /users: HTTP 403")
LEFT = stream("notes", complete=False)


@pytest.mark.parametrize(
    ("summary", "status"),
    [
        (ended(stream()), "complete"),
        (ended(), "complete"),
        (ended(stream(), LEFT), "interrupted"),
        (ended(stream(), FAILED, LEFT), "failed"),
        (ended(stream(), LEFT, ended_by="wrong credentials"), "failed"),
    ],
)
def test_the_status_of_a_run(summary: Summary, status: str) -> None:
    assert summary.status == status
    assert summary.as_object()["status"] == status


def test_a_table_shows_what_is_out_of_the_ordinary() -> None:
    jobs = stream(
        records=12_345,
        requests=124,
        retries=3,
        waited=12.4,
        skipped=2,
        bookmark_to="2026-11-23T05:18:23.242153Z",
        drifted={"b", "a"},
    )
    cursor = stream("completed_jobs", bookmark_to="5e3036f5dc720bd6a3000001")
    timed = stream("job_steps", bookmark_to="5e3036f5", bookmark_time="2026-11-22T04:00:59Z")
    assert list(ended(jobs, cursor, timed, FAILED).table(80)) == [
        "stream          status         records  requests  bookmark",
        "jobs            complete        12,345       124  2026-11-23 05:18",
        "  3 retries, 12 s of waiting for limits",
        "  2 skipped, because they were gone",
        "  new fields of the vendor, in extra_columns: a, b",
        "completed_jobs  complete             0         0  5e3036f5dc720bd…",
        "job_steps       complete             0         0  2026-11-22 04:00",
        "users           failed               0         0",
    ]


@given(
    st.lists(
        st.builds(
            stream,
            st.text("ab_", min_size=1, max_size=28),
            records=st.integers(0, 10**7),
            requests=st.integers(0, 10**6),
            retries=st.integers(0, 10**6),
            bookmark_to=st.none() | st.just("2026-11-23T05:18:23Z") | st.text("0f", min_size=1),
            drifted=st.sets(st.text("xy", max_size=20)),
        ),
        max_size=4,
    )
)
def test_a_table_fits_80_columns(streams: list[StreamStats]) -> None:
    assert max(map(len, ended(*streams).table(80))) <= 80


def test_logs_have_a_line_for_the_run_then_one_for_each_stream_then_the_failures(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    ended(stream(records=5, requests=2), FAILED).report(logging.getLogger("tap-notes"))
    run, jobs, users, failure = caplog.messages
    assert run == "run failed in 12.3 s: 1 of 2 streams complete, 5 records, 2 requests"
    assert jobs.startswith("summary stream=jobs status=complete records=5 ")
    assert users.startswith("summary stream=users status=failed ")
    assert failure == "stream users failed: GET /users: HTTP 403"


def test_each_run_adds_one_object_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    ended(stream(records=5), stream("notes", records=2, requests=3)).append_to(str(path))
    ended(FAILED, LEFT, ended_by="no token").append_to(str(path))
    first, second = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert first == {
        "tap": "tap-notes",
        "version": "1.0",
        "started_at": "2026-11-23T05:18:00Z",
        "seconds": 12.3,
        "status": "complete",
        "records": 7,
        "requests": 3,
        "retries": 0,
        "waited_seconds": 0.0,
        "failures": [],
        "streams": [
            figures(stream(records=5)),
            figures(stream("notes", records=2, requests=3)),
        ],
    }
    assert second["failures"] == ["no token", "stream users failed: GET /users: HTTP 403"]


def test_only_a_stream_that_stores_files_counts_them() -> None:
    files = stream("files", files=0, skipped=1)
    files.count_file(1_500_000)
    files.count_file(500_000)
    assert (figures(files)["files"], figures(files)["file_bytes"]) == (2, 2_000_000)
    assert "files" not in figures(stream())
    table = "\n".join(ended(files).table(80))
    assert "2 files stored, 2.0 MB" in table
    assert "1 skipped, because they were gone, or too large" in table
