"""The sandbox's server, journal and control API, over real HTTP."""

from __future__ import annotations

import socket
import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from sandbox import RemoteSandbox, Sandbox
from sandbox.journal import KEPT, Journal
from sandbox.routing import RouteTable
from sandbox.web import Request, Response, Route
from sandbox.world import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.web import Vendor
    from sandbox.world import World

    VendorFactory = Callable[[World], Vendor]

Driver = Sandbox | RemoteSandbox


@pytest.fixture
def sandbox(tiny_vendor: VendorFactory) -> Iterator[Sandbox]:
    with Sandbox(vendors=[tiny_vendor]) as sandbox:
        yield sandbox


@pytest.fixture(params=["here", "remote"])
def driver(sandbox: Sandbox, request: pytest.FixtureRequest) -> Driver:
    return sandbox if request.param == "here" else RemoteSandbox(sandbox.url)


def get(sandbox: Driver, path: str, **options: str) -> requests.Response:
    return requests.get(sandbox.url_of("tiny") + path, headers=options, timeout=30)


class TestRoutes:
    def test_slashes_are_exact(self, sandbox: Sandbox) -> None:
        assert get(sandbox, "/items").status_code == 200
        assert get(sandbox, "/items/").status_code == 200
        assert get(sandbox, "/rows/").status_code == 404
        assert get(sandbox, "//items").status_code == 404
        assert [entry.route for entry in sandbox.journal] == ["items", "items_slash", None, None]

    def test_a_wrong_verb_names_the_right_ones(self, sandbox: Sandbox) -> None:
        answer = requests.patch(sandbox.url_of("tiny") + "/items", timeout=30)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
        assert sandbox.journal[-1].route is None

    def test_an_unknown_vendor_is_not_found(self, sandbox: Sandbox) -> None:
        assert requests.get(sandbox.url + "/nobody/items", timeout=30).status_code == 404
        assert sandbox.journal[-1].vendor is None

    def test_handlers_see_the_request_as_it_was_sent(self, sandbox: Sandbox) -> None:
        answer = requests.put(
            sandbox.url_of("tiny") + "/echo?since=2024-01-01T00%3A00&empty=",
            json={"name": "Åsa"},
            headers={"X-Name": "Bo"},
            timeout=30,
        )
        assert answer.json() == {
            "query": {"since": "2024-01-01T00:00", "empty": ""},
            "json": {"name": "Åsa"},
            "base_url": sandbox.url_of("tiny"),
            "x-name": "Bo",
        }

    def test_a_mistake_of_the_sandbox_is_shown(self, sandbox: Sandbox) -> None:
        answer = get(sandbox, "/broken")
        assert answer.status_code == 500
        assert "RuntimeError: a mistake of the sandbox" in answer.text

    @given(st.text(min_size=1), st.text(min_size=1))
    def test_placeholders_are_decoded(self, first: str, second: str) -> None:
        table = RouteTable([Route("x", "GET", "/x/{first}/y.z/{second}.csv", _nothing)])
        first, second = (text.encode(errors="ignore").decode() or "-" for text in (first, second))
        found = table.find("GET", f"/x/{quote(first, safe='')}/y.z/{quote(second, safe='')}.csv")
        assert found.params == {"first": first, "second": second}

    def test_a_route_that_nothing_reaches_is_refused(self) -> None:
        routes = [Route("one", "GET", "/x/{id}", _nothing), Route("mine", "GET", "/x/me", _nothing)]
        assert RouteTable(reversed(routes)).find("GET", "/x/me").route is routes[1]
        with pytest.raises(ValueError, match="mine can't be reached: one comes before it"):
            RouteTable(routes)


