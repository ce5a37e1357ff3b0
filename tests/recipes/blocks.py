"""The named blocks of the page of recipes, as files and scripts."""

from __future__ import annotations

from typing import NamedTuple

from tests.docs.typed import PROJECT, blocks

PAGE = PROJECT / "docs" / "pages" / "guides" / "recipes.md"


class Recipes(NamedTuple):
    """Files by name, and shell scripts by name."""

    files: dict[str, str]
    scripts: dict[str, str]


def recipes() -> Recipes:
    """What the page has."""
    found = Recipes({}, {})
    for block in blocks(PAGE):
        if block.title:
            kind = found.scripts if block.language == "shell" else found.files
            kind[block.title] = block.text
    return found
