"""Faults that pass are ridden out, others fail their stream, and none is an empty page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.errors import CredentialsError
from tests.behaviours.pipeline import Target
from tests.behaviours.taps import TAPS, Case

if TYPE_CHECKING:
    from tests.behaviours.pipeline import Pipeline

PASSING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("status", {"status": 429}),
    ("status", {"status": 500}),
    ("status", {"status": 502, "body": "<html>Bad Gateway</html>", "content_type": "text/html"}),
    ("status", {"status": 503}),
    ("status", {"status": 504, "body": ""}),
    ("reset", {}),
    ("reset", {"midway": True}),
    ("truncate", {}),
    ("html", {}),
    ("garbage", {}),
    ("empty", {}),
    ("graphql_error", {"message": "Rate exceeded", "error_type": "ThrottlingException"}),
    ("graphql_error", {"message": "Execution timed out", "partial": True}),
)
SPOILT = ("html", "garbage", "empty", "truncate", "reset", "graphql_error")


def _fits(case: Case, kind: str) -> bool:
    """Whether the vendor can have such a fault."""
    if kind == "graphql_error":
        return case.graphql
    return not (kind == "empty" and case.empty_is_data)


SPOILT_OF_EACH = [
    pytest.param(case, kind, id=f"{case.name}-{kind}")
    for case in TAPS
    for kind in SPOILT
    if _fits(case, kind)
]
WITH_GRAPHQL = [pytest.param(case, id=case.name) for case in TAPS if case.graphql]


def test_every_fault_that_passes_is_ridden_out(pipeline: Pipeline) -> None:
    streams = pipeline.case.broken
    assert pipeline.catalog
    faults = [(kind, options) for kind, options in PASSING if _fits(pipeline.case, kind)]
    for kind, options in faults:
        pipeline.fault(kind, **options)
    output = pipeline.run(*streams, max_attempts=len(faults) + 1)
    assert not output.failures
    assert sum(entry.fault is not None for entry in pipeline.sandbox.journal) == len(faults)
    pipeline.assert_complete(Target().take(output.lines), *streams)


@pytest.mark.parametrize(("case", "kind"), SPOILT_OF_EACH)
def test_no_fault_is_taken_for_an_empty_page(pipeline: Pipeline, kind: str) -> None:
    streams = pipeline.case.broken
    assert pipeline.catalog
    pipeline.sandbox.clear_journal()
    pipeline.fault(kind, skip=1, times=None)
    output = pipeline.run(*streams, max_attempts=2)
    assert set(output.failures) == set(streams)
    assert sum(entry.fault is not None for entry in pipeline.sandbox.journal) > 1
    pipeline.sandbox.clear_faults()
    rest = pipeline.run(*streams, state=output.state)
    pipeline.assert_complete(Target().take(output.lines).take(rest.lines), *streams)


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept(pipeline: Pipeline, status: int, as_date: bool) -> None:  # noqa: FBT001
    streams = (*pipeline.case.broken, *pipeline.case.others)
    assert pipeline.catalog
    pipeline.sandbox.clear_journal()
    pipeline.fault("status", status=status, retry_after=1, retry_after_date=as_date)
    output = pipeline.run(*streams, concurrency=1, start_date="2025-05-25")
    assert not output.failures
    journal = list(pipeline.sandbox.journal)
    (number,) = (n for n, entry in enumerate(journal) if entry.fault)
    refused_at = journal[number].ended
    assert refused_at is not None
    assert journal[number + 1].started - refused_at >= 0.98


def test_a_silent_vendor_is_asked_again(pipeline: Pipeline) -> None:
    streams = pipeline.case.broken
    assert pipeline.catalog
    pipeline.fault("hang", seconds=300)
    output = pipeline.run(*streams, request_timeout=1)
    assert not output.failures
    pipeline.assert_complete(Target().take(output.lines), *streams)


def test_a_stream_that_fails_leaves_the_others_alone(pipeline: Pipeline) -> None:
    broken, others = pipeline.case.broken, pipeline.case.others
    assert pipeline.catalog
    pipeline.sandbox.clear_journal()
    pipeline.fault("status", status=500, skip=1, times=None)
    output = pipeline.run(*broken, *others, max_attempts=2, concurrency=1)
    assert output.exit_code == 1
    assert set(output.failures) == set(broken)
    assert all("500" in failure for failure in output.failures.values())
    tries = Counter((e.path, e.query, e.body) for e in pipeline.sandbox.journal if e.fault)
    assert set(tries.values()) == {2}
    pipeline.assert_complete(Target().take(output.lines), *others)
    pipeline.sandbox.clear_faults()
    rest = pipeline.run(*broken, *others, state=output.state)
    assert not rest.failures
    pipeline.assert_complete(Target().take(output.lines).take(rest.lines), *broken, *others)


def test_a_lack_of_permission_fails_its_stream_and_says_what_to_do(pipeline: Pipeline) -> None:
    broken, others = pipeline.case.broken, pipeline.case.others
    assert pipeline.catalog
    pipeline.fault("status", status=403, times=None, body='{"message": "Not for you"}')
    output = pipeline.run(*broken, *others)
    assert set(output.failures) == set(broken)
    for failure in output.failures.values():
        assert "Not for you" in failure
        assert pipeline.case.remedy in failure.replace("Not for you", "")
    pipeline.assert_complete(Target().take(output.lines), *others)


def test_another_refusal_is_fatal_with_the_vendors_words(pipeline: Pipeline) -> None:
    broken, others = pipeline.case.broken, pipeline.case.others
    assert pipeline.catalog
    pipeline.fault("status", status=409, times=None, body='{"message": "Moon in the wrong house"}')
    output = pipeline.run(*broken, *others)
    assert set(output.failures) == set(broken)
    assert all("Moon in the wrong house" in failure for failure in output.failures.values())
    pipeline.assert_complete(Target().take(output.lines), *others)


@pytest.mark.parametrize("case", WITH_GRAPHQL)
def test_graphql_errors_that_stay_are_fatal_at_once(pipeline: Pipeline) -> None:
    broken, others = pipeline.case.broken, pipeline.case.others
    pipeline.fault(
        "graphql_error", message="Field 'x' is undefined", error_type="ValidationError", times=None
    )
    output = pipeline.run(*broken, *others, concurrency=1)
    assert set(output.failures) == set(broken)
    assert all("Field 'x' is undefined" in failure for failure in output.failures.values())
    asked = [entry.body for entry in pipeline.sandbox.journal if entry.fault]
    assert len(asked) == len(set(asked)), "asked again"
    pipeline.assert_complete(Target().take(output.lines), *others)


def test_a_revoked_token_is_renewed_once(pipeline: Pipeline) -> None:
    streams = (*pipeline.case.broken, *pipeline.case.others)
    assert pipeline.catalog
    pipeline.sandbox.clear_journal()
    pipeline.fault("revoke_token", skip=1)
    if not pipeline.case.token:
        with pytest.raises(CredentialsError):
            pipeline.run(*streams)
        return
    output = pipeline.run(*streams)
    assert not output.failures
    assert len(pipeline.sandbox.journal.for_route(pipeline.case.vendor, "token")) == 2
    pipeline.assert_complete(Target().take(output.lines), *streams)


def test_a_token_that_stays_refused_is_renewed_once_a_request(pipeline: Pipeline) -> None:
    assert pipeline.catalog
    pipeline.sandbox.clear_journal()
    pipeline.fault("status", status=401, times=None, body='{"message": "Who are you?"}')
    try:
        told = " ".join(pipeline.run(*pipeline.case.broken, concurrency=1).failures.values())
    except CredentialsError as error:  # where it can't be a lack of permission
        told = str(error)
    assert "Who are you" in told
    tries = Counter((e.path, e.query, e.body) for e in pipeline.sandbox.journal if e.fault)
    assert max(tries.values()) == (2 if pipeline.case.token else 1)


def test_wrong_credentials_stop_the_tap_at_once(pipeline: Pipeline) -> None:
    assert pipeline.catalog
    pipeline.sandbox.clear_journal()
    wrong: dict[str, Any] = dict.fromkeys(pipeline.case.secrets, "this-one-is-not-right")
    with pytest.raises(CredentialsError, match=pipeline.case.secrets[0]) as caught:
        pipeline.run(concurrency=4, **wrong)
    assert "this-one-is-not-right" not in str(caught.value)
    # Requests that were under way beside the first refused one can't be taken back.
    assert len(pipeline.sandbox.journal) <= (1 if pipeline.case.token else 4)
