"""Settings of tap-xoi: rules, one line each, and what the environment sets."""

from __future__ import annotations

from typing import Any

import pytest

from tap_kit.errors import SettingsError
from tap_xoi.client import address
from tap_xoi.tap import TapXoi

CONFIG: dict[str, Any] = {"api_key": "key-of-a-test", "api_secret": "secret-of-a-test"}
PAIR = {"job_id": "cjob-1", "workflow_job_id": "wjob-1"}


@pytest.mark.parametrize(
    ("changed", "right"),
    [
        ({"api_key": None}, "api_key is missing"),
        ({"api_secret": ""}, "api_secret must not be empty"),
        ({"environment": "test"}, "environment must be one of: production, staging"),
        (
            {"workflow_job_source": "webhooks"},
            "workflow_job_source must be one of: webhook_history, documentation, job_summary",
        ),
        ({"workflow_job_source": "config"}, "workflow_jobs needs at least 1 pair"),
        ({"workflow_jobs": [{"job_id": "cjob-1"}]}, "workflow_job_id is missing"),
        ({"workflow_jobs": [{**PAIR, "org": "x"}]}, "has a key that is not known"),
        ({"workflow_jobs": [PAIR, PAIR]}, "workflow_jobs.1 must not repeat workflow_jobs.0"),
        ({"page_size": 0}, "page_size must be at least 1"),
        ({"page_size": 1001}, "page_size must be at most 1000"),
        ({"jobs_url": "http://gql.example.com"}, "jobs_url must be an https:// address"),
        ({"reporting_url": "ftp://x"}, "reporting_url must be an https:// address"),
    ],
)
def test_each_rule_names_its_setting(changed: dict[str, Any], right: str) -> None:
    with pytest.raises(SettingsError) as caught:
        TapXoi(config={**CONFIG, **changed})
    message = str(caught.value)
    assert right in message
    assert "\n" not in message
    assert "of-a-test" not in message


@pytest.mark.parametrize("name", ["job_id", "workflow_job_id"])
@pytest.mark.parametrize("value", ["", " ", "a/b", "a b", "..", "a?b", "a#b", "a%2Fb", "a\\b"])
def test_a_malformed_id_is_told(name: str, value: str) -> None:
    given = {**CONFIG, "workflow_jobs": [PAIR, {**PAIR, name: value}]}
    with pytest.raises(SettingsError, match=rf"workflow_jobs\.1\.{name} must be an id"):
        TapXoi(config=given)


def test_ids_of_both_generations_are_accepted() -> None:
    ids = ("job-1", "cjob-830517ba-7603-44136fa3-62374c4389f7-C112-781a49102793", "é:1.2~")
    pairs = [{"job_id": one, "workflow_job_id": one} for one in ids]
    TapXoi(config={**CONFIG, "workflow_job_source": "config", "workflow_jobs": pairs})


def test_the_environment_sets_four_addresses() -> None:
    config = dict(TapXoi(config=CONFIG).config)
    assert address(config, "token_url") == "https://api-users-external.xoi.io/prod/token"
    assert address(config, "jobs_url") == "https://gql-jobs-external.xoi.io/graphql"
    config = dict(TapXoi(config={**CONFIG, "environment": "staging", "jobs_url": None}).config)
    assert all(
        ".staging.xoeye.com/" in address(config, f"{name}_url")
        for name in ("token", "jobs", "users", "reporting")
    )
    config["users_url"] = "https://users.example.com/graphql"
    assert address(config, "users_url") == "https://users.example.com/graphql"
