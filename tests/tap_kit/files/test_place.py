from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tap_kit.files.place import LONGEST, file_part, folder_part, place_of

AWKWARD = [
    "",
    ".",
    "..",
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "/",
    "\0",
    "a\nb.jpg",
    "a\x1b[31m",
    "name\u202egpj.exe",
    "x" * 300,
    "😀" * 100 + ".jpg",
    " leading and trailing. ",
    "CON",
    "nul.txt",
    "com1.tar.gz",
    "a:b",
    "what?#*.png",
    "\ud800",
    "e\u0301.jpg",
    "\u00e9.jpg",
    "\u2028",
    "~" + "0" * 20,
    "photo.jpg~" + "0" * 20,
]
TEXTS = st.one_of(st.sampled_from(AWKWARD), st.text(), st.text("aA.~/ _", max_size=4))


def assert_is_safe(part: str) -> None:
    assert part not in {"", ".", ".."}
    assert len(part.encode()) <= LONGEST
    assert not set(part) & set('/\\<>:"|?*#\0')
    assert not any(unicodedata.category(sign)[0] == "C" for sign in part)
    assert part == unicodedata.normalize("NFC", part)
    assert part == part.strip(" .")


@pytest.mark.parametrize("text", AWKWARD)
def test_whatever_a_name_is_each_part_is_safe(text: str) -> None:
    assert_is_safe(folder_part(text))
    assert_is_safe(file_part(text))


@given(TEXTS)
def test_any_text_is_made_safe(text: str) -> None:
    assert_is_safe(folder_part(text))
    assert_is_safe(file_part(text))


@given(TEXTS, TEXTS)
@example("A", "a")
@example("e\u0301", "\u00e9")
@example("STRASSE", "straße")
@example("a/b", "a_b")
@example(folder_part("a/b"), "a/b")
@example(folder_part("A"), "A")
def test_no_two_folders_are_one_even_where_case_is_ignored(one: str, other: str) -> None:
    if one != other:
        assert _on_disk(folder_part(one)) != _on_disk(folder_part(other))


@given(TEXTS, TEXTS)
@example(file_part("a/b.jpg"), "a/b.jpg")
def test_no_two_names_are_one(one: str, other: str) -> None:
    if one != other:
        assert file_part(one) != file_part(other)


def _on_disk(name: str) -> str:
    return unicodedata.normalize("NFD", name).casefold()


def test_what_is_safe_stays_as_it_is() -> None:
    place = place_of(["job_attachments", "5e3036f5ab", "0c9a"], "Kuva 1 (työmaa).JPG")
    assert place == "job_attachments/5e3036f5ab/0c9a/Kuva 1 (työmaa).JPG"


def test_an_extension_stays_at_the_end() -> None:
    assert file_part("../photo.jpg").endswith(".jpg")
    assert file_part("x" * 300 + ".jpg").endswith(".jpg")


def test_places_never_change() -> None:
    """What is stored today must be found in ten years."""
    assert file_part("a/b.jpg") == "a_b~4a51636246e7c418bb92.jpg"
    assert folder_part("Ab") == "Ab~025b5573cb68f3af8b09"
