from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.http.client import Client
from tap_kit.http.request import Request
from tap_kit.http.settings import HttpSettings
from tap_kit.text.redact_logs import Redactor
from tests.tap_kit.http.scripted import Vendor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_kit.http.auth import Auth

    MakeClient = Callable[..., Client]
    MakeRequest = Callable[..., Request]


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    server = Vendor()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.end.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def make_client() -> Iterator[MakeClient]:
    """Clients whose back-off takes no time."""
    clients: list[Client] = []

    def make(*, auth: Auth | None = None, backoff_base: float = 0.0, **settings: Any) -> Client:  # noqa: ANN401  # settings
        client = Client(
            settings=HttpSettings(**settings),
            redactor=Redactor(),
            auth=auth,
            backoff_base=backoff_base,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    return make_client(request_timeout=5, max_attempts=3)


@pytest.fixture
def make_request(vendor: Vendor) -> MakeRequest:
    """Requests to the scripted vendor."""

    def make(path: str = "/items", method: str = "GET", **options: Any) -> Request:  # noqa: ANN401  # Request's
        return Request(method, vendor.url + path, f"{method} {path}", **options)

    return make
