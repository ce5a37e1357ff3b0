"""Nothing lists the steps of a workflow: they are tried, cheaply, and remembered by bookmarks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.tap_giosg.conftest import Account, payloads

if TYPE_CHECKING:
    from collections.abc import Callable


def tried(account: Account) -> Counter[str]:
    """Paths of the requests for a single row."""
    return Counter(
        entry.path
        for entry, payload in zip(
            account.requests("download"), payloads(account.requests("download")), strict=True
        )
        if "limit" in payload
    )


def alive(account: Account) -> list[str]:
    return [info["id"] for info in account.truth("workflow_info") if info.get("start_date")]


def test_each_number_is_tried_once(account: Account) -> None:
    catalog = account.discover()
    account.sandbox.clear_journal()

    first = account.run("step_source_data", catalog=catalog, max_step_index=5)

    found = tried(account)
    assert set(found.values()) == {1}
    assert len(found) == 5 * len(alive(account))
    asked = [payload for payload in payloads(account.requests("download")) if "limit" in payload]
    assert {payload["limit"] for payload in asked} == {1}
    assert {payload["interval"]["end"] for payload in asked} == {"2026-03-12T10:30:00+00:00"}

    # Steps that had rows are read without asking whether there are any, the others tried again.
    account.sandbox.clear_journal()
    account.run("step_source_data", catalog=catalog, max_step_index=5, state=first.state)
    had = len(first.state["bookmarks"]["step_source_data"]["partitions"])
    assert sum(tried(account).values()) == 5 * len(alive(account)) - had


def test_a_run_without_a_catalog_tries_no_step_twice(account: Account) -> None:
    account.run(max_step_index=4)

    whole_life = [
        (entry.path, payload["interval"]["start"])
        for entry, payload in zip(
            account.requests("download"), payloads(account.requests("download")), strict=True
        )
        if "limit" in payload
    ]
    assert len(whole_life) == len(set(whole_life))
    # The last days of each, and the whole life of those without rows in them.
    assert max(tried(account).values()) == 2


@pytest.mark.parametrize("empty", ["empty", "not_found", "bare"])
def test_gaps_and_missing_steps_are_no_error(
    account_of: Callable[..., Account], empty: str
) -> None:
    account = account_of(empty_window=empty)

    output = account.run("step_source_data")

    steps: dict[str, set[int]] = {}
    for row in output.records["step_source_data"]:
        steps.setdefault(row["workflow_id"], set()).add(row["step_index"])
    assert {1, 2, 4} in steps.values()


def test_given_steps_are_read_without_trying(account: Account) -> None:
    catalog = account.discover()
    account.sandbox.clear_journal()

    output = account.run("step_source_data", catalog=catalog, step_indexes=[2, 1, 2])

    assert not tried(account)
    assert {row["step_index"] for row in output.records["step_source_data"]} == {1, 2}


def test_a_step_whose_rows_are_old_is_found_in_a_long_life(
    account_of: Callable[..., Account],
) -> None:
    account = account_of(longest_interval="31")
    account.sandbox.advance(days=25)

    output = account.run("step_source_data")

    truth = account.truth("step_source_data")
    keys = ("workflow_id", "step_index")
    assert {tuple(row[key] for key in keys) for row in output.records["step_source_data"]} == {
        tuple(row[key] for key in keys) for row in truth
    }
