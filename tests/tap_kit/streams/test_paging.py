"""Reading ends, however a vendor pages, and an honest list is read to its end."""

from __future__ import annotations

from itertools import chain, islice, repeat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from tap_kit.errors import StreamError
from tap_kit.streams.paging import PATIENCE, Paging
from tap_kit.streams.structs import row_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Response = tuple[list[str], str]
"""Items, and the token of the next page, empty at the end."""


def read(responses: Iterable[Response]) -> Iterator[list[str]]:
    paging = Paging("the list", link="nextToken", advice="Ask the vendor.")
    for items, token in responses:
        if token:
            paging.took(items)
        yield items
        if not token:
            return
        paging.follow(token)


def received(responses: Iterable[Response]) -> tuple[int, str]:
    """How many responses were read, and why no more."""
    count = 0
    try:
        for _ in read(responses):
            count += 1
    except StreamError as error:
        return count, str(error)
    return count, ""


TOKENS = st.sampled_from("ABCDE")


@given(
    st.lists(st.tuples(st.lists(st.sampled_from("xyz"), max_size=3), TOKENS), max_size=20),
    st.lists(st.sampled_from("xyz"), max_size=3),
    st.booleans(),
)
def test_a_vendor_that_lies_is_left(
    responses: list[Response],
    last: list[str],
    fresh: bool,  # noqa: FBT001  # drawn
) -> None:
    """Whatever comes first, then one page for ever, under new tokens or old ones."""
    tokens = (str(number) for number in range(10**9)) if fresh else repeat("Z")
    endless = chain(responses, zip(repeat(last), tokens, strict=False))

    count, why = received(endless)

    assert "reading would never end. Ask the vendor." in why
    if last or fresh:
        assert count <= len(responses) + 1 + PATIENCE


@given(st.lists(st.tuples(st.integers(0, PATIENCE - 1), st.integers(1, 3)), max_size=20))
def test_an_honest_list_is_read_to_its_end(sizes: list[tuple[int, int]]) -> None:
    """A few empty pages, then one with items, and so on."""
    numbers = map(str, range(10**9))
    pages = [
        page
        for empty, items in sizes
        for page in [*([] for _ in range(empty)), list(islice(numbers, items))]
    ]
    responses = [(page, str(place)) for place, page in enumerate(pages, start=1)]

    found = list(read([*responses, (["last"], "")]))

    assert found == [*pages, ["last"]]


@pytest.mark.parametrize("tokens", ["AA", "ABA", "ABCB"])
def test_a_token_that_came_before_is_an_error_even_with_new_items(tokens: str) -> None:
    responses = [([str(place)], token) for place, token in enumerate(tokens)]

    count, why = received([*responses, (["more"], "")])

    assert count == len(tokens)
    assert why.startswith("the list goes in a circle: its nextToken came before")


@pytest.mark.parametrize("cycle", [["x"], ["x", "y"], ["x", "y", "z"]])
def test_pages_that_come_again_are_an_error_even_with_new_tokens(cycle: list[str]) -> None:
    tokens = map(str, range(10**9))
    pages = ([cycle[number % len(cycle)]] for number in range(100))

    count, why = received(zip(pages, tokens, strict=False))

    assert count == len(cycle) + PATIENCE - 1
    assert f"{PATIENCE} responses in a row brought nothing new" in why


def test_pages_may_overlap_and_be_empty_on_the_way() -> None:
    pages = [["a", "b"], ["a", "b"], ["b", "c"], [], [], ["c"], ["d"]]
    responses = [(page, str(place)) for place, page in enumerate(pages, start=1)]

    assert list(read([*responses, ([], "")])) == [*pages, []]


@pytest.mark.parametrize("typed", [False, True])
def test_items_that_differ_in_what_does_not_tell_them_apart_are_not_new(*, typed: bool) -> None:
    paging = Paging("the list", identified_by=("id",))
    kind = row_type({"properties": {"id": {"type": "string"}, "link": {"type": "string"}}})
    assert kind is not None

    def take(number: int) -> None:
        items = [{"id": name, "link": f"token-{number}"} for name in "ab"]
        paging.took(convert(items, list[kind]) if typed else items)  # type: ignore[valid-type]

    for number in range(PATIENCE):
        take(number)
    with pytest.raises(StreamError, match="3 responses in a row brought nothing new"):
        take(PATIENCE)


def test_items_without_what_tells_them_apart_are_told_apart_by_all_they_have() -> None:
    paging = Paging("the list", identified_by=("id",))
    for number in range(10):
        paging.took([{"id": None, "name": number}, str(number)])


def test_a_vendor_may_send_more_empty_pages_where_the_caller_says_so() -> None:
    paging = Paging("the list", most_empty=5)
    for _ in range(4):
        paging.took([])
    with pytest.raises(StreamError, match="5 pages in a row were empty"):
        paging.took([])
