"""Collections: look-up tables that the team uploads as CSV (guide 4)."""

from __future__ import annotations

from tap_flow.endpoints import Endpoint
from tap_flow.readers.collection_files import CollectionFiles
from tap_flow.readers.lists import ListOf
from tap_flow.sources import guide, own, sample
from tap_flow.stream import FlowStream
from tap_kit.streams.fields import integer, mapping, moment, text, texts
from tap_kit.streams.schema import record_schema

_COLLECTION = frozenset({"collectionId"})

COLLECTIONS = Endpoint(
    "/collections/v1/collection", "4.2", wrapper="collections", fields=_COLLECTION
)
COLLECTION = Endpoint(
    "/collections/v1/collection/{collection_id}",
    "4.1",
    wrapper="collections",
    fields=_COLLECTION,
)


class Collections(FlowStream):
    """Collections (guide 4.2); one that was never uploaded has no file."""

    name = "collections"
    primary_keys = ("collectionId",)
    reader = ListOf(COLLECTIONS)
    other_replication_keys = ("dataLastChanged",)
    # That of a collection without a file is not set.
    changed_at = ("dataLastChanged", "lastUpdated")
    signed_links = ("csvDownloadUrl",)
    schema = record_schema(
        *guide(
            "4.2",
            text("collectionId", "Id of the collection.", key=True),
            text("userId", "Id of the user who made it."),
            text("userName", "Name of that user; personal data."),
            moment("created", "When it was made."),
            moment("lastUpdated", "When it was last changed."),
            text("teamName", "Team that it belongs to."),
            text("name", "Name of the collection."),
            moment("dataLastChanged", "When its records were last changed."),
            texts("headerNames", "Headings of its file."),
        ),
        *sample(
            "4.2",
            integer(
                "recordCount",
                "Number of records; not reliable: 0 in the sample, whose file has some.",
            ),
            text("csvFileName", "Id of its file."),
            integer("csvFileSize", "Length of the file in bytes."),
            mapping("csvFileNameHistory", "When each of its files was uploaded, by file id."),
        ),
        *guide(
            "4.2",
            text("csvDownloadUrl", "Signed link to the file, good for about an hour."),
        ),
    )


class CollectionRecords(FlowStream):
    """The records of each collection, from its CSV file (guide 4.2)."""

    name = "collection_records"
    primary_keys = ("collectionId", "recordNumber")
    reader = CollectionFiles(COLLECTIONS, COLLECTION, changed_at=Collections.changed_at)
    replicates_with = Collections.name
    schema = record_schema(
        *guide("4.2", text("collectionId", "Id of the collection.", key=True)),
        *own(
            integer("recordNumber", "The record's place in the file, from 1.", key=True),
            mapping("values", "Cells of the file by heading; empty ones are null."),
        ),
        extra_columns=False,
    )
