"""A vendor that can't be reached is told once."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tap_kit.errors import RetriesExhaustedError, UnreachableError
from tap_kit.http.call import Body, Call
from tests.tap_kit.http.scripted import answer, ok, reset

if TYPE_CHECKING:
    from tap_kit.http.client import Client
    from tests.tap_kit.http.conftest import MakeCall, MakeClient
    from tests.tap_kit.http.scripted import Step, Vendor


def nowhere(label: str = "GET /items") -> Call:
    """A call to a port where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return Call("GET", f"http://127.0.0.1:{unused.getsockname()[1]}/", label)


def test_without_any_response_the_run_is_over(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    gone = nowhere()
    with pytest.raises(UnreachableError, match=r"can't be reached: GET /items failed 3 times"):
        client.fetch(gone, Body.json)
    assert caplog.text.count("Connection refused") == 1
    caplog.clear()
    with pytest.raises(UnreachableError):
        client.fetch(replace(gone, label="GET /others"), Body.json)
    assert not caplog.text


def test_a_host_name_that_nobody_knows(make_client: MakeClient) -> None:
    client = make_client(max_attempts=1)
    with pytest.raises(UnreachableError, match="the host name can't be resolved") as caught:
        client.fetch(Call("GET", "https://no-such-host.invalid/x?key=abcdef", "GET /x"), Body.json)
    for word in ("abcdef", "object at", "host=", "urllib3"):
        assert word not in str(caught.value)


def test_one_host_of_several_fails_only_its_streams(
    vendor: Vendor, client: Client, call: MakeCall
) -> None:
    vendor.script(ok([1]))
    client.fetch(call(), Body.json)
    gone = nowhere()
    for _ in range(2):
        with pytest.raises(RetriesExhaustedError, match="failed 3 times"):
            client.fetch(gone, Body.json)
    assert client.fetch(call(), Body.json) == [1]


@pytest.mark.parametrize("fault", [answer(503), answer(429), reset()])
def test_a_vendor_that_is_down_ends_the_run_at_the_second_endpoint(
    vendor: Vendor, client: Client, call: MakeCall, fault: Step
) -> None:
    vendor.script(fault)
    with pytest.raises(RetriesExhaustedError):
        client.fetch(call("/a"), Body.json)
    with pytest.raises(UnreachableError):
        client.fetch(call("/b"), Body.json)
    with pytest.raises(UnreachableError):
        client.fetch(call("/c"), Body.json)
    assert [seen.target for seen in vendor.seen] == ["/a"] * 3 + ["/b"] * 3


@pytest.mark.parametrize("refusal", [ok(), answer(404), answer(403)])
def test_a_vendor_that_responds_is_there(
    vendor: Vendor, client: Client, call: MakeCall, refusal: Step
) -> None:
    vendor.script(refusal, path="/works")
    vendor.script(answer(503), path="/down")
    client.fetch(call("/works", accept=frozenset({403, 404})), lambda body: body)
    for place in range(3):
        with pytest.raises(RetriesExhaustedError):
            client.fetch(call(f"/down/{place}"), Body.json)
    assert len(vendor.targets("/down")) == 9


def test_the_same_again_is_no_news(
    vendor: Vendor, client: Client, call: MakeCall, caplog: pytest.LogCaptureFixture
) -> None:
    vendor.script(answer(502), answer(502), ok())
    client.fetch(call(), Body.json)
    assert len(caplog.messages) == 1
