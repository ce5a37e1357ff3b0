"""The site builds without a warning, no link of it is broken, and it needs nobody else."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("docs")


@dataclass
class Page(HTMLParser):
    """The links and anchors of a page, and what it loads."""

    text: str
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value is not None}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") not in {"canonical", "prev", "next"}:
            self.loads.append(given["href"])
        elif "src" in given:
            self.loads.append(given["src"])


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """Pages of our own; dbt's is an application that makes its links as it runs."""
    return {
        path: Page(path.read_text(encoding="utf-8"))
        for path in site.rglob("*.html")
        if path.parent.name != "models"
    }


def test_no_link_is_broken(site: Path, pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        if path.name == "404.html":
            continue  # its links are absolute: it stands for any address
        for link in [*page.links, *page.loads]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            lost = parts.fragment and target in pages and not _has(pages[target], parts.fragment)
            if not target.exists() or lost:
                broken.append(f"{path.relative_to(site)}: {link}")
    assert not broken


def _has(page: Page, fragment: str) -> bool:
    return unquote(fragment) in page.anchors


def test_pages_load_nothing_from_elsewhere(pages: dict[Path, Page]) -> None:
    assert len(pages) > 20
    assert not [load for page in pages.values() for load in page.loads if urlsplit(load).netloc]
