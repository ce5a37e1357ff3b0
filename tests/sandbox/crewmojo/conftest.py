from __future__ import annotations

import pytest

from tests.sandbox.crewmojo.client import Client


@pytest.fixture(scope="module")
def client() -> Client:
    return Client()
