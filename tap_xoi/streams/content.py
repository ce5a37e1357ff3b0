"""The photos, videos and documents that technicians took: facts about them, not the files."""

from __future__ import annotations

from tap_kit.streams.fields import integer, moment, text, texts
from tap_kit.streams.schema import record_schema
from tap_xoi.backfill import lists
from tap_xoi.readers.content import ContentReader
from tap_xoi.streams.base import PERSONAL, XoiStream


class Content(XoiStream):
    """Photos, videos and documents that documentation names (Content API, ``getContent``).

    They come with the documentation of the run's windows, by their ids, 50 in a request.
    """

    name = "content"
    reader = ContentReader.make
    backfill = staticmethod(lists)
    primary_keys = ("id",)
    follows_parent = True
    selected_by_default = False
    source = "GraphQL getContent (Content API), for the contentId of listDocumentation"
    identity = frozenset({"id"})
    schema = record_schema(
        text("id", "The content; documentation names it as contentId.", key=True),
        text("mediaType", "Media type, such as image/jpeg."),
        moment("createdAt", "When it was created."),
        moment("updatedAt", "When it was last changed."),
        moment("uploadedAt", "When it was uploaded."),
        text("uploader", f"Who uploaded it, like an email address. {PERSONAL}"),
        integer("lengthBytes", "Length in bytes."),
        text("sha256hex", "SHA-256 of the bytes, in hexadecimal digits."),
        text("orgID", "The organization."),
        texts("jobIds", "The jobs that it belongs to."),
        extra_columns=False,
    )
