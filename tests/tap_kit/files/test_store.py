"""Files in any store: complete or not there, replaced as a whole, found again."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tap_kit.errors import StreamError
from tap_kit.files.address import open_store
from tap_kit.files.store import failing_as
from tap_kit.files.uploads import PIECE
from tap_kit.time.clock import utc_now
from tests.tap_kit.files.stored import PLACE, content, fail, put

if TYPE_CHECKING:
    from tap_kit.files.store import Store


def absent(store: Store) -> None:
    assert store.find(PLACE) is None


def test_a_file_is_there_with_its_size_and_time(store: Store) -> None:
    assert store.find(PLACE) is None
    put(store, b"photo")
    found = store.find(PLACE)
    assert found
    assert found.size == 5
    assert abs(found.stored_at - utc_now()) < timedelta(minutes=1)
    assert content(store) == b"photo"
    assert store.uri(PLACE).endswith("/" + PLACE)


def test_it_is_found_by_another_run(store: Store) -> None:
    put(store, b"photo")
    again = open_again(store)
    assert content(again) == b"photo"
    assert again.find("job_attachments/j1/a2/photo.jpg") is None


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, 2 * PIECE, 2 * PIECE + 7])
def test_every_size_is_stored_as_it_is(store: Store, size: int) -> None:
    body = os.urandom(size)
    put(store, body)
    assert content(store) == body
    assert content(open_again(store)) == body


@pytest.mark.parametrize("size", [10, 3 * PIECE])
def test_nothing_appears_before_the_end_and_nothing_if_it_fails(store: Store, size: int) -> None:
    fail(store, size, lambda: absent(open_again(store)))
    assert open_again(store).find(PLACE) is None


@pytest.mark.parametrize("size", [10, 3 * PIECE])
def test_a_file_is_replaced_as_a_whole(store: Store, size: int) -> None:
    put(store, b"old")
    fail(store, size, lambda: None)
    assert content(open_again(store)) == b"old"
    put(store, b"x" * size)
    assert content(store) == b"x" * size


def open_again(store: Store) -> Store:
    """The same store without what this one remembers."""
    return open_store(store.uri("x")[: -len("/x")])


def test_names_of_all_kinds_are_stored(store: Store) -> None:
    for name in ("Kuva ä 1.jpg", "😀.png", "100% & more;=+@!.txt", "a~b", "%2e%2e", "[x]{y}"):
        place = f"job_reports/j2/{name}"
        put(store, name.encode(), place)
        assert content(open_again(store), place) == name.encode(), name


def test_it_can_be_probed(store: Store) -> None:
    store.probe()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Not there.\nRequestId: 1\nTime: 2", "Not there"),
        ("https://a/upload/o?upload_id=secret is gone", "https://a/upload/o is gone"),
        ("", "it gives no reason"),
    ],
)
def test_a_reason_is_one_line_without_credentials(text: str, said: str) -> None:
    with pytest.raises(StreamError) as caught, failing_as("gs://b"):
        raise OSError(text)
    assert str(caught.value).startswith(f"files can't be kept in gs://b: {said}. Check the setting")
