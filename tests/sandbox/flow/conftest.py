"""One Flow for the tests that change nothing."""

from __future__ import annotations

import pytest

from tests.sandbox.flow.client import Client


@pytest.fixture(scope="module")
def client() -> Client:
    return Client()
