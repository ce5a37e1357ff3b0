"""A vendor that can't be reached is told once."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tap_kit.errors import RetriesExhaustedError, UnreachableError
from tap_kit.http.request import Request
from tap_kit.http.response import Response
from tests.tap_kit.http.scripted import ok, reset, respond

if TYPE_CHECKING:
    from tap_kit.http.client import Client
    from tests.tap_kit.http.conftest import MakeClient, MakeRequest
    from tests.tap_kit.http.scripted import Step, Vendor


def nowhere(label: str = "GET /items") -> Request:
    """A request to a port where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return Request("GET", f"http://127.0.0.1:{unused.getsockname()[1]}/", label)


def test_without_any_response_the_run_is_over(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    gone = nowhere()
    with pytest.raises(UnreachableError, match=r"can't be reached: GET /items failed 3 times"):
        client.fetch(gone, Response.json)
    assert caplog.text.count("Connection refused") == 1
    caplog.clear()
    with pytest.raises(UnreachableError):
        client.fetch(replace(gone, label="GET /others"), Response.json)
    assert not caplog.text


def test_a_host_name_that_nobody_knows(make_client: MakeClient) -> None:
    client = make_client(max_attempts=1)
    with pytest.raises(UnreachableError, match="the host name can't be resolved") as caught:
        client.fetch(
            Request("GET", "https://no-such-host.invalid/x?key=abcdef", "GET /x"), Response.json
        )
    for word in ("abcdef", "object at", "host=", "urllib3"):
        assert word not in str(caught.value)


def test_one_host_of_several_fails_only_its_streams(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(ok([1]))
    client.fetch(make_request(), Response.json)
    gone = nowhere()
    for _ in range(2):
        with pytest.raises(RetriesExhaustedError, match="failed 3 times"):
            client.fetch(gone, Response.json)
    assert client.fetch(make_request(), Response.json) == [1]


@pytest.mark.parametrize("fault", [respond(503), respond(429), reset()])
def test_a_vendor_that_is_down_ends_the_run_at_the_second_endpoint(
    vendor: Vendor, client: Client, make_request: MakeRequest, fault: Step
) -> None:
    vendor.script(fault)
    with pytest.raises(RetriesExhaustedError):
        client.fetch(make_request("/a"), Response.json)
    with pytest.raises(UnreachableError):
        client.fetch(make_request("/b"), Response.json)
    with pytest.raises(UnreachableError):
        client.fetch(make_request("/c"), Response.json)
    assert [seen.target for seen in vendor.seen] == ["/a"] * 3 + ["/b"] * 3


@pytest.mark.parametrize("refusal", [ok(), respond(404), respond(403)])
def test_a_vendor_that_responds_is_there(
    vendor: Vendor, client: Client, make_request: MakeRequest, refusal: Step
) -> None:
    vendor.script(refusal, path="/works")
    vendor.script(respond(503), path="/down")
    client.fetch(make_request("/works", accept=frozenset({403, 404})), lambda body: body)
    for place in range(3):
        with pytest.raises(RetriesExhaustedError):
            client.fetch(make_request(f"/down/{place}"), Response.json)
    assert len(vendor.targets("/down")) == 9


def test_the_same_again_is_no_news(
    vendor: Vendor, client: Client, make_request: MakeRequest, caplog: pytest.LogCaptureFixture
) -> None:
    vendor.script(respond(502), respond(502), ok())
    client.fetch(make_request(), Response.json)
    assert len(caplog.messages) == 1
