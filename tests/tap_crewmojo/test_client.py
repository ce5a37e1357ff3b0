"""One token for the process, and another process that takes it away."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
import requests

from tap_crewmojo.tap import TapCrewmojo
from tap_kit.errors import CredentialsError
from tests.singer import Output, read
from tests.tap_crewmojo.conftest import DEFAULT, Tenant, assert_complete

if TYPE_CHECKING:
    from collections.abc import Callable

SUPERSEDED = "two pipelines must not share a client"


def tokens(tenant: Tenant) -> int:
    return len(tenant.sandbox.journal.for_route("crewmojo", "token"))


def another_process(tenant: Tenant) -> str:
    """Asks for a token with the same client."""
    grant = {name: tenant.config[name] for name in ("client_id", "client_secret")}
    form = {"grant_type": "client_credentials", **grant}
    response = requests.post(f"{tenant.config['api_url']}/oauth/token", data=form, timeout=10)
    token: str = response.json()["access_token"]
    return token


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.getMessage() for line in caplog.records if line.levelno == logging.WARNING]


def test_all_streams_and_threads_share_one_token(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    output = tenant.run(concurrency=16)
    assert_complete(tenant, output, *DEFAULT)
    assert tokens(tenant) == 1
    assert not warnings(caplog)


def test_a_token_taken_by_another_process_is_replaced_with_a_warning(
    tenant: Tenant, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    tap = TapCrewmojo(config=tenant.configured(concurrency=8))  # discovery has taken a token
    theirs = another_process(tenant)
    tenant.sandbox.clear_journal()
    tap.sync_all()
    output = Output(read(capsys.readouterr().out.splitlines()))
    assert_complete(tenant, output, *DEFAULT)
    (told,) = warnings(caplog)
    assert SUPERSEDED in told
    assert theirs not in caplog.text
    assert tokens(tenant) == 1


def test_each_token_that_is_taken_is_told(tenant: Tenant, caplog: pytest.LogCaptureFixture) -> None:
    tenant.sandbox.fault("revoke_token", route="report", skip=3)
    tenant.sandbox.fault("revoke_token", route="poll", skip=3)
    output = tenant.run(concurrency=1)
    assert_complete(tenant, output, *DEFAULT)
    assert [SUPERSEDED in line for line in warnings(caplog)] == [True, True]
    assert tokens(tenant) == 3


def test_our_own_threads_do_not_end_each_other_s_token(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    """A request under way with the older token just takes the newer one."""
    tap = TapCrewmojo(config=tenant.config, catalog={"streams": []})
    auth, client = tap.auth(), tap.client
    old = auth.headers(client)
    another_process(tenant)
    assert auth.renew(client, old)
    assert auth.renew(client, old), "the second thread"
    new = auth.headers(client)
    assert new != old
    assert tokens(tenant) == 3
    assert auth.renew(client, old), "a latecomer"
    assert auth.headers(client) == new
    assert tokens(tenant) == 3
    assert len(warnings(caplog)) == 1


@pytest.mark.parametrize("named", ["expires_in", "expires_at", "absent"])
def test_the_token_is_renewed_before_it_ends(
    tenant_of: Callable[..., Tenant],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    named: str,
) -> None:
    tenant = tenant_of(token_expiry=named)
    tap = TapCrewmojo(config=tenant.config, catalog={"streams": []})
    now = 1000.0
    auth = tap.auth()
    monkeypatch.setattr(auth, "_clock", lambda: now)
    first = auth.headers(tap.client)
    now += 28 * 60
    assert auth.headers(tap.client) == first
    now += 60
    assert auth.headers(tap.client) != first
    assert tokens(tenant) == 2
    assert not warnings(caplog)


def test_a_token_that_another_process_keeps_taking_ends_the_stream(tenant: Tenant) -> None:
    tenant.sandbox.fault("revoke_token", route="report", contains="people", times=None)
    reports = ({"report": "people.custom", "date_range": False}, "objectives.detail")
    # One after the other: at the same time, the other report's token would be taken as well.
    output = tenant.run(*reports, concurrency=1)
    assert (
        "another process keeps taking tokens with the same client_id"
        in (output.failures["people_custom"])
    )
    assert_complete(tenant, output, "objectives_detail")


@pytest.mark.parametrize("body", ["message", "error", "error_description"])
def test_wrong_credentials_end_the_run_at_once(tenant_of: Callable[..., Tenant], body: str) -> None:
    tenant = tenant_of(error_body=body)
    with pytest.raises(CredentialsError) as caught:
        tenant.run(client_secret="not-the-secret")
    assert "POST /oauth/token: no token: HTTP 401: Unknown client or wrong secret" in (
        str(caught.value)
    )
    assert "Check the settings client_id, client_secret, environment" in str(caught.value)
    assert "not-the-secret" not in str(caught.value)
    assert tokens(tenant) == 1
    assert not tenant.questions()
