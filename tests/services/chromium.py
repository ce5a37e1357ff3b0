"""A headless Chromium of the tests' own: found or installed, with an empty profile."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tests.services.debian import install

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRAMS = ("chromium", "chromedriver")
_PACKAGES = ("chromium", "chromium-driver", "fonts-dejavu-core")
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",  # root can't have one
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """Run a browser that keeps a log of its console and of its requests.

    Raises:
        RuntimeError: Chromium and its driver are neither there nor can they be installed.
    """
    browser, driver = _programs()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for argument in (*_ARGUMENTS, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        running = webdriver.Chrome(options=options, service=Service(driver))
        try:
            yield running
        finally:
            running.quit()


def _programs() -> list[str]:
    for attempt in range(2):
        found = [path for name in _PROGRAMS if (path := shutil.which(name))]
        if len(found) == len(_PROGRAMS):
            return found
        if attempt == 0:
            install(*_PACKAGES)
    msg = "chromium and chromedriver are not to be found; install them"
    raise RuntimeError(msg)
