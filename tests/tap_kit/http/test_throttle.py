from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor, TimeoutError  # noqa: A004  # until 3.11 not the built-in one
from email.utils import formatdate
from typing import TYPE_CHECKING, TypeVar

import pytest

from tap_kit.errors import GoneError, RetriesExhaustedError, StoppedError, WaitTooLongError
from tap_kit.http.auth import TokenAuth, oauth2_token
from tap_kit.http.response import Response
from tap_kit.http.throttle import Throttle
from tap_kit.stats import StreamStats
from tests.tap_kit.http.scripted import held, ok, respond

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_kit.http.client import Client
    from tests.tap_kit.http.conftest import MakeClient, MakeRequest
    from tests.tap_kit.http.scripted import Exchange, Seen, Step, Vendor


T = TypeVar("T")


def in_threads(count: int, run: Callable[[], T]) -> list[T]:
    with ThreadPoolExecutor(count) as threads:
        return [running.result(10) for running in [threads.submit(run) for _ in range(count)]]


def is_stopped(run: Callable[[], object]) -> bool:
    try:
        run()
    except StoppedError:
        return True
    return False


def wait_for(requests: Callable[[], list[Seen]]) -> None:
    while not requests():
        time.sleep(0.001)


# In flight


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_than_allowed_are_in_flight(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest, concurrency: int
) -> None:
    full = threading.Event()

    def step(exchange: Exchange) -> None:
        if vendor.in_flight == concurrency:
            full.set()
        full.wait(10)
        ok([1])(exchange)

    vendor.script(step)
    client = make_client(concurrency=concurrency)
    assert in_threads(8, lambda: client.fetch(make_request(), Response.json)) == [[1]] * 8
    assert len(vendor.seen) == 8
    assert vendor.peak == concurrency


