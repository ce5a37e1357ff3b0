"""What tests of all taps use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness import sandboxes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox import Sandbox


@pytest.fixture
def open_sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Sandbox]]:
    """Opens sandboxes: see :func:`tests.harness.sandboxes`."""
    with sandboxes(monkeypatch) as make:
        yield make
