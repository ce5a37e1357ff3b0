"""What tests of all taps use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.harness import forget_secrets, sandboxes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox import Sandbox

# A machine that is busy is no fault of what is tested.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _secrets_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget afterwards what a test made known as a secret; others' messages may have the word."""
    forget_secrets(monkeypatch)


@pytest.fixture
def open_sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Sandbox]]:
    """Opens sandboxes: see :func:`tests.harness.sandboxes`."""
    with sandboxes(monkeypatch) as make:
        yield make
