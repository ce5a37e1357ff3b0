from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tap_flow.readers.archive import Archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.tap_flow.conftest import Team


@pytest.fixture
def archive(team_of: Callable[..., Team], tmp_path: Path) -> Archive:
    return Archive(team_of(scale=0.08), tmp_path / "files")
