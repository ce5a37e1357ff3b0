"""What is generated from the taps is current, and the diagrams speak of streams that exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from docs.address import REPOSITORY, with_address
from docs.columns import name_of, paths_of
from docs.generate import FILES, TAPS, render, whole_files
from docs.picture import picture
from docs.reference import sdk_settings
from docs.relations import MODELS

if TYPE_CHECKING:
    from pathlib import Path

    from tap_kit.tap import KitTap

DRAWN = [tap for tap in TAPS if tap.name in MODELS]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_generated_parts_are_current(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert render(text) == text, "run `make generate`"


@pytest.mark.parametrize("tap", DRAWN, ids=lambda tap: tap.name)
def test_every_stream_is_in_the_diagram(tap: type[KitTap]) -> None:
    assert MODELS[tap.name].streams == {name_of(stream) for stream in tap.stream_types}


@pytest.mark.parametrize("tap", DRAWN, ids=lambda tap: tap.name)
def test_relations_name_columns_that_exist(tap: type[KitTap]) -> None:
    columns = {
        f"{name_of(stream)}.{path}" for stream in tap.stream_types for path in paths_of(stream)
    }
    for relation in MODELS[tap.name].relations:
        assert {relation.child, relation.parent} <= columns


def test_every_stream_and_column_is_described() -> None:
    for tap in TAPS:
        for stream in tap.stream_types:
            assert stream.__doc__
            assert stream.source


def test_the_address_of_the_repository_stands_in_one_place() -> None:
    elsewhere = "https://code.example.net/others/frontline-taps"
    for path in (*FILES, *(path for path, _ in whole_files())):
        text = path.read_text(encoding="utf-8")
        moved = with_address(text, elsewhere)
        assert REPOSITORY not in moved, path
        assert with_address(moved) == text, path


def test_the_settings_of_the_sdk_are_the_same_for_all_taps() -> None:
    assert len({sdk_settings(tap) for tap in TAPS}) == 1


def test_the_picture_needs_nothing_from_elsewhere() -> None:
    drawn = picture(TAPS)
    assert all(tap.name in drawn for tap in TAPS)
    assert re.findall(r"https?://[^\"]+", drawn) == ["http://www.w3.org/2000/svg"]
    assert "href" not in drawn
