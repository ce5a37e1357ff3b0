"""All four vendors in one sandbox, with a clock that runs on: what is true of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox import RemoteSandbox, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAMS = {
    "flow": (
        "completed_jobs job_steps job_substeps job_attachments job_attachment_thumbnails"
        " job_reports query_users jobs job_details job_snapshots job_report_urls users"
        " user_permissions groups workflows workflow_versions scheduled_jobs scheduled_job_tasks"
        " triggers report_templates report_template_contents team_settings collections"
        " collection_records"
    ),
    "giosg": "workflows workflow_info workflow_sidedata source_data step_source_data",
    "crewmojo": "oneonone_summary objectives_detail",
    "xoi": "jobs documentation webhook_history workflow_job_reports workflow_job_step_values users",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("vendor", "stream"),
    [(vendor, stream) for vendor, streams in STREAMS.items() for stream in streams.split()],
)
def test_truth_ends_and_is_plain_json(sandbox: Sandbox, vendor: str, stream: str) -> None:
    truth = sandbox.truth(vendor, stream)
    assert truth
    assert RemoteSandbox(sandbox.url).truth(vendor, stream) == truth


@pytest.mark.parametrize("vendor", STREAMS)
def test_settings_lead_back_to_the_sandbox(sandbox: Sandbox, vendor: str) -> None:
    settings = sandbox.settings(vendor)
    urls = [value for name, value in settings.items() if name.endswith("_url")]
    assert urls
    assert all(url.startswith(sandbox.url_of(vendor)) for url in urls)
    assert RemoteSandbox(sandbox.url).settings(vendor) == settings


@pytest.mark.parametrize("vendor", STREAMS)
def test_the_next_days_bring_more(vendor: str) -> None:
    stream = STREAMS[vendor].split()[0]
    stream = {"giosg": "step_source_data"}.get(vendor, stream)
    with Sandbox(vendors=[vendor]) as sandbox:
        before = sandbox.truth(vendor, stream)
        sandbox.advance(days=3)
        after = sandbox.truth(vendor, stream)
    assert after != before
    assert len(after) >= len(before)
