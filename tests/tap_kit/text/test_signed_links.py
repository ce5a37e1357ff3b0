"""Signed links lose their query, and nothing else changes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.text.signatures import strip_query, unsigned

# Signed links

LINK = "https://files.example/a/b.pdf"


@pytest.mark.parametrize(
    "query",
    [
        "?sv=2020&sr=b&sig=a%2Bb%3D&se=2026-01-01T00%3A00%3A00Z&sp=r",
        "?X-Amz-Algorithm=AWS4&X-Amz-Signature=abc",
        "?Signature=abc&Expires=1",
        "?key=abc",
        "?token=abc",
        "?access_token=abc",
        "#access_token=abc",
        "?page=1&apikey=abc#top",
    ],
)
def test_signed_links_lose_their_query(query: str) -> None:
    assert strip_query(LINK + query) == LINK
    value = {
        "link": LINK + query,
        "list": [{"url": LINK + query}, 1],
        "text": f"see {LINK}{query} or {LINK}?page=2",
        "json": json.dumps({"url": LINK + query}),
    }
    assert cleaned(value) == {
        "link": LINK,
        "list": [{"url": LINK}, 1],
        "text": f"see {LINK} or {LINK}?page=2",
        "json": json.dumps({"url": LINK}),
    }


def cleaned(value: object) -> object:
    """A value after its encoded form was cleaned."""
    return json.loads(unsigned(json.dumps(value, ensure_ascii=False)))


def test_the_signature_of_a_nested_link_goes_too() -> None:
    assert unsigned(f"{LINK}?next={LINK}?sig=abc") == LINK


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(f"{LINK}?page=2"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_json)
def test_what_has_no_signed_link_stays_as_it_is(value: object) -> None:
    assert cleaned(value) == value


@given(_json)
def test_scrubbing_changes_nothing_but_the_link(value: object) -> None:
    assert cleaned([value, f"{LINK}?sig=abc"]) == [value, LINK]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_a_link_is_the_same_whether_encoded_or_not(around: str) -> None:
    text = f"{around}{LINK}?sig=abc{around}"
    assert cleaned(text) == unsigned(text)
