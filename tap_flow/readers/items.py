"""Single items of the REST services, as the one record that each is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_flow import endpoints
from tap_flow.client import Rows
from tap_kit.errors import BadBodyError
from tap_kit.http.call import excerpt
from tap_kit.text.content import error_in

if TYPE_CHECKING:
    from tap_flow.client import FlowClient
    from tap_kit.http.call import Body
    from tap_kit.stats import StreamStats


def job_detail(api: FlowClient, job: str, stats: StreamStats) -> Rows:
    """A job with its steps (guide 6.5)."""
    return api.one(endpoints.JOB, stats, job_id=job)


def job_snapshots(api: FlowClient, job: str, stats: StreamStats) -> Rows:
    """Whatever the snapshots endpoint answers; the guide's sample is empty (guide 6.3)."""

    def decode(body: Body) -> Rows:
        snapshots = body.json() if body.content.strip() else None
        error = error_in(snapshots)
        if error is not None:
            msg = f"the answer reports an error: {excerpt(error)}"
            raise BadBodyError(msg, status=body.status)
        return Rows([{"clientJobId": job, "snapshots": snapshots}], len(body.content))

    return api.get(endpoints.JOB_SNAPSHOTS, decode, stats, client_job_id=job)


def job_report_url(api: FlowClient, job: str, stats: StreamStats) -> Rows:
    """A link, which is all of the body (guide 8.1)."""

    def decode(body: Body) -> Rows:
        link = body.text().strip().strip('"')
        if not link.startswith("http"):
            msg = f"expected a link, got {body.content_type or 'no content type'}"
            raise BadBodyError(msg, status=body.status)
        return Rows([{"clientJobId": job, "reportUrl": link}], len(body.content))

    only_link = {"getUrlOnly": "true"}
    return api.get(endpoints.REPORT_URL, decode, stats, params=only_link, client_job_id=job)


def user_permissions(api: FlowClient, user: str, stats: StreamStats) -> Rows:
    """What a user was granted; the answer doesn't say to whom (guide 13.4)."""
    found = api.one(endpoints.USER_PERMISSIONS, stats, user_id=user)
    found.rows[0]["userId"] = user
    return found


def group(api: FlowClient, group_id: str, stats: StreamStats) -> Rows:
    """A group with its members (guide 5.3)."""
    return api.one(endpoints.GROUP, stats, group_id=group_id)


def report_template_content(api: FlowClient, template: str, stats: StreamStats) -> Rows:
    """A template's HTML (guide 9.2)."""
    return api.one(endpoints.REPORT_TEMPLATE_CONTENT, stats, report_template_id=template)
