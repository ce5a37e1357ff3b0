"""The verbs that change something at the vendor: calling one is a tap's fault.

docs: taps/flow/facts#writes
"""

from __future__ import annotations

from sandbox.web import Request, Response, Route, as_json

_WRITES = """
POST /accounts/api/client/
PUT /gateway/collections/v1/collection/{collection_id}
POST /gateway/collections/v1/collection
DELETE /gateway/collections/v1/collection/{collection_id}
POST /gateway/collections/v1/upload
POST /gateway/collections/v1/upload/{upload_id}
POST /gateway/group
PUT /gateway/api/group/{group_id}
PUT /gateway/api/group/{group_id}/permissions
PUT /gateway/api/group/{group_id}/users
DELETE /gateway/api/group/{group_id}/users
DELETE /accounts/api/group/{group_id}
POST /gateway/jobs/v1
POST /gateway/jobs/v1/basicSync
PUT /gateway/jobs/v1/abort/
POST /gateway/jobs/v1/{client_job_id}
PUT /gateway/jobs/v1/{client_job_id}
DELETE /gateway/jobs/v1/{client_job_id}
POST /gateway/jobs/v1/{client_job_id}/abort
POST /gateway/jobs/v1/{client_job_id}/assign/{user_id}
POST /gateway/jobs/v1/{client_job_id}/metadata
POST /gateway/reportgenerator/v1/generate
POST /gateway/reportgenerator/v1/generate/{report_template_id}
PUT /gateway/reporttemplates/v1/default/unset
PUT /gateway/reporttemplates/v1/default/{report_template_id}
PUT /gateway/reporttemplates/v1/metadata/{report_template_id}
POST /gateway/reporttemplates/v1/content
PUT /gateway/reporttemplates/v1/content/{report_template_id}
DELETE /gateway/reporttemplates/v1/{report_template_id}
PUT /gateway/scheduledjobs/v1/{scheduled_job_id}/tasks/{task_id}/status
PUT /gateway/scheduledjobs/v1/{scheduled_job_id}/status
PUT /gateway/scheduledjobs/v1/{scheduled_job_id}/assignedUsers
DELETE /gateway/scheduledjobs/v1/{scheduled_job_id}
POST /gateway/scheduledjobs/v1
POST /gateway/teamsettings/v1/defaults
POST /gateway/teamsettings/v1/
POST /gateway/trigger/v2
PUT /gateway/trigger/v2/{trigger_id}
DELETE /gateway/trigger/v2/{trigger_id}
PUT /gateway/trigger/v2/unarchive/{trigger_id}
POST /accounts/api/team/user
PUT /accounts/api/team/user/{user_id}
DELETE /accounts/api/team/user/{user_id}
PUT /accounts/api/team/user/{user_id}/permissions
POST /accounts/api/team/{user_id}/lock
POST /accounts/api/team/{user_id}/resetpassword
POST /accounts/api/team/{user_id}/unlock
POST /gateway/workflows/v2/upload
POST /gateway/workflows/v2/upload/{upload_id}
POST /gateway/workflows/v2
POST /gateway/workflows/v2/{workflow_id}
PUT /gateway/workflows/v2/{workflow_id}
POST /gateway/workflows/v2/{workflow_version_id}/activate
DELETE /gateway/workflows/v2/{workflow_id}/{workflow_version_id}
DELETE /gateway/workflows/v2/{workflow_id}
"""
# POST workflows/v2/{id} is printed as a read (14.2); a tap sends no POST but token and query.


def _refused(_: Request) -> Response:
    return as_json({"message": "This sandbox is for reading."}, 405)


def routes() -> list[Route]:
    """Every verb of 3.12."""
    return [
        Route("write", method, pattern, _refused, writes=True)
        for method, _, pattern in (line.partition(" ") for line in _WRITES.strip().splitlines())
    ]
