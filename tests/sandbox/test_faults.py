"""Every fault as a client meets it."""

from __future__ import annotations

import json
import socket
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
import requests

from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.web import Vendor
    from sandbox.world import World


@pytest.fixture
def sandbox(tiny_vendor: Callable[[World], Vendor]) -> Iterator[Sandbox]:
    with Sandbox(vendors=[tiny_vendor]) as sandbox:
        yield sandbox


def get(sandbox: Sandbox, path: str = "/items", timeout: float = 30) -> requests.Response:
    return requests.get(sandbox.url_of("tiny") + path, timeout=timeout)


def post(sandbox: Sandbox, body: str = "") -> requests.Response:
    return requests.post(sandbox.url_of("tiny") + "/graph", data=body.encode(), timeout=30)


def raw_answer(sandbox: Sandbox, path: str) -> bytes:
    """All bytes until the connection ends."""
    received = b""
    with socket.create_connection(("127.0.0.1", int(sandbox.url.rpartition(":")[2]))) as line:
        line.sendall(f"GET /tiny{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        while data := line.recv(65536):
            received += data
    return received


def test_status_with_retry_after_in_seconds(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=429, retry_after=2, body="slow down", content_type="text/plain")
    answer = get(sandbox)
    assert (answer.status_code, answer.text) == (429, "slow down")
    assert (answer.headers["Retry-After"], answer.headers["Content-Type"]) == ("2", "text/plain")


def test_status_with_retry_after_as_a_date(sandbox: Sandbox) -> None:
    before = datetime.now(timezone.utc)
    sandbox.fault("status", retry_after=90, retry_after_date=True)
    answer = get(sandbox)
    assert answer.json() == {"message": "Service Unavailable"}
    moment = parsedate_to_datetime(answer.headers["Retry-After"])
    assert timedelta(seconds=90) <= moment - before < timedelta(seconds=120)
    assert answer.headers["Retry-After"].endswith(" GMT")


def test_reset_before_any_answer(sandbox: Sandbox) -> None:
    sandbox.fault("reset")
    with pytest.raises(ConnectionResetError):
        raw_answer(sandbox, "/items")
    assert (sandbox.journal[0].status, sandbox.journal[0].fault) == (None, "reset")


@pytest.mark.parametrize("path", ["/items", "/rows"])
def test_reset_in_the_middle_of_the_body(sandbox: Sandbox, path: str) -> None:
    sandbox.fault("reset", midway=True)
    with requests.get(sandbox.url_of("tiny") + path, stream=True, timeout=30) as answer:
        assert answer.status_code == 200
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="reset by peer"):
            answer.content  # noqa: B018  # reading is what fails


def test_truncate_announces_the_whole_length(sandbox: Sandbox) -> None:
    whole = get(sandbox).content
    sandbox.fault("truncate")
    head, _, body = raw_answer(sandbox, "/items").partition(b"\r\n\r\n")
    assert f"Content-Length: {len(whole)}".encode() in head
    assert body == whole[: len(whole) // 2]


def test_truncate_of_a_chunked_body_lacks_the_last_chunk(sandbox: Sandbox) -> None:
    sandbox.fault("truncate")
    head, _, body = raw_answer(sandbox, "/rows").partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert b"0,quite a long row" in body
    assert not body.endswith(b"0\r\n\r\n")


def test_html_with_200(sandbox: Sandbox) -> None:
    sandbox.fault("html")
    answer = get(sandbox)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "maintenance" in answer.text


def test_garbage_is_json_that_ends_early(sandbox: Sandbox) -> None:
    sandbox.fault("garbage")
    answer = get(sandbox)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.text.startswith('{"greeting"')
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.content)


def test_empty_body_with_200(sandbox: Sandbox) -> None:
    sandbox.fault("empty")
    answer = get(sandbox)
    assert (answer.status_code, answer.content) == (200, b"")


def test_hang_gives_no_answer(sandbox: Sandbox) -> None:
    sandbox.fault("hang", seconds=60)
    sandbox.fault("hang", seconds=0)
    with pytest.raises(requests.Timeout):
        get(sandbox, timeout=0.2)
    with pytest.raises(requests.ConnectionError, match="without response"):
        get(sandbox)
    assert get(sandbox).status_code == 200


@pytest.mark.parametrize("path", ["/items", "/rows"])
def test_slow_bodies_arrive_whole(sandbox: Sandbox, path: str) -> None:
    whole = get(sandbox, path).content
    sandbox.fault("slow", seconds=0.1)
    assert get(sandbox, path).content == whole
    entry = sandbox.journal[-1]
    assert entry.fault == "slow"


def test_latency_goes_with_other_faults(sandbox: Sandbox) -> None:
    sandbox.fault("latency", milliseconds=20, times=None)
    sandbox.fault("status")
    assert [get(sandbox).status_code for _ in range(2)] == [503, 200]
    assert [entry.fault for entry in sandbox.journal] == ["latency+status", "latency"]
    assert all((entry.ended or 0) - entry.started >= 0.02 for entry in sandbox.journal)


def test_revoked_tokens_fail_from_that_request_on(sandbox: Sandbox) -> None:
    sandbox.fault("revoke_token", skip=1)
    headers = {"Authorization": "Bearer secret"}
    url = sandbox.url_of("tiny") + "/guarded"
    answers = [requests.get(url, headers=headers, timeout=30).status_code for _ in range(3)]
    assert answers == [200, 401, 401]


def test_graphql_errors(sandbox: Sandbox) -> None:
    sandbox.fault("graphql_error", message="Rate exceeded", error_type="Throttled")
    sandbox.fault("graphql_error", status=400, data={"things": None})
    sandbox.fault("graphql_error", partial=True)
    throttled = {"message": "Rate exceeded", "errorType": "Throttled"}
    internal = {"message": "Internal server error"}
    answers = [post(sandbox) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 400, 200]
    assert [answer.json() for answer in answers] == [
        {"data": None, "errors": [throttled]},
        {"data": {"things": None}, "errors": [internal]},
        {"data": {"things": [1, 2]}, "errors": [internal]},
    ]


def test_faults_play_one_after_another(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=500, skip=1, times=2)
    sandbox.fault("status", status=502)
    assert [get(sandbox).status_code for _ in range(5)] == [502, 500, 500, 200, 200]


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({"vendor": "other"}, []),
        ({"vendor": "tiny"}, ["/items?a=1%3A2", "/rows", "graph"]),
        ({"route": "rows"}, ["/rows"]),
        ({"method": "POST"}, ["graph"]),
        ({"contains": "a=1:2"}, ["/items?a=1%3A2"]),
        ({"contains": "1%3A2"}, ["/items?a=1%3A2"]),
        ({"contains": "näkyy"}, ["graph"]),
    ],
)
def test_faults_meet_only_what_they_are_meant_for(
    sandbox: Sandbox, match: dict[str, str], hit: list[str]
) -> None:
    sandbox.fault("status", times=None, **match)
    answers = {path: get(sandbox, path) for path in ("/items?a=1%3A2", "/rows")}
    answers["graph"] = post(sandbox, "tämä näkyy")
    assert [name for name, answer in answers.items() if answer.status_code == 503] == hit
