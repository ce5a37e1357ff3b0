"""Report templates and the team's settings (guide 9 and 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_flow import policies
from tap_flow.endpoints import Endpoint
from tap_flow.readers.details import DetailsOf, Ids
from tap_flow.readers.lists import ListOf
from tap_flow.sources import guide, own, sample, upstream
from tap_flow.stream import FlowStream
from tap_kit.streams.fields import anything, flag, integer, item, mapping, moment, text
from tap_kit.streams.schema import record_schema

if TYPE_CHECKING:
    from tap_kit.streams.fields import Property

_TEMPLATE = frozenset({"reportTemplateId"})

REPORT_TEMPLATES = Endpoint("/reporttemplates/v1", "9.1", policies.REPORTS_CREATE, fields=_TEMPLATE)
REPORT_TEMPLATE_CONTENT = Endpoint(
    "/reporttemplates/v1/content/{report_template_id}",
    "9.2",
    policies.REPORTS_CREATE,
    fields=_TEMPLATE,
)
TEAM_SETTINGS = Endpoint(
    "/teamsettings/v1/",
    "11.4",
    policies.TEAM_SETTINGS_READ,
    is_one=True,
    fields=frozenset(
        {
            "AutoDeviceSignOut",
            "AutoDownload",
            "CheckDeviceTime",
            "DefaultTimezone",
            "DisableJobRestart",
            "DisableOldTemplates",
            "EnableJobNaming",
            "GoBackReason",
            "PermanentDataEdit",
            "RemoteExpertSolution",
            "Reports",
            "RequiresAbandonReason",
            "StoreDBOnExternalStorage",
            "SupportsOnsight",
            "WorkflowApproverMode",
        }
    ),
)


def _template_fields(section: str) -> tuple[Property, ...]:
    return guide(
        section,
        text("reportTemplateId", "Id of the template.", key=True),
        text("name", "Name of the template."),
        text("description", "Description of the template."),
        moment("lastUpdated", "When it was last changed."),
        item(
            "options",
            "How the report is laid out.",
            flag("isLandscape", "Whether pages are wider than high."),
            text("title", "Title of the report."),
            integer("headerHeight", "Height of the header."),
            flag("hideFooter", "Whether there is no footer."),
        ),
        flag("isDefault", "Whether it is the team's default."),
        flag("isArchived", "Whether it is archived."),
        mapping("metadata", "What was attached to the template."),
    )


def _file(name: str, about: str) -> Property:
    return item(
        name,
        about,
        text("name", "Name of the file."),
        text("uri", "Where it lies in the vendor's storage."),
        text("contentType", "Media type of the file."),
        text("downloadUrl", "Signed link to the file, good for about an hour."),
    )


class ReportTemplates(FlowStream):
    """Report templates (guide 9.1)."""

    name = "report_templates"
    primary_keys = ("reportTemplateId",)
    reader = ListOf(REPORT_TEMPLATES)
    other_replication_keys = changed_at = ("lastUpdated",)
    signed_links = ("template.*.downloadUrl",)
    schema = record_schema(
        *_template_fields("9.1"),
        *upstream(
            item(
                "template",
                "The files of the template.",
                text("templateId", "Id of the files."),
                _file("templateBodyFile", "The body."),
                _file("templateHeaderFile", "The header."),
                moment("uploadedDate", "When they were uploaded."),
                text("userId", "Id of the user who uploaded them."),
            ),
        ),
    )


class ReportTemplateContents(FlowStream):
    """The HTML of each report template (guide 9.2)."""

    name = "report_template_contents"
    primary_keys = ("reportTemplateId",)
    reader = DetailsOf(
        REPORT_TEMPLATE_CONTENT,
        ids=Ids(REPORT_TEMPLATES, "reportTemplateId", changed_at=ReportTemplates.changed_at),
    )
    replicates_with = ReportTemplates.name
    schema = record_schema(
        *_template_fields("9.2"),
        *guide(
            "9.2",
            text("headerContent", "The header, HTML."),
            text("bodyContent", "The body, HTML."),
            text("userId", "Id of the user who wrote it."),
        ),
    )


class TeamSettings(FlowStream):
    """The settings of the team, one row (guide 11.4)."""

    name = "team_settings"
    primary_keys = ("settingsId",)
    reader = ListOf(TEAM_SETTINGS, added={"settingsId": "team"})
    schema = record_schema(
        *own(text("settingsId", "Always 'team'.", key=True)),
        *sample(
            "11.4",
            anything("AutoDeviceSignOut", "Null in the sample."),
            item(
                "AutoDownload",
                "How devices get new versions of workflows.",
                text("WorkflowUpdateMode", "Such as Optional."),
                integer("WorkflowUpdateLapsedTime", "How long an update may wait."),
            ),
            flag("CheckDeviceTime", "Whether the clock of devices is checked."),
            text("DefaultTimezone", "Such as Etc/UTC."),
            flag("DisableJobRestart", "Whether jobs can't be restarted."),
            flag("DisableOldTemplates", "Whether old versions can't be run."),
            flag("EnableJobNaming", "Whether users name their jobs."),
            text("GoBackReason", "Such as Optional."),
            flag("PermanentDataEdit", "Whether data of completed jobs can be edited."),
            anything("RemoteExpertSolution", "Null in the sample."),
            mapping("Reports", "Settings of reports."),
            flag("RequiresAbandonReason", "Whether a reason is asked for giving a job up."),
            flag("StoreDBOnExternalStorage", "Whether devices store data on external storage."),
            flag("SupportsOnsight", "Whether Onsight is supported."),
            integer("WorkflowApproverMode", "Who approves workflows."),
        ),
    )