def test_token_requests_count_and_do_not_block(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    vendor.script(ok({"access_token": "abcdef", "expires_in": 3600}), path="/token")
    vendor.script(respond(401), ok([1]))
    client = make_client(
        concurrency=1, auth=TokenAuth(oauth2_token(make_request("/token", "POST")))
    )
    assert in_threads(4, lambda: client.fetch(make_request(), Response.json)) == [[1]] * 4
    assert len(vendor.targets("/token")) == 2
    assert vendor.peak == 1


def test_a_slot_is_free_again_after_any_end(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    vendor.script(respond(404), respond(200, "{"), ok([1]))
    client = make_client(concurrency=1, max_attempts=1)
    for error in (GoneError, RetriesExhaustedError):
        with pytest.raises(error):
            client.fetch(make_request(), Response.json)
    assert client.fetch(make_request(), Response.json) == [1]


def test_backing_off_holds_no_slot(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    vendor.script(respond(500), path="/bad")
    vendor.script(ok([1]), path="/good")
    client = make_client(concurrency=1, backoff_base=1e6)
    with ThreadPoolExecutor() as threads:
        stopped = threads.submit(
            is_stopped, lambda: client.fetch(make_request("/bad"), Response.json)
        )
        wait_for(lambda: vendor.targets("/bad"))
        assert client.fetch(make_request("/good"), Response.json) == [1]
        client.close()
        assert stopped.result(10)


# Spacing


def test_requests_are_spaced_evenly() -> None:
    mine = threading.local()

    def clock() -> float:
        mine.now = time.monotonic()
        return float(mine.now)

    throttle = Throttle(slots=2, per_second=200, clock=clock)

    def run() -> list[float]:
        passed = []
        for _ in range(4):
            with throttle.slot():
                passed.append(mine.now)
                time.sleep(0.012)  # longer than the spacing: threads queue for slots too
        return passed

    passed = sorted(itertools.chain.from_iterable(in_threads(5, run)))
    assert len(passed) == 20
    assert min(later - now for now, later in itertools.pairwise(passed)) >= 0.005 - 1e-9


def test_the_rate_holds_for_all_requests_and_waits_are_counted(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    vendor.script(ok({"access_token": "abcdef"}), path="/token")
    vendor.script(respond(500), ok())
    auth = TokenAuth(oauth2_token(make_request("/token", "POST")))
    client = make_client(requests_per_second=20, auth=auth)
    stats = StreamStats("items")
    began = time.monotonic()
    for _ in range(2):
        client.fetch(make_request(), Response.json, stats)
    assert len(vendor.seen) == 4
    assert time.monotonic() - began >= 3 / 20
    assert 0 < stats.waited <= time.monotonic() - began


def test_backing_off_counts_as_waiting(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    vendor.script(respond(500), ok())
    stats = StreamStats("items")
    make_client(backoff_base=0.01).fetch(make_request(), Response.json, stats)
    assert 0 < stats.waited <= 0.01


def test_without_a_rate_nobody_waits(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(ok())
    stats = StreamStats("items")
    client.fetch(make_request(), Response.json, stats)
    assert stats.waited == 0


# Retry-After


def after_seconds() -> Step:
    return respond(429, retry_after="1")


def after_date() -> Step:
    # One second by the vendor's clock, which tells no fractions; it may be over sooner, we wait it.
    sent = formatdate(time.time(), usegmt=True)
    return respond(503, date=sent, retry_after=formatdate(time.time() + 1, usegmt=True))


@pytest.mark.parametrize("throttled", [after_seconds, after_date])
def test_retry_after_holds_for_the_whole_client(
    vendor: Vendor,
    make_client: MakeClient,
    make_request: MakeRequest,
    throttled: Callable[[], Step],
) -> None:
    told = threading.Event()

    def step(exchange: Exchange) -> None:
        throttled()(exchange)
        told.set()

    vendor.script(step, ok(), path="/a")
    vendor.script(ok(), path="/b")
    client = make_client()
    stats = StreamStats("items")

    def other() -> None:
        told.wait(10)
        time.sleep(0.05)  # until the other thread has read the response
        client.fetch(make_request("/b"), Response.json)

    with ThreadPoolExecutor() as threads:
        sent = threads.submit(other)
        client.fetch(make_request("/a"), Response.json, stats)
        sent.result(10)
    first, *later = sorted(vendor.seen, key=lambda seen: seen.at)
    assert [seen.at - first.at >= 1 for seen in later] == [True, True]
    assert stats.waited >= 0.9


@pytest.mark.parametrize(
    "header", [{}, {"retry_after": "soon"}, {"retry_after": formatdate(0, usegmt=True)}]
)
def test_without_a_sensible_retry_after_only_back_off_waits(
    vendor: Vendor, client: Client, make_request: MakeRequest, header: dict[str, str]
) -> None:
    vendor.script(respond(429, **header), ok([1]))
    stats = StreamStats("items")
    assert client.fetch(make_request(), Response.json, stats) == [1]
    assert stats.waited < 0.5


def test_the_longer_pause_counts() -> None:
    now = 0.0
    throttle = Throttle(slots=1, clock=lambda: now)
    throttle.pause(30)
    throttle.pause(10)
    now = 20.0
    with ThreadPoolExecutor() as threads:
        stopped = threads.submit(is_stopped, throttle.slot().__enter__)
        with pytest.raises(TimeoutError):
            stopped.result(0.02)
        throttle.close()
        assert stopped.result(10)


def test_a_pause_that_is_over_keeps_nobody() -> None:
    now = 0.0
    throttle = Throttle(slots=1, clock=lambda: now)
    throttle.pause(30)
    now = 30.0
    with throttle.slot() as waited:
        assert waited == 0


@pytest.mark.parametrize("seconds", ["61", "1796000000", "9" * 30, "1e99"])
def test_a_longer_wait_than_max_wait_fails_at_once(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest, seconds: str
) -> None:
    vendor.script(respond(503, retry_after=seconds), ok())
    client = make_client(max_wait=60)
    with pytest.raises(WaitTooLongError, match=r"asks to wait .*max_wait \(60 s\)"):
        client.fetch(make_request(), Response.json)
    assert len(vendor.seen) == 1
    client.fetch(make_request(), Response.json)  # nobody else waits for it


def test_it_says_until_when(vendor: Vendor, client: Client, make_request: MakeRequest) -> None:
    vendor.script(respond(429, retry_after="Fri, 31 Dec 2100 10:20:30 GMT"))
    with pytest.raises(WaitTooLongError, match="until 2100-12-31 10:20:30 UTC"):
        client.fetch(make_request(), Response.json)


def test_a_wait_is_in_the_log(
    vendor: Vendor, client: Client, make_request: MakeRequest, caplog: pytest.LogCaptureFixture
) -> None:
    vendor.script(respond(429, retry_after="1"), ok())
    client.fetch(make_request(), Response.json)
    assert "nothing is sent for 1 s" in caplog.text


# Closing


def test_closing_ends_all_waits(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    release = threading.Event()
    vendor.script(respond(500), path="/backing-off")
    vendor.script(held(release, respond(500)), path="/sent")
    client = make_client(concurrency=1, backoff_base=1e6)

    def run(path: str) -> bool:
        return is_stopped(lambda: client.fetch(make_request(path), Response.json))

    with ThreadPoolExecutor() as threads:
        backing_off = threads.submit(run, "/backing-off")
        wait_for(lambda: vendor.targets("/backing-off"))
        sent = threads.submit(run, "/sent")
        wait_for(lambda: vendor.targets("/sent"))
        queued = [threads.submit(run, "/queued") for _ in range(3)]
        asleep = threads.submit(is_stopped, lambda: client.sleep(1e6))
        client.close()
        assert all(waiting.result(10) for waiting in (backing_off, *queued, asleep))
        release.set()
        assert sent.result(10)
    assert not vendor.targets("/queued")


def test_a_fault_while_closing_is_no_fault(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    release = threading.Event()
    vendor.script(held(release, respond(500)))
    client = make_client(max_attempts=1)
    with ThreadPoolExecutor() as threads:
        stopped = threads.submit(is_stopped, lambda: client.fetch(make_request(), Response.json))
        wait_for(lambda: vendor.seen)
        client.close()
        release.set()
        assert stopped.result(10)


def test_a_closed_client_sends_nothing(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    client.close()
    with pytest.raises(StoppedError):
        client.fetch(make_request(), Response.json)
    with pytest.raises(StoppedError):
        client.download(make_request())
    assert not vendor.seen
