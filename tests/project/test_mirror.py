"""Tests stand where their subject stands: in the same folder, under the same name.

What is an idea rather than a file has a name of its own, in this list.
"""

from __future__ import annotations

from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "sandbox",
    "tap_crewmojo",
    "tap_flow",
    "tap_giosg",
    "tap_kit",
    "tap_xoi",
    "target_db",
)
IDEAS = {
    "sandbox/command": "``python -m sandbox``, as a process of its own",
    "sandbox/flow/query": "graph and its jobs, by GraphQL",
    "sandbox/flow/time": "what the passing of time brings",
    "sandbox/giosg/access": "tokens and payloads, which no other vendor has in one file",
    "sandbox/giosg/formats": "the same rows as JSON, CSV and XLSX",
    "sandbox/xoi/lists": "queries and their look-ups",
    "tap_crewmojo/reports": "rows by all ways that lead to a report",
    "tap_crewmojo/slow_reports": "report_jobs against the sandbox",
    "tap_crewmojo/unreadable_reports": "one report that fails, and the others",
    "tap_flow/codec": "which streams are decoded straight into rows",
    "tap_flow/faults": "errors of the Query API, from its responses to the end of a run",
    "tap_flow/readers/changes": "lists that are read INCREMENTAL because the catalog says so",
    "tap_flow/readers/empty_pages": "a vendor that gives empty pages for full ones",
    "tap_flow/readers/files_stored": "readers/files, where a place takes or refuses them",
    "tap_flow/readers/files_wanted": "readers/files, by the settings",
    "tap_flow/readers/killed_files": "readers/files, in runs that are killed",
    "tap_giosg/bad_responses": "responses that are not what they should be, of all endpoints",
    "tap_kit/http/odd_responses": "response and transport, byte by byte",
    "tap_kit/tap_notes": "the example of the page on new taps",
    "tap_kit/text/log_records": "redact_logs, through loggers and formatters",
    "tap_kit/text/signed_links": "signatures, and the redactor that cuts them off",
    "target_db/messages": "Singer messages, of all kinds, into both databases",
    "target_db/other_taps": "what taps of others send",
    "target_db/roundtrip": "what is loaded is what was sent",
    "target_db/whole": "kills and a database that is gone",
}
EVERYWHERE = {"discovery", "sdk", "streams"}
"""What users see before a run, the SDK's own tests, and all streams against the truth."""


def subjects(package: str) -> set[str]:
    """Files and folders of a package, without the ending."""
    found = (PROJECT / package).rglob("*")
    paths = (path for path in found if path.is_dir() or path.suffix == ".py")
    return {path.relative_to(PROJECT).with_suffix("").as_posix() for path in paths}


def subjects_of_tests(package: str) -> dict[str, Path]:
    """The subjects that tests are named for."""
    tests = PROJECT / "tests"
    return {
        path.with_name(path.stem.removeprefix("test_")).relative_to(tests).as_posix(): path
        for path in sorted((tests / package).rglob("test_*.py"))
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_a_test_is_named_for_its_subject(package: str) -> None:
    names = {name for name in subjects_of_tests(package) if Path(name).name not in EVERYWHERE}
    assert names - subjects(package) <= {*IDEAS}


def test_the_list_has_nothing_else() -> None:
    everything = {name for package in PACKAGES for name in subjects_of_tests(package)}
    known = {name for package in PACKAGES for name in subjects(package)}
    assert {*IDEAS} <= everything - known
