"""Report templates and the team's settings (guide 9 and 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_flow.endpoints import REPORT_TEMPLATE_CONTENT, REPORT_TEMPLATES, TEAM_SETTINGS
from tap_flow.sources import guide, own, sample, upstream
from tap_kit.streams.fields import anything, flag, integer, item, mapping, moment, text
from tap_kit.streams.schema import record_schema
from tap_kit.streams.stream import RecordStream

if TYPE_CHECKING:
    from tap_kit.streams.fields import Property


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


class ReportTemplates(RecordStream):
    """Report templates (guide 9.1)."""

    name = "report_templates"
    primary_keys = ("reportTemplateId",)
    source = str(REPORT_TEMPLATES)
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


class ReportTemplateContents(RecordStream):
    """The HTML of each report template (guide 9.2)."""

    name = "report_template_contents"
    primary_keys = ("reportTemplateId",)
    source = f"{REPORT_TEMPLATES}, {REPORT_TEMPLATE_CONTENT}"
    schema = record_schema(
        *_template_fields("9.2"),
        *guide(
            "9.2",
            text("headerContent", "The header, HTML."),
            text("bodyContent", "The body, HTML."),
            text("userId", "Id of the user who wrote it."),
        ),
    )


class TeamSettings(RecordStream):
    """The settings of the team, one row (guide 11.4)."""

    name = "team_settings"
    primary_keys = ("settingsId",)
    source = str(TEAM_SETTINGS)
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
