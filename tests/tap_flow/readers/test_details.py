"""A request for each item of a list: those gone are skipped, and responses have any form."""

from __future__ import annotations

import pytest

from tap_flow.tap import TapFlow
from tests.singer import select
from tests.tap_flow.conftest import Team, full_catalog


def test_details_are_of_open_jobs_only_and_those_gone_are_skipped(
    team: Team, caplog: pytest.LogCaptureFixture
) -> None:
    gone = next(iter(team.by_key("job_details")))[0]
    team.sandbox.fault("status", route="job_details", contains=gone, status=404)

    output = team.run("job_details")

    assert output.failures == {}
    assert output.by_key("job_details", "jobId").keys() == team.by_key("job_details").keys() - {
        (gone,)
    }
    assert f"{gone} is gone, skipped" in caplog.text


DETAILS = {
    "groups": ("group", "accounts_url"),
    "user_permissions": ("user_permissions", "accounts_url"),
    "job_details": ("job_details", "gateway_url"),
    "job_snapshots": ("job_snapshots", "gateway_url"),
    "job_report_urls": ("report_url", "gateway_url"),
    "report_template_contents": ("report_template_contents", "gateway_url"),
}


@pytest.mark.parametrize("stream", DETAILS)
def test_a_stream_whose_every_item_is_gone_fails(
    team: Team, stream: str, capsys: pytest.CaptureFixture[str]
) -> None:
    route, setting = DETAILS[stream]
    team.sandbox.fault("status", route=route, status=404, times=None)

    output = team.run(stream, "team_settings")

    assert output.failures.keys() == {stream}
    failure = output.failures[stream]
    # A group may be on either of two hosts.
    hosts = 2 if stream == "groups" else 1
    assert f"none of {len(team.asked(route)) // hosts} items was found: " in failure
    assert f"Check the setting {setting}" in failure
    assert output.records["team_settings"]
    assert not TapFlow(config=team.config, catalog=select(full_catalog(), stream)).test_streams()
    assert "none of" in capsys.readouterr().err


def test_a_report_link_is_text(team: Team) -> None:
    body = '"https://blob.example/report?sig=abc"'
    team.sandbox.fault("status", route="report_url", status=200, body=body, content_type="a/b")
    team.sandbox.fault("html", route="report_url")

    output = team.run("job_report_urls", concurrency=1)

    assert output.failures == {}
    links = [record["reportUrl"] for record in output.records["job_report_urls"]]
    assert links[0] == "https://blob.example/report"
    assert len(links) == len(team.by_key("job_report_urls"))


@pytest.mark.parametrize(("body", "snapshots"), [("", None), ("[]", []), ('{"a": 1}', {"a": 1})])
def test_snapshots_have_any_form(team: Team, body: str, snapshots: object) -> None:
    team.sandbox.fault("status", route="job_snapshots", status=200, body=body, times=None)

    output = team.run("job_snapshots")

    found = [record["snapshots"] for record in output.records["job_snapshots"]]
    assert found == [snapshots] * len(team.by_key("job_snapshots"))
