"""Requests over the wire: sent as they say, over kept connections, and through proxies."""

from __future__ import annotations

import gzip
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.errors import (
    GoneError,
    StreamError,
)
from tap_kit.http.request import Request
from tap_kit.http.response import Response
from tap_kit.http.settings import HttpSettings
from tap_kit.http.transport import Transport
from tests.tap_kit.http.scripted import chunked, ok, respond

if TYPE_CHECKING:
    from pathlib import Path

    from tap_kit.http.client import Client
    from tests.tap_kit.http.conftest import MakeRequest
    from tests.tap_kit.http.scripted import Vendor


# What is sent


def test_a_request_is_sent_as_it_says(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(ok())
    params = {"q": "a b&c", "n": 3}
    body = {"name": "Ärzte", "amount": Decimal("1.10")}
    client.fetch(
        make_request("/x", "POST", params=params, json=body, headers={"X-A": "1"}), Response.json
    )
    client.fetch(make_request("/y", "POST", form={"a": "ö&", "b": "2"}), Response.json)
    first, second = vendor.seen
    assert first.target == "/x?q=a+b%26c&n=3"
    assert first.body == '{"name":"Ärzte","amount":1.10}'.encode()
    assert first.headers["content-type"] == "application/json"
    assert first.headers["x-a"] == "1"
    assert first.headers["user-agent"].startswith("frontline-taps/")
    assert first.headers["accept-encoding"] == "gzip, deflate"
    assert second.form == {"a": "ö&", "b": "2"}
    assert second.headers["content-type"] == "application/x-www-form-urlencoded"


def test_it_is_the_same_at_every_try(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(respond(500), ok())
    client.fetch(make_request("/x", "POST", params={"a": 1}, json={"b": [1]}), Response.json)
    first, second = vendor.seen
    assert (first.target, first.body, first.headers) == (
        second.target,
        second.body,
        second.headers,
    )


def test_connections_are_kept(vendor: Vendor, client: Client, make_request: MakeRequest) -> None:
    vendor.script(
        ok(),
        respond(404, '{"detail": "no"}'),
        respond(500, "oops"),
        respond(200, gzip.compress(b"[1]"), content_encoding="gzip"),
        chunked(b"{", b"}"),
        respond(200, b"a,b\n1,2\n"),
        ok(),
    )
    client.fetch(make_request(), Response.json)
    with pytest.raises(GoneError):
        client.fetch(make_request(), Response.json)
    client.fetch(make_request(), Response.json)
    client.fetch(make_request(), Response.json)
    client.download(make_request()).close()
    client.fetch(make_request(), Response.json)
    assert len(vendor.seen) == 7
    assert len({seen.connection for seen in vendor.seen}) == 1


def test_nothing_is_taken_from_cookies_and_netrc(
    vendor: Vendor,
    client: Client,
    make_request: MakeRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password pass\n")
    monkeypatch.setenv("NETRC", str(netrc))
    vendor.script(ok(set_cookie="session=1"))
    for _ in range(2):
        client.fetch(make_request(), Response.json)
    assert "authorization" not in vendor.seen[1].headers
    assert "cookie" not in vendor.seen[1].headers


def test_proxies_of_the_environment_are_used(
    vendor: Vendor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", vendor.url)
    monkeypatch.setenv("http_proxy", vendor.url)
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    vendor.script(ok([1]), path="http://vendor.example/x")
    assert client.fetch(Request("GET", "http://vendor.example/x", "GET /x"), Response.json) == [1]


@pytest.mark.parametrize(
    "broken",
    [
        {"headers": {"X-A": "line\ns3cret"}},
        {"headers": {"X-A": "line\r\nX-B: s3cret"}},
        {"headers": {"X-A": "line\rs3cret"}},
        {"headers": {"X-A": "s3cret\0"}},
        {"headers": {"X-A": "s3cret\n"}},
        {"headers": {"X-A": " s3cret"}},
        {"headers": {"X-A": "€"}},
        {"url": "http://[half"},
    ],
)
def test_what_can_not_be_sent(
    client: Client, vendor: Vendor, make_request: MakeRequest, broken: dict[str, Any]
) -> None:
    vendor.script(ok())
    with pytest.raises(StreamError, match="GET /items: the request can't be sent") as caught:
        client.fetch(replace(make_request(), **broken), Response.json)
    assert "s3cret" not in str(caught.value)
    assert not vendor.seen


@given(
    st.text(st.sampled_from("abZ09-._~/%?# é:@"), max_size=12),
    st.dictionaries(st.text(max_size=4), st.text(max_size=6) | st.integers(), max_size=3),
)
def test_urls_are_as_requests_has_them(rest: str, params: dict[str, str | int]) -> None:
    request = Request("GET", f"http://127.0.0.1:80/{rest}", label="x", params=params)
    expected = requests.Request("GET", request.url, params=params).prepare().url
    assert expected is not None
    sent = Transport(HttpSettings()).prepare(request).url
    assert sent == expected.partition("#")[0]
