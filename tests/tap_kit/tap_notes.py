"""tap-notes: a complete tap, for a vendor that lists notes by the time of their last change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from tap_kit.cli import run
from tap_kit.errors import BadBodyError
from tap_kit.http.auth import StaticHeader
from tap_kit.http.request import Request
from tap_kit.inputs.settings import common_settings, settings_schema
from tap_kit.streams.fields import moment, text
from tap_kit.streams.paging import Paging
from tap_kit.streams.reader import Bookmark, Page, Reader
from tap_kit.streams.schema import record_schema
from tap_kit.streams.stream import RecordStream
from tap_kit.tap import KitTap
from tap_kit.time.clock import format_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_kit.http.auth import Auth
    from tap_kit.http.response import Response
    from tap_kit.streams.context import TapContext
    from tap_kit.time.windows import Window


class NotesReader(Reader):
    """Notes with their tags: a slice for each window, whose pages lead to one another."""

    def __init__(self, tap: TapContext, streams: Sequence[RecordStream]) -> None:
        super().__init__(streams, tap.client, tap.stats_of(streams[0].name))
        self._url = f"{tap.config['api_url']}/notes"
        # The stream that is furthest back decides; what the others have already comes again.
        kept = [tap.bookmarks.bookmark(one.name) if one.incremental else None for one in streams]
        bookmark = None if None in kept else min(filter(None, kept))
        self._windows = list(tap.period.windows(bookmark, tap.until, of=streams[0].name))

    def slices(self) -> Iterator[Iterator[Page]]:
        """Windows don't depend on each other, so they are read side by side."""
        for window in self._windows:
            yield self._pages(window)

    def _pages(self, window: Window) -> Iterator[Page]:
        paging = Paging("GET /notes", link="next")
        params = {"before": format_time(window.end)}
        if window.start is not None:
            params["since"] = format_time(window.start)
        while True:
            request = Request("GET", self._url, label="GET /notes", params=params)
            found = self.client.fetch(request, decode_notes, self.stats)
            notes = found["notes"]
            tags = [
                {"id": note["id"], "tag": tag} for note in notes for tag in note.pop("tags", [])
            ]
            yield Page({"notes": notes, "note_tags": tags})
            if not found.get("next"):
                break
            paging.follow(found["next"])
            params["page"] = found["next"]
        end = format_time(window.end)
        yield Page(bookmarks=[Bookmark(stream.name, end) for stream in self.streams])


def decode_notes(response: Response) -> dict[str, Any]:
    """Decode a response; anything else than notes is an error, and never an empty page."""
    found = response.json()
    if not isinstance(found, dict) or not isinstance(found.get("notes"), list):
        msg = "expected an object with a list of notes"
        raise BadBodyError(msg, status=response.status)
    return found


def read_notes(tap: TapContext, streams: Sequence[RecordStream]) -> Iterator[Reader]:
    """Make the one reader of both streams."""
    yield NotesReader(tap, streams)


class Notes(RecordStream):
    """Notes."""

    name = "notes"
    primary_keys = ("id",)
    replication_key = "changed"
    reader = staticmethod(read_notes)
    source = "GET /notes"
    schema = record_schema(
        text("id", "Id of the note.", key=True),
        moment("changed", "When it was last changed."),
        text("text", "What it says."),
    )


class NoteTags(RecordStream):
    """The tags of each note."""

    name = "note_tags"
    primary_keys = ("id", "tag")
    read_with = Notes
    follows_parent = True
    source = Notes.source
    schema = record_schema(
        text("id", "Id of the note.", key=True),
        text("tag", "The tag.", key=True),
        extra_columns=False,
    )


class TapNotes(KitTap):
    """Singer tap for notes."""

    name = "tap-notes"
    stream_types: ClassVar[Sequence[type[RecordStream]]] = (Notes, NoteTags)
    config_jsonschema: ClassVar[dict[str, Any]] = settings_schema(
        th.Property("token", th.StringType, required=True, secret=True, description="API token."),
        th.Property("api_url", th.StringType, default="https://api.example.com"),
        *common_settings(window="month", lookback_days=1),
    )

    def auth(self) -> Auth | None:
        """Return the header of each request."""
        return StaticHeader("Authorization", f"Bearer {self.config['token']}", settings=("token",))


def main() -> None:
    """The command ``tap-notes``."""
    run(TapNotes)