class TestBodies:
    def test_iterators_are_sent_whole_in_large_chunks(self, sandbox: Sandbox) -> None:
        with requests.get(sandbox.url_of("tiny") + "/rows", stream=True, timeout=30) as answer:
            chunks = list(answer.raw.read_chunked())
        lines = b"".join(chunks).splitlines()
        assert len(lines) == 20_000
        assert lines[-1] == b"19999,quite a long row of a csv file"
        assert len(chunks) < 20

    def test_a_long_body_lets_others_in_and_ends_with_its_reader(self, sandbox: Sandbox) -> None:
        with requests.get(sandbox.url_of("tiny") + "/endless", stream=True, timeout=30) as answer:
            assert len(answer.raw.read(1_000_000)) == 1_000_000
            assert get(sandbox, "/items").status_code == 200
            assert sandbox.journal.max_in_flight == 2
        while sandbox.journal.in_flight:
            get(sandbox, "/items")
        assert sandbox.journal[0].ended is not None

    def test_connections_are_kept(self, sandbox: Sandbox) -> None:
        with socket.create_connection(("127.0.0.1", int(sandbox.url.rpartition(":")[2]))) as line:
            for _ in range(3):
                line.sendall(b"GET /tiny/graph HTTP/1.1\r\nHost: x\r\n\r\n")
                assert line.recv(4096).startswith(b"HTTP/1.1 405")

    def test_gzip_is_for_large_bodies_of_those_who_ask(self, tiny_vendor: VendorFactory) -> None:
        with Sandbox(vendors=[tiny_vendor], gzip=True) as sandbox:
            zipped = get(sandbox, "/items")
            assert zipped.headers["Content-Encoding"] == "gzip"
            assert zipped.json()["greeting"] == "hello"
            assert get(sandbox, "/rows").headers["Content-Encoding"] == "gzip"
            plain = {"Accept-Encoding": "identity"}
            assert "Content-Encoding" not in get(sandbox, "/items", **plain).headers
            assert "Content-Encoding" not in get(sandbox, "/items/1/parts/2.csv").headers

    def test_equal_requests_may_be_answered_from_memory(self, tiny_vendor: VendorFactory) -> None:
        with Sandbox(vendors=[tiny_vendor], remember=True) as sandbox:
            hello, rows = get(sandbox, "/items").json(), get(sandbox, "/rows").content
            sandbox.set_variant("tiny.greeting", "moi")
            assert get(sandbox, "/items").json() == hello
            assert get(sandbox, "/items/").json()["greeting"] == "moi"
            assert get(sandbox, "/rows").content == rows
            assert get(sandbox, "/guarded").status_code == 401
            allowed = get(sandbox, "/guarded", Authorization="Bearer secret")
            assert allowed.status_code == 200, "only answers are remembered, not refusals"


class TestJournal:
    def test_entries_tell_what_was_asked(self, driver: Driver) -> None:
        requests.post(driver.url_of("tiny") + "/graph?a=%20b", data="é" * 3000, timeout=30)
        requests.post(driver.url_of("tiny") + "/items", timeout=30)
        first, second = driver.journal
        assert (first.vendor, first.route, first.method) == ("tiny", "graph", "POST")
        assert (first.path, first.query, first.body) == ("/graph", "a=%20b", "é" * 1024)
        assert (first.status, first.fault, first.in_flight) == (200, None, 1)
        assert first.headers["user-agent"].startswith("python-requests")
        assert first.ended is not None
        assert first.started <= first.ended <= second.started
        assert driver.journal.for_route("tiny", "graph") == [first]
        assert driver.journal.writes() == [second]
        driver.clear_journal()
        assert not list(driver.journal)

    def test_it_counts_requests_in_flight(self, sandbox: Sandbox) -> None:
        sandbox.fault("hang", times=None)
        together = threading.Barrier(4)

        def ask() -> None:
            together.wait()
            with pytest.raises(requests.ConnectionError):
                get(sandbox, "/items")

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        together.wait()
        while len(sandbox.journal) < 3:
            RemoteSandbox(sandbox.url).now()
        sandbox.__exit__(None, None, None)
        for thread in threads:
            thread.join()
        assert sandbox.journal.max_in_flight == 3
        assert sorted(entry.in_flight for entry in sandbox.journal) == [1, 2, 3]
        assert [entry.status for entry in sandbox.journal] == [None] * 3

    def test_its_memory_is_bounded(self) -> None:
        journal = Journal()
        for number in range(KEPT + 5):
            with journal.entry(None, None, Request("GET", f"/{number}", "", {}, b"")):
                pass
        assert (len(journal), journal.total, journal[0].path) == (KEPT, KEPT + 5, "/5")

    def test_it_can_be_switched_off(self, tiny_vendor: VendorFactory) -> None:
        with Sandbox(vendors=[tiny_vendor], journal=False) as sandbox:
            get(sandbox, "/items")
            assert (len(sandbox.journal), sandbox.journal.total) == (0, 1)


