from __future__ import annotations

import pytest

from tests.sandbox.xoi.client import Client


@pytest.fixture(scope="module")
def client() -> Client:
    return Client()
