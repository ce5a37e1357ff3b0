"""What happens when jobs are done: mails and calls (guide 12)."""

from __future__ import annotations

from tap_flow import policies
from tap_flow.endpoints import Endpoint
from tap_flow.readers.lists import ListOf
from tap_flow.sources import guide, sample
from tap_flow.stream import FlowStream
from tap_kit.streams.fields import flag, mapping, moment, text, texts
from tap_kit.streams.schema import record_schema

TRIGGERS = Endpoint("/trigger/v2", "12.1", policies.TRIGGER_READ, fields=frozenset({"triggerId"}))


class Triggers(FlowStream):
    """What happens when jobs are done: mails and calls (guide 12.1)."""

    name = "triggers"
    primary_keys = ("triggerId",)
    reader = ListOf(TRIGGERS)
    other_replication_keys = changed_at = ("updated",)
    secret_fields = ("triggerOptions.*",)
    schema = record_schema(
        *guide(
            "12.1",
            text("triggerId", "Id of the trigger.", key=True),
            moment("created", "When it was made."),
            moment("updated", "When it was last changed."),
            text("name", "Name of the trigger."),
            text("description", "Description of the trigger."),
            texts("templateTags", "Tags of the workflows that it acts on."),
        ),
        *sample(
            "12.1",
            texts("objectIds", "Users or groups that it acts on."),
            texts("templateIds", "Workflows that it acts on."),
        ),
        *guide(
            "12.1",
            text("triggerType", "Such as Email."),
            mapping("triggerOptions", "Options by name; values are null unless include_secrets."),
            text("reportTemplateId", "Template of the report that it sends."),
            text("pdfRequirement", "Such as FullImages or NotRequired."),
            flag("disabled", "Whether it is switched off."),
            flag("archived", "Whether it is archived."),
        ),
    )
