"""The named blocks of the page of recipes, as files and scripts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parents[2] / "docs" / "pages" / "guides" / "recipes.md"
_BLOCK = re.compile(r'^```(\w+) title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


class Recipes(NamedTuple):
    """Files by name, and shell scripts by name."""

    files: dict[str, str]
    scripts: dict[str, str]


def recipes() -> Recipes:
    """What the page has."""
    found = Recipes({}, {})
    for language, name, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        (found.scripts if language == "shell" else found.files)[name] = text
    return found
