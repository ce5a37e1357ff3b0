"""A GET that has succeeded is not sent again, and no more requests are sent than may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tap_kit.doctor.memory import RememberingClient
from tap_kit.errors import BadBodyError, RequestsSpentError, RetriesExhaustedError, VendorError
from tap_kit.http.response import Response
from tap_kit.http.settings import HttpSettings
from tap_kit.text.redact_logs import Redactor
from tests.tap_kit.http.scripted import ok, respond

if TYPE_CHECKING:
    from tests.tap_kit.http.conftest import MakeRequest
    from tests.tap_kit.http.scripted import Vendor


def client(most: int = 40) -> RememberingClient:
    return RememberingClient(HttpSettings(max_attempts=1), Redactor(), None, most=most)


def test_a_get_is_sent_once(vendor: Vendor, make_request: MakeRequest) -> None:
    vendor.script(ok({"n": 1}))
    asked = client()
    assert asked.fetch(make_request(), Response.json) == {"n": 1}
    assert asked.fetch(make_request(), Response.json) == {"n": 1}
    assert len(vendor.seen) == asked.sent == 1


def test_what_failed_is_sent_again(vendor: Vendor, make_request: MakeRequest) -> None:
    vendor.script(respond(404), respond(200, b"{"), ok({}))
    asked = client()
    with pytest.raises(VendorError):
        asked.fetch(make_request(), Response.json)
    with pytest.raises(RetriesExhaustedError) as failure:
        asked.fetch(make_request(), Response.json)
    assert isinstance(failure.value.__cause__, BadBodyError)
    assert asked.fetch(make_request(), Response.json) == {}


def test_a_post_is_sent_each_time(vendor: Vendor, make_request: MakeRequest) -> None:
    vendor.script(ok(1), ok(2))
    asked = client()
    post = make_request(method="POST")
    assert [asked.fetch(post, Response.json) for _ in range(2)] == [1, 2]


def test_no_more_are_sent_than_may_be(vendor: Vendor, make_request: MakeRequest) -> None:
    vendor.script(respond(404), respond(404))
    asked = client(most=2)
    for _ in range(2):
        with pytest.raises(VendorError):
            asked.fetch(make_request(), Response.json)
    with pytest.raises(RequestsSpentError):
        asked.fetch(make_request(), Response.json)
    assert len(vendor.seen) == asked.sent == 2
