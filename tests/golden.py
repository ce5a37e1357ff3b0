"""Golden files: what users see, kept as JSON.

``UPDATE_GOLDEN=1 pytest`` writes them anew; the change is then to be read in the diff.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tap_kit.tap import KitTap

GOLDEN = Path(__file__).with_name("behaviours") / "golden"
"""A folder for each tap: its catalog with the sandbox's data, and its settings."""

_OF_THE_BUILD = ("version", "sdk_version")


def about(tap: type[KitTap]) -> dict[str, Any]:
    """What ``--about --format=json`` tells, without versions."""
    found: dict[str, Any] = json.loads(_formatted(tap))
    return {name: value for name, value in found.items() if name not in _OF_THE_BUILD}


def same(path: Path, found: object) -> bool:
    """Whether a golden file holds just this; writes it where that was asked for."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        text = json.dumps(found, indent=2, ensure_ascii=False)
        path.write_text(f"{text}\n", encoding="utf-8")
    return bool(json.loads(path.read_text(encoding="utf-8")) == found)


def _formatted(tap: type[KitTap]) -> str:
    from singer_sdk.about import AboutFormatter  # noqa: PLC0415  # only golden tests need it

    return AboutFormatter.get_formatter("json").format_about(tap._get_about_info())
