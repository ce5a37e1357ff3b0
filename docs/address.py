"""The address of the repository, wherever a file names it; ``pyproject.toml`` has it."""

from __future__ import annotations

import re
from pathlib import Path

_SETTING = re.compile(r'^Repository = "(.+)"$', re.MULTILINE)
_NAMED = re.compile(r"https://[\w.-]+/[\w.-]+/frontline-taps(?![\w-])")

REPOSITORY = _SETTING.findall(
    (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8")
)[0]


def with_address(text: str, repository: str = REPOSITORY) -> str:
    """A text with the repository's address in place of any that it had before."""
    return _NAMED.sub(repository, text)
