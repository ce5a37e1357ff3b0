"""Nothing is asked twice, and no more requests are sent than may be."""

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


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_failed_is_not_sent_again(
    vendor: Vendor, make_request: MakeRequest, method: str
) -> None:
    vendor.script(respond(404), respond(200, b"{"), ok({}))
    asked = client()
    missing = make_request(method=method)
    broken = make_request(method=method, json={"other": 1})
    for _ in range(3):
        with pytest.raises(VendorError):
            asked.fetch(missing, Response.json)
        with pytest.raises(RetriesExhaustedError) as failure:
            asked.fetch(broken, Response.json)
        assert isinstance(failure.value.__cause__, BadBodyError)
    assert asked.sent == 2
    # Other credentials may be allowed what these are not.
    other = asked.authorized_by(None)
    assert other.fetch(missing, Response.json) == {}
    assert other.sent == 3


def test_a_post_is_sent_each_time(vendor: Vendor, make_request: MakeRequest) -> None:
    vendor.script(ok(1), ok(2))
    asked = client()
    post = make_request(method="POST")
    assert [asked.fetch(post, Response.json) for _ in range(2)] == [1, 2]


def test_no_more_are_sent_than_may_be(vendor: Vendor, make_request: MakeRequest) -> None:
    vendor.script(respond(404), respond(404))
    asked = client(most=2)
    for number in range(2):
        with pytest.raises(VendorError):
            asked.fetch(make_request(params={"n": number}), Response.json)
    with pytest.raises(RequestsSpentError):
        asked.fetch(make_request(params={"n": 2}), Response.json)
    assert len(vendor.seen) == asked.sent == 2
