"""The REST endpoints that read, each with its policy.

docs: taps/flow/facts#rest-lists
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sandbox.flow import blobs
from sandbox.flow.directory import ME
from sandbox.flow.formats import UNSET, with_links
from sandbox.web import Response, Route, as_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.flow.access import Access
    from sandbox.flow.links import Links
    from sandbox.flow.team import Team
    from sandbox.web import Request

    Body = dict[str, Any]

DEFAULT_LIMIT = 20


class RestApi:
    """The services behind accounts and gateway host, and the blob storage."""

    def __init__(
        self, team: Team, *, access: Access, links: Links, habit: Callable[[str], str]
    ) -> None:
        """Serve the team's data; ``habit`` gives the variant in force."""
        self._team = team
        self._access = access
        self._links = links
        self._habit = habit

    def routes(self) -> list[Route]:
        """Every read."""
        accounts, gateway = "/accounts/api", "/gateway"
        jobs, templates = f"{gateway}/jobs/v1", f"{gateway}/reporttemplates/v1"
        collection = f"{gateway}/collections/v1/collection"
        scheduled = f"{gateway}/scheduledjobs/v1"
        table: list[tuple[str, str, str, Callable[[Request], Response]]] = [
            ("groups", "", f"{accounts}/group", self._groups),
            ("group", "", f"{accounts}/group/{{id}}", self._group_at("accounts")),
            ("group", "", f"{gateway}/group/{{id}}", self._group_at("gateway")),
            ("users", "", f"{accounts}/team/user", self._users),
            ("user", "", f"{accounts}/team/user/{{id}}", self._user),
            (
                *("user_permissions", ""),
                *(f"{accounts}/team/user/{{id}}/permissions", self._user_permissions),
            ),
            ("collections", "", collection, self._collections),
            ("collection", "", f"{collection}/{{id}}", self._collection),
            ("jobs", "Job_ReadAll", f"{jobs}/", self._jobs),
            ("my_jobs", "Job_Read", f"{jobs}/my/", self._my_jobs),
            ("workflow_jobs", "Job_ReadAll", f"{jobs}/workflow/{{id}}", self._workflow_jobs),
            ("job_snapshots", "Job_ReadAll", f"{jobs}/snapshots/{{id}}", self._snapshots),
            ("job_details", "Job_Read", f"{jobs}/bson/{{id}}", self._job),
            ("client_job", "Job_Read", f"{jobs}/{{id}}", self._client_job),
            (
                *("report_url", "Reports_Read"),
                *(f"{gateway}/reports/v1/generate/{{id}}", self._report),
            ),
            ("report_templates", "Reports_Create", templates, self._templates),
            ("report_template_names", "Reports_Create", f"{templates}/names", self._names),
            ("report_template_default", "Reports_Create", f"{templates}/default", self._default),
            (
                *("report_template_contents", "Reports_Create"),
                *(f"{templates}/content/{{id}}", self._content),
            ),
            ("scheduled_jobs", "Schedule_ReadAll", scheduled, self._scheduled_jobs),
            ("my_scheduled_jobs", "Schedule_Read", f"{scheduled}/my", self._my_scheduled),
            ("scheduled_job", "Schedule_Read", f"{scheduled}/{{id}}", self._scheduled_job),
            ("team_settings", "TeamSettings_Read", f"{gateway}/teamsettings/v1/", self._settings),
            (
                *("team_setting", "TeamSettings_Read"),
                *(f"{gateway}/teamsettings/v1/{{id}}", self._setting),
            ),
            ("triggers", "Trigger_Read", f"{gateway}/trigger/v2", self._triggers),
            ("trigger", "Trigger_Read", f"{gateway}/trigger/v2/{{id}}", self._trigger),
            ("workflows", "Workflow_Read", f"{gateway}/workflows/v2", self._workflows),
        ]
        return [
            *(
                Route(name, "GET", pattern, self._access.guarded(policy, handler))
                for name, policy, pattern, handler in table
            ),
            Route("blob", "GET", "/blob/{container}/{team}/{name}", self._blob),
        ]

    def _linked(self, request: Request, value: object) -> Response:
        return as_json(with_links(value, self._links.signer(request.base_url)))

    def _one(self, body: object, *, in_list: bool = False) -> Response:
        if body is None:
            return as_json({"message": "Not Found"}, 404)
        return as_json([body] if in_list else body)

    # Accounts

    def _groups(self, _: Request) -> Response:
        groups = self._team.directory.groups.current()
        return as_json([{"id": key, "name": body["name"]} for key, body in groups.items()])

    def _group_at(self, host: str) -> Callable[[Request], Response]:
        """The handler on one of the two hosts that documents name."""

        def answer(request: Request) -> Response:
            here = self._habit("group_host") == host
            groups = self._team.directory.groups.current() if here else {}
            return self._one(groups.get(request.params["id"]))

        return answer

    def _users(self, _: Request) -> Response:
        return as_json([*self._team.directory.users.current().values()])

    def _user(self, request: Request) -> Response:
        return self._one(self._team.directory.users.current().get(request.params["id"]))

    def _user_permissions(self, request: Request) -> Response:
        # The guide and upstream name different policies (docs: taps/flow/facts#tokens).
        by_team = self._habit("user_permissions_policy") == "team_admin"
        refusal = self._access.refusal(request, "Team_Admin" if by_team else "Trigger_Admin")
        return refusal or self._one(self._team.directory.permissions(request.params["id"]))

    # Collections

    def _collections(self, request: Request) -> Response:
        return self._linked(request, {"collections": self._team.collections.served()})

    def _collection(self, request: Request) -> Response:
        wanted = request.params["id"]
        for body in self._team.collections.served():
            if body["collectionId"] == wanted:
                wrapped = self._habit("collection_by_id") == "wrapped"
                return self._linked(request, {"collections": [body]} if wrapped else body)
        return self._one(None)

    # Jobs

    def _jobs(self, request: Request) -> Response:
        return self._page(request, self._team.rest_jobs.page)

    def _my_jobs(self, request: Request) -> Response:
        mine = self._team.rest_jobs.mine()
        return self._page(request, lambda skip, limit: mine[skip : skip + limit])

    def _page(self, request: Request, rows: Callable[[int, int], list[Body]]) -> Response:
        query = request.query
        try:
            skip, limit = int(query.get("skip", 0)), int(query.get("limit", DEFAULT_LIMIT))
        except ValueError:
            skip, limit = -1, -1
        if skip < 0 or limit < 0:
            return as_json({"message": "skip and limit are whole numbers from 0."}, 400)
        if self._habit("rest_paging") == "ignored":
            skip, limit = 0, DEFAULT_LIMIT
        most = self._habit("rest_max_limit")
        if most != "none" and limit > int(most):
            if self._habit("rest_beyond_limit") == "refused":
                return as_json({"message": f"limit is at most {most}."}, 400)
            limit = int(most)
        page = rows(skip, limit)
        return Response(msgspec.json.encode(page))

    def _workflow_jobs(self, request: Request) -> Response:
        return as_json(self._team.rest_jobs.of_workflow(request.params["id"]))

    def _job(self, request: Request) -> Response:
        body = self._team.rest_jobs.by_id(request.params["id"])
        return self._one(body, in_list=self._habit("job_by_id") == "list")

    def _client_job(self, request: Request) -> Response:
        body = self._team.rest_jobs.by_client_id(request.params["id"])
        return self._one(body, in_list=self._habit("job_by_client_id") == "list")

    def _snapshots(self, request: Request) -> Response:
        return self._one(self._team.snapshots(request.params["id"]))

    def _report(self, request: Request) -> Response:
        path = self._team.report_path(request.params["id"])
        if path is None:
            return self._one(None)
        if request.query.get("getUrlOnly") != "true":
            return Response(b"%PDF-1.4\n%%EOF\n", content_type="application/pdf")
        link = self._links.signer(request.base_url)(path)
        return Response(link.encode(), content_type="text/plain; charset=utf-8")

    # Reports, planning, settings

    def _templates(self, request: Request) -> Response:
        return self._linked(request, [*self._team.templates.rows.current().values()])

    def _names(self, _: Request) -> Response:
        kept = ("reportTemplateId", "name", "description", "isArchived", "metadata")
        empty = dict.fromkeys(("templateVersions", "teamName", "template", "options"))
        return as_json(
            [
                {**{name: row[name] for name in kept}, **empty, "lastUpdated": UNSET}
                for row in self._team.templates.rows.current().values()
            ]
        )

    def _default(self, request: Request) -> Response:
        rows = self._team.templates.rows.current()
        return self._linked(request, rows[self._team.templates.default_id])

    def _content(self, request: Request) -> Response:
        return self._one(self._team.templates.contents.current().get(request.params["id"]))

    def _scheduled_jobs(self, _: Request) -> Response:
        return as_json([*self._team.scheduled_jobs().values()])

    def _my_scheduled(self, _: Request) -> Response:
        me = self._team.directory.workers[ME]["userId"]
        mine = [
            body for body in self._team.scheduled_jobs().values() if me in body["assignedUserIds"]
        ]
        if self._habit("my_scheduled_jobs") == "list":
            return as_json(mine)
        return self._one(mine[0] if mine else None)

    def _scheduled_job(self, request: Request) -> Response:
        return self._one(self._team.scheduled_jobs().get(request.params["id"]))

    def _settings(self, _: Request) -> Response:
        return as_json(self._team.settings())

    def _setting(self, request: Request) -> Response:
        settings = self._team.settings()
        key = request.params["id"]
        return as_json(settings[key]) if key in settings else self._one(None)

    def _triggers(self, _: Request) -> Response:
        return as_json([*self._team.triggers.current().values()])

    def _trigger(self, request: Request) -> Response:
        body = self._team.triggers.current().get(request.params["id"])
        return self._one(body, in_list=self._habit("trigger_by_id") == "list")

    def _workflows(self, _: Request) -> Response:
        return as_json(self._team.workflows())

    # Blob storage

    def _blob(self, request: Request) -> Response:
        refusal = self._links.refusal(request)
        if refusal:
            return refusal
        container, name = request.params["container"], request.params["name"]
        if container == "collectionuploads":
            upload = self._team.collections.upload(name)
            if upload:
                return Response(upload.chunks(), content_type="text/csv")
        kinds = {
            "reportpdfs": ("application/pdf", blobs.report),
            "reporttemplates": ("text/html", blobs.template),
            "stepresources": ("application/octet-stream", blobs.photo),
        }
        if container not in kinds:
            return Response(b"", 404, "application/xml")
        content_type, content = kinds[container]
        return Response(content(name), content_type=content_type)
