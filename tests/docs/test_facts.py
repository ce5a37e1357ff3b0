"""What code and pages cite is in the repository, and is found where they say."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from sandbox.vendors import VENDORS

PROJECT = Path(__file__).resolve().parents[2]
FACTS = sorted((PROJECT / "docs" / "pages" / "taps").glob("*/facts.md"))

_ABSENT = re.compile(
    r"\bCONTRACT\b|\b[Tt]he contract\b|\bREVIEW\b|"
    r"\b(?:[Ff]act|[Vv]endor(?:'s)?) sheet|\b[Ss]heet,? \d"
)
"""Names of documents that only the authors had."""
_CITED = re.compile(r"taps/(\w+)/facts(?:\.md)?#([\w-]+)")


def tracked() -> list[Path]:
    """The text files of the repository."""
    listed = subprocess.run(
        ["git", "grep", "-Il", "."],  # noqa: S607  # git, of this machine
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [PROJECT / name for name in listed.splitlines()]


def anchors(page: Path) -> set[str]:
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    own = re.findall(r'<a id="([\w-]+)">', text)
    return {*own, *("-".join(re.findall(r"[\w-]+", heading.lower())) for heading in headings)}


def test_every_vendor_has_its_facts_and_questions() -> None:
    assert [page.parent.name for page in FACTS] == sorted(VENDORS)
    assert all("open-questions" in anchors(page) for page in FACTS)


def test_facts_that_are_cited_exist() -> None:
    known = {page.parent.name: anchors(page) for page in FACTS}
    lost = [
        f"{path.relative_to(PROJECT)}: {vendor}#{anchor}"
        for path in tracked()
        for vendor, anchor in _CITED.findall(path.read_text(encoding="utf-8"))
        if anchor not in known.get(vendor, ())
    ]
    assert not lost


def test_nothing_cites_what_readers_do_not_have() -> None:
    cited = [
        f"{path.relative_to(PROJECT)}:{number}: {line.strip()}"
        for path in tracked()
        if path != Path(__file__) and path.suffix != ".lock"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _ABSENT.search(line)
    ]
    assert not cited
