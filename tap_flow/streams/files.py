"""The files that records link to, kept in a folder or a bucket."""

from __future__ import annotations

from tap_flow.readers.files import FilesOf
from tap_flow.sources import own
from tap_flow.stream import FlowStream
from tap_flow.streams.collections import COLLECTION, COLLECTIONS
from tap_flow.streams.reports import REPORT_TEMPLATES
from tap_kit.streams.fields import integer, mapping, moment, text
from tap_kit.streams.schema import record_schema


class Files(FlowStream):
    """Photos, reports and other files, a row for each (guide 3.5.4, 3.7.2, 4.2, 9.1)."""

    name = "files"
    primary_keys = ("file_id",)
    reader = FilesOf(
        "3.5.4, 3.7.2",
        templates=REPORT_TEMPLATES,
        collections=COLLECTIONS,
        collection=COLLECTION,
    )
    follows_parent = True
    needs_setting = "files_to"
    schema = record_schema(
        *own(
            text("file_id", "Hash over stream, key of the record, and field.", key=True),
            text("stream", "Stream of the record that links to the file."),
            mapping("record_key", "Key of that record, by column."),
            text("field", "Path of the field that holds the link."),
            text("name", "The vendor's name of the file."),
            text("uri", "Where the file is kept; null if it was left out, or was gone."),
            text("content_type", "Media type of the file."),
            integer("size", "Length in bytes."),
            text("sha256", "SHA-256 of what is kept, in hex."),
            moment("fetched_at", "When it was stored."),
        ),
        extra_columns=False,
    )
