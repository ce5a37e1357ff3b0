"""The tap that the page "A new stream, a new tap" shows works as the page says."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.singer import discover, select, sync
from tests.tap_kit.http.scripted import Vendor, ok, respond
from tests.tap_kit.tap_notes import TapNotes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tap_kit.http.scripted import Exchange

NOTES = [
    {"id": f"n{day}", "changed": f"2024-0{month}-{day}T08:00:00Z", "text": "", "tags": ["a", "b"]}
    for month in (1, 2, 3)
    for day in (10 + month, 20 + month)
]
PAGE = 1


def notes(exchange: Exchange) -> None:
    """A page of the notes that were changed between ``since`` and ``before``."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(exchange.path).query).items()}
    found = [
        note
        for note in NOTES
        if query.get("since", "") <= str(note["changed"]) < query.get("before", "9")
    ]
    start = int(query.get("page", 0))
    following = str(start + PAGE) if start + PAGE < len(found) else None
    ok({"notes": found[start : start + PAGE], "next": following})(exchange)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    server = Vendor()
    server.script(notes)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def config(vendor: Vendor) -> dict[str, Any]:
    return {
        "token": "s3cret-token-value",
        "api_url": vendor.url,
        "start_date": "2024-01-01",
        "end_date": "2024-04-01",
        "lookback_days": 0,
        "max_attempts": 1,
    }


def test_every_note_and_tag_comes_once(vendor: Vendor, config: dict[str, Any]) -> None:
    output = sync(TapNotes, config)

    assert not output.failures
    assert [note["id"] for note in output.records["notes"]] == [note["id"] for note in NOTES]
    assert [(tag["id"], tag["tag"]) for tag in output.records["note_tags"]] == [
        (note["id"], tag) for note in NOTES for tag in ("a", "b")
    ]
    assert {seen.headers["authorization"] for seen in vendor.seen} == {"Bearer s3cret-token-value"}


def test_the_next_run_goes_on_from_the_bookmark(config: dict[str, Any]) -> None:
    first = sync(TapNotes, {**config, "end_date": "2024-02-01"})
    second = sync(TapNotes, config, state=first.state)

    found = [note["id"] for run in (first, second) for note in run.records["notes"]]
    assert found == [note["id"] for note in NOTES]


def test_tags_can_be_read_without_their_notes(config: dict[str, Any]) -> None:
    output = sync(TapNotes, config, catalog=select(discover(TapNotes, config), "note_tags"))

    assert output.records.keys() == {"note_tags"}
    assert len(output.records["note_tags"]) == 2 * len(NOTES)


@pytest.mark.parametrize("body", ["[]", "{}", '{"notes": null}'])
def test_another_response_is_never_an_empty_page(
    vendor: Vendor, config: dict[str, Any], body: str
) -> None:
    vendor.script(respond(200, body))
    output = sync(TapNotes, config)

    assert output.failures.keys() == {"notes", "note_tags"}
    assert "expected an object with a list of notes" in output.failures["notes"]
    assert "s3cret" not in json.dumps(output.failures)


def test_pages_in_a_circle_are_an_error(vendor: Vendor, config: dict[str, Any]) -> None:
    vendor.script(ok({"notes": [], "next": "same"}))
    output = sync(TapNotes, config)

    assert "goes in a circle" in output.failures["notes"]