class TestControl:
    def test_settings_and_truth(self, driver: Driver) -> None:
        assert driver.settings("tiny") == {"api_url": driver.url_of("tiny")}
        assert driver.truth("tiny", "items") == [{"id": 1, "name": "Åsa"}]
        with pytest.raises(LookupError):
            driver.truth("tiny", "unheard_of")
        with pytest.raises(LookupError, match="no vendor 'nobody' here, only tiny"):
            driver.settings("nobody")

    def test_the_clock_moves_on(self, driver: Driver) -> None:
        before = driver.now()
        driver.advance(days=1, hours=2)
        assert driver.now() - before > timedelta(hours=26)

    def test_variants_are_checked_and_hold_from_now_on(self, driver: Driver) -> None:
        driver.set_variant("tiny.greeting", "moi")
        assert get(driver, "/items").json()["greeting"] == "moi"
        for wrong in ("tiny.greeting", "tiny.farewell"):
            with pytest.raises(ValueError, match=r"known: tiny\.greeting=hello\|moi"):
                driver.set_variant(wrong, "hei")

    def test_drift_shows_in_answers_and_truth(self, driver: Driver) -> None:
        driver.drift("tiny.items", {"nickname": "Bo"})
        driver.drift("tiny.items", {"id": "1"})
        drifted = [{"id": "1", "name": "Åsa", "nickname": "Bo"}]
        assert get(driver, "/items").json()["items"] == driver.truth("tiny", "items") == drifted
        driver.clear_drift()
        assert driver.truth("tiny", "items") == [{"id": 1, "name": "Åsa"}]

    def test_tokens_are_revoked(self, driver: Driver) -> None:
        assert get(driver, "/guarded", Authorization="Bearer secret").status_code == 200
        driver.revoke_tokens("tiny")
        assert get(driver, "/guarded", Authorization="Bearer secret").status_code == 401

    def test_faults_are_checked_planned_and_cleared(self, driver: Driver) -> None:
        driver.fault("status", times=None)
        assert get(driver, "/items").status_code == 503
        driver.clear_faults()
        assert get(driver, "/items").status_code == 200
        with pytest.raises(ValueError, match="There is no fault 'flood', only status, reset"):
            driver.fault("flood")
        with pytest.raises(ValueError, match="retry_after"):
            driver.fault("reset", retry_after=1)

    def test_control_requests_leave_no_trace(self, sandbox: Sandbox) -> None:
        sandbox.fault("status", times=None)
        health = requests.get(sandbox.url + "/_sandbox/health", timeout=30)
        assert health.json()["vendors"] == ["tiny"]
        assert len(sandbox.journal) == 0


class TestLife:
    def test_a_wrong_variant_keeps_it_from_starting(self, tiny_vendor: VendorFactory) -> None:
        with pytest.raises(ValueError, match="no variant"):
            Sandbox(vendors=[tiny_vendor], variants={"tiny.greeting": "hei"})

    def test_a_taken_port_is_an_error(self, sandbox: Sandbox, tiny_vendor: VendorFactory) -> None:
        port = int(sandbox.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), Sandbox(vendors=[tiny_vendor], port=port):
            pass

    def test_its_epoch_is_the_clocks_present(self, tiny_vendor: VendorFactory) -> None:
        moment = datetime(2025, 3, 1, 12, 0, 0, 999, tzinfo=timezone.utc)
        sandbox = Sandbox(vendors=[tiny_vendor], clock=Clock(frozen_at=moment))
        assert sandbox.world.epoch == datetime(2025, 3, 1, 12, tzinfo=timezone.utc)


def _nothing(_: Request) -> Response:
    return Response()
