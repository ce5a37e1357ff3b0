"""What becomes visible, and when; many jobs; the form of times."""

from __future__ import annotations

import json
import re

import pytest

from sandbox.flow.formats import DAY, milliseconds, parsed, stamp
from tests.sandbox.flow.client import (
    ALL_OF_A_JOB,
    EPOCH,
    Client,
    without,
)


class TestTime:
    FIELDS = (
        "jobId completedJobCursor created updated metadata { name value } "
        "steps { note } attachments { attachmentId }"
    )

    def test_the_next_day_brings_late_jobs_and_edits_of_old_ones(self) -> None:
        client = Client()
        before = {job["jobId"]: job for job in client.every(fields=self.FIELDS)}
        (*_, last) = client.every()
        client.clock.advance(hours=24)
        client.log_in()
        after = {job["jobId"]: job for job in client.every(fields=self.FIELDS)}
        assert before.keys() < after.keys()
        epoch = milliseconds(EPOCH)
        new = [after[job_id] for job_id in after.keys() - before.keys()]
        late = [job for job in new if parsed(job["updated"]) < epoch]
        assert len(late) >= 3
        assert all(epoch - parsed(job["created"]) < 86_400_000 for job in late)
        continued = client.jobs(f'cursor: "{last["completedJobCursor"]}"')
        assert {job["jobId"] for job in continued} == {job["jobId"] for job in new}
        edited = [
            job
            for job_id, job in after.items()
            if job["updated"] != before.get(job_id, job)["updated"]
        ]
        assert len(edited) >= 3
        assert all(parsed(job["updated"]) >= epoch for job in edited)
        assert all({"name": "reviewedBy"}.items() <= job["metadata"][-1].items() for job in edited)

    @pytest.mark.parametrize("choice", ["keep_cursor", "new_cursor"])
    def test_an_edit_may_give_a_new_cursor(self, choice: str) -> None:
        client = Client(edits=choice)
        before = {job["jobId"]: job["completedJobCursor"] for job in client.every()}
        client.clock.advance(hours=24)
        client.log_in()
        after = {job["jobId"]: job["completedJobCursor"] for job in client.every()}
        changed = {job_id for job_id in before if before[job_id] != after[job_id]}
        assert bool(changed) == (choice == "new_cursor")
        *_, last = before.values()
        assert changed <= {job["jobId"] for job in client.jobs(f'cursor: "{last}"')}
        # Cursors of old are still places to go on from.
        assert all(client.jobs(f'cursor: "{before[job_id]}"') for job_id in changed)

    @pytest.mark.parametrize("choice", ["keep_updated", "bump_updated"])
    def test_files_come_later_than_their_job(self, choice: str) -> None:
        client = Client(late_files=choice)
        before = {job["jobId"]: job for job in client.every(fields=self.FIELDS)}
        client.clock.advance(hours=20)
        client.log_in()
        after = {job["jobId"]: job for job in client.every(fields=self.FIELDS)}
        grown = [
            job_id
            for job_id, job in before.items()
            if len(after[job_id]["attachments"] or ()) > len(job["attachments"] or ())
        ]
        assert grown
        moved = [after[job_id]["updated"] != before[job_id]["updated"] for job_id in grown]
        assert any(moved) == (choice == "bump_updated")

    @pytest.mark.parametrize("edits", ["keep_cursor", "new_cursor"])
    @pytest.mark.parametrize("late_files", ["keep_updated", "bump_updated"])
    def test_the_cursor_and_a_day_of_looking_back_miss_nothing(
        self, edits: str, late_files: str
    ) -> None:
        client = Client(edits=edits, late_files=late_files)
        known = {job["jobId"]: job for job in client.every(fields=self.FIELDS)}
        *_, last = known.values()
        for hours in (24, 5, 48):
            since = milliseconds(client.clock.now()) - DAY
            client.clock.advance(hours=hours)
            client.log_in()
            new = client.jobs(f'cursor: "{last["completedJobCursor"]}"', self.FIELDS)
            again = client.every(f'updatedSince: "{stamp(since)}"', self.FIELDS)
            known |= {job["jobId"]: job for job in (*new, *again)}
            last = new[-1] if new else last
            assert known == {job["jobId"]: job for job in client.every(fields=self.FIELDS)}

    def test_excluded_jobs_may_be_left_out(self) -> None:
        client = Client()
        excluded = {
            job["jobId"]
            for job in client.truth("jobs")
            if job["excluded"] and job["metadata"]["status"] == "Completed"
        }
        assert excluded
        assert excluded <= {job["jobId"] for job in client.every()}
        client.world.variants["flow.excluded"] = "omitted"
        assert not excluded & {job["jobId"] for job in client.every()}
        assert excluded <= {job["jobId"] for job in client.truth("jobs")}

    @pytest.mark.parametrize("hours", [0, 24])
    def test_nothing_happened_after_now(self, hours: float) -> None:
        client = Client()
        client.clock.advance(hours=hours)
        now = milliseconds(client.clock.now())
        planned = {"dueByDate", "downloadSignatureExpiry"}
        for stream in client.vendor._truth._streams:
            for row in client.truth(stream):
                text = json.dumps(without(row, *planned))
                times = re.findall(r'"(20\d\d-\d\d-\d\dT[\d:.]+Z?)"', text)
                assert all(parsed(time) <= now for time in times), (stream, text)

    def test_the_same_seed_gives_the_same_data(self) -> None:
        assert Client().every(fields=self.FIELDS) == Client().every(fields=self.FIELDS)
        assert Client().truth("users") != Client(seed=2).truth("users")


class TestSize:
    def test_ten_thousand_jobs_are_made_when_they_are_read(self) -> None:
        client = Client(scale=40)
        assert len({job["jobId"] for job in client.every()}) == 10_005
        window = 'updatedSince: "2025-05-01T00:00:00Z" updatedBefore: "2025-06-01T00:00:00Z"'
        updates = [job["updated"] for job in client.every(window, "updated")]
        assert 2000 < len(updates) < 5000
        assert all(text.startswith("2025-05") for text in updates)
        (last, *_) = client.jobs('order: "desc"', ALL_OF_A_JOB)
        assert len(last["steps"]) > 5


def test_times_are_written_as_dotnet_does() -> None:
    assert stamp(parsed("2020-06-10T09:58:51.440Z")) == "2020-06-10T09:58:51.44Z"
    assert stamp(parsed("2020-06-10T11:58:51+02:00")) == "2020-06-10T09:58:51Z"
    assert stamp(parsed("1999/12/31")) == "1999-12-31T00:00:00Z"
