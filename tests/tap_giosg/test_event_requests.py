"""Filters and step data: one list for all requests, or lists by stream and by workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.tap_giosg.conftest import payloads

if TYPE_CHECKING:
    from tests.tap_giosg.conftest import Account

ACTIONS = [{"property": "action", "values": ["User dialed"]}]
LABELS = [{"property": "label", "values": ["Goal 1"]}]


def _filters(account: Account, *routes: str) -> list[object]:
    sent = [payload["filters"] for payload in payloads(account.requests(*routes))]
    assert sent
    return sent


def test_a_list_goes_with_all_requests(account: Account) -> None:
    output = account.run(filters=ACTIONS, step_data=[{}, {"actions": ["element-a"]}])
    assert not output.failures
    for payload in payloads(account.requests("source_data", "download")):
        assert payload["filters"] == ACTIONS
        assert payload["step_data"] == [{}, {"actions": ["element-a"]}]


def test_filters_by_stream_go_with_its_requests_only(account: Account) -> None:
    output = account.run(filters={"source_data": ACTIONS, "step_source_data": LABELS})
    assert not output.failures
    assert all(sent == ACTIONS for sent in _filters(account, "source_data"))
    assert all(sent == LABELS for sent in _filters(account, "download"))


def test_a_stream_without_filters_of_its_own_has_none(account: Account) -> None:
    whole = account.run("source_data").records["source_data"]
    account.sandbox.clear_journal()
    output = account.run("source_data", "step_source_data", filters={"step_source_data": LABELS})
    assert output.records["source_data"] == whole
    assert all(sent == [] for sent in _filters(account, "source_data"))
    assert all(sent == LABELS for sent in _filters(account, "download"))


def test_step_data_by_workflow_goes_with_its_requests_only(account: Account) -> None:
    workflow = account.run("workflows").records["workflows"][0]["id"]
    account.sandbox.clear_journal()
    output = account.run(step_data={workflow: [{}, {"actions": ["element-a"]}]})
    assert not output.failures
    entries = account.requests("download")
    assert any(workflow in urlsplit(entry.path).path for entry in entries)
    for entry, payload in zip(entries, payloads(entries), strict=True):
        expected = [{}, {"actions": ["element-a"]}] if workflow in entry.path else None
        assert payload.get("step_data") == expected
