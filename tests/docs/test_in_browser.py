"""The built site in a browser, as a person sees it, on a desk and on a phone."""

from __future__ import annotations

import json
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.services.chromium import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

pytestmark = pytest.mark.xdist_group("docs")

SIZES = {"desk": (1280, 900), "phone": (390, 844)}
PAGES = (
    "index.html",
    "start.html",
    "guarantees.html",
    "taps/flow/index.html",
    "taps/flow/columns.html",
    "taps/flow/columns/job_steps.html",
    "taps/flow/facts.html",
    "taps/crewmojo/settings.html",
    "development/architecture.html",
    "guides/failures.html",
    "guides/recipes.html",
)
DIAGRAMS = ("taps/flow/index.html", "taps/giosg/index.html", "taps/xoi/index.html")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url(site: Path) -> Iterator[str]:
    handler = partial(_Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with chromium() as running:
        yield running


def show(browser: Chrome, url: str, size: str) -> None:
    width, height = SIZES[size]
    metrics = {
        "width": width,
        "height": height,
        "deviceScaleFactor": 1,
        "mobile": size == "phone",
    }
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for kind in ("performance", "browser"):
        log(browser, kind)  # what was before
    browser.get(url)


def log(browser: Chrome, kind: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = browser.get_log(kind)  # type: ignore[no-untyped-call]
    return entries


def events(browser: Chrome) -> Iterator[tuple[str, dict[str, Any]]]:
    for entry in log(browser, "performance"):
        message = json.loads(entry["message"])["message"]
        yield message["method"], message["params"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_whole_and_fits(browser: Chrome, url: str, page: str, size: str) -> None:
    show(browser, f"{url}/{page}", size)
    heading = browser.find_element(By.CSS_SELECTOR, "article h1")
    assert heading.is_displayed()
    assert browser.execute_script(
        "return document.documentElement.scrollWidth <= window.innerWidth"
    )
    assert not [entry for entry in log(browser, "browser") if entry["level"] == "SEVERE"]
    asked = 0
    for method, params in events(browser):
        assert method != "Network.loadingFailed", params
        if method == "Network.responseReceived":
            answer = params["response"]
            if urlsplit(answer["url"]).scheme in {"http", "https"}:
                assert answer["url"].startswith(url)
                assert answer["status"] < 400
                asked += 1
    assert asked


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("page", DIAGRAMS)
def test_diagrams_are_there(browser: Chrome, url: str, page: str, size: str) -> None:
    show(browser, f"{url}/{page}", size)
    diagram = browser.find_element(By.CSS_SELECTOR, "svg.er")
    assert diagram.is_displayed()
    assert diagram.size["width"] > 300
    assert diagram.size["height"] > 100
    boxes = diagram.find_elements(By.CSS_SELECTOR, "a rect")
    assert len(boxes) > 4
    assert all(box.size["width"] > 40 and box.size["height"] > 20 for box in boxes)
    names = [name.text for name in diagram.find_elements(By.CSS_SELECTOR, "text.name")]
    assert all(names)
    assert len(diagram.find_elements(By.CSS_SELECTOR, "path.relation")) > 4


PICTURES = ("index.html", "development/architecture.html", "benchmark.html")


@pytest.mark.parametrize("page", PICTURES)
def test_pictures_suit_the_dark_and_small_screens(browser: Chrome, url: str, page: str) -> None:
    show(browser, f"{url}/{page}", "phone")
    picture = browser.find_element(By.CSS_SELECTOR, "article img[src$='.svg']")
    frame = picture.find_element(By.XPATH, "..")
    assert frame.size["width"] < picture.size["width"] > 600  # it scrolls, and can be read
    assert frame.value_of_css_property("overflow-x") == "auto"
    assert picture.value_of_css_property("filter") == "none"
    browser.execute_script("document.body.dataset.mdColorScheme = 'slate'")
    assert "invert(1)" in picture.value_of_css_property("filter")


def test_a_box_leads_to_its_columns(browser: Chrome, url: str) -> None:
    show(browser, f"{url}/taps/xoi/index.html", "desk")
    browser.find_element(By.CSS_SELECTOR, "svg.er a[href$='documentation.html'] text").click()
    assert browser.current_url == f"{url}/taps/xoi/columns/documentation.html"
    browser.find_element(By.CSS_SELECTOR, "a#contentId").click()
    assert browser.current_url.endswith("#contentId")


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="dbt-core 1.11 is not for Python 3.14")
def test_the_lineage_of_a_mart_is_a_click_away(browser: Chrome, url: str) -> None:
    show(browser, f"{url}/guides/dashboard.html", "desk")
    browser.find_element(By.CSS_SELECTOR, "a[href*='flow_late_jobs?g_v']").click()
    wait = WebDriverWait(browser, 20)
    wait.until(lambda found: found.find_elements(By.CSS_SELECTOR, "#graph-viz-wrapper canvas"))
    assert browser.current_url.startswith(f"{url}/models/index.html#!/model/")
    assert "Which scheduled jobs are overdue" in browser.find_element(By.TAG_NAME, "body").text
    for method, params in events(browser):
        if method == "Network.requestWillBeSent":
            address = urlsplit(params["request"]["url"])
            assert address.scheme in {"data", "blob"} or params["request"]["url"].startswith(url)


def test_search_finds(browser: Chrome, url: str) -> None:
    show(browser, f"{url}/index.html?q=lookback_days", "desk")
    browser.implicitly_wait(10)
    found = browser.find_elements(By.CSS_SELECTOR, ".md-search-result__item")
    browser.implicitly_wait(0)
    assert found
