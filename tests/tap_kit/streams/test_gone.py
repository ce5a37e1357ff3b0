"""Items that are gone: some are skipped, all are an error, and no bookmark passes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.errors import StreamError
from tap_kit.streams.gone import GoneItems
from tap_kit.streams.reader import Bookmark, WindowDigest

if TYPE_CHECKING:
    from collections.abc import Iterator


@given(st.lists(st.booleans(), max_size=8), st.integers(1, 4))
def test_bookmarks_wait_for_an_item_that_came(items: list[bool], at_least: int) -> None:
    """Each item either came or is gone, its page has a bookmark; they are asked for in order."""
    gone = GoneItems("GET /item", "Check the setting api_url", at_least=at_least)
    moved: list[str | None] = []

    def bookmarks() -> Iterator[list[Bookmark]]:
        for place, came in enumerate(items):
            if came:
                gone.came()
            else:
                gone.gone(str(place), "HTTP 404")
            yield [Bookmark("items", str(place))]

    all_gone = not any(items) and len(items) >= at_least
    try:
        for some in gone.in_order(bookmarks()):
            moved += [bookmark.value for bookmark in some]
        failed = False
    except StreamError:
        failed = True

    assert failed is all_gone
    if all_gone:
        assert moved == []
    elif items:
        assert moved[-1] == str(len(items) - 1)


def test_bookmarks_of_partitions_wait_on_their_own() -> None:
    gone = GoneItems("GET /item", "Check the setting api_url")
    bookmarks = [
        [Bookmark("items", "1", partition={"id": "a"})],
        [Bookmark("items", "2", partition={"id": "a"})],
        [Bookmark("items", "3", partition={"id": "b"})],
    ]
    gone.gone("a", "HTTP 404")
    held = gone.in_order(iter(bookmarks))
    assert [*next(held)] == []
    gone.came()
    assert [bookmark.value for bookmark in next(held)] == ["2"]
    assert [bookmark.value for bookmark in next(held)] == ["3"]


def test_bookmarks_wait_where_an_item_may_be_gone() -> None:
    gone = GoneItems("GET /item", "Check the setting api_url")
    gone.empty()

    first, last = gone.in_order(iter([[Bookmark("items", "1")]]))

    assert ([*first], [one.value for one in last]) == ([], ["1"])


def test_the_message_names_the_first_items() -> None:
    gone = GoneItems("GET /item", "Check the setting api_url")
    for name in "abcde":
        gone.gone(name, "HTTP 404 Not Found")

    with pytest.raises(StreamError) as failure:
        gone.check()

    assert str(failure.value) == (
        "GET /item: none of 5 items was found: a, b, c and 2 more (HTTP 404 Not Found). "
        "Check the setting api_url"
    )


def test_while_bookmarks_wait_each_window_keeps_its_digest() -> None:
    gone = GoneItems("GET /x", "Look.")
    marks = [
        [Bookmark("rows", str(n), {"of": 1}, digest=WindowDigest(str(n), "", "d"))]
        for n in range(3)
    ]

    def come() -> Iterator[list[Bookmark]]:
        gone.gone("a", "404")
        yield marks[0]
        yield marks[1]
        gone.came()
        yield marks[2]

    moved = [one for some in gone.in_order(come()) for one in some]
    assert [one.digest and one.digest.start for one in moved] == ["0", "1", "2"]
