"""Wrong settings are one line that names the setting, before any request."""

from __future__ import annotations

from typing import Any

import pytest

from tap_giosg.tap import TapGiosg
from tap_kit.errors import SettingsError


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"api_token": None}, "api_token is missing"),
        ({"api_token": ""}, "api_token must not be empty"),
        ({"auth_scheme": "Basic"}, "auth_scheme must be one of: Token, Bearer"),
        ({"api_url": "http://api.giosg.com"}, "api_url must be an https:// address"),
        ({"service_url": "ftp://x"}, "service_url must be an https:// address"),
        ({"workflow_ids": "all"}, "workflow_ids must be an array"),
        ({"workflow_ids": []}, "workflow_ids must have at least one item"),
        ({"step_indexes": [0]}, "step_indexes.0 must be at least 1"),
        ({"max_step_index": 0}, "max_step_index must be at least 1"),
        ({"source_data_targets": ["default"]}, "affected_goal, affected_goal_total"),
        ({"step_targets": []}, "step_targets must have at least one item"),
        ({"step_data_format": "xls"}, "step_data_format must be one of: csv, xlsx, json"),
        ({"basic": "yes"}, "basic must be a boolean"),
        ({"filters": [{"property": "action"}]}, "values is missing"),
        ({"filters": "action"}, "filters must be an array or object"),
        (
            {"filters": {"action": []}},
            "filters names action, which is none of: source_data, step_source_data",
        ),
        ({"filters": {"source_data": {}}}, "filters.source_data must be an array"),
        ({"filters": {"source_data": [{"property": "label"}]}}, "values is missing"),
        ({"step_data": "all"}, "step_data must be an array or object"),
        ({"step_data": {"w": {}}}, "step_data.w must be an array"),
        ({"step_data": {"w": [1]}}, "step_data.w.0 must be an object"),
        (
            {"step_data": {"w": []}, "workflow_ids": ["v"]},
            "step_data names the workflow w, which workflow_ids does not have",
        ),
        ({"columns": {"value": "float"}}, "integer, number, boolean, date, date-time, string"),
        ({"row_id_columns": []}, "row_id_columns must have at least one item"),
        ({"window": "hour"}, "window must be one of: day, week, month, quarter, year"),
        ({"start_date": "soon"}, "start_date must be a date"),
        ({"concurrency": 33}, "concurrency must be at most 32"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], message: str) -> None:
    config = {"api_token": "a-secret-token", **settings}

    with pytest.raises(SettingsError) as caught:
        TapGiosg(config=config)

    assert message in str(caught.value)
    assert "a-secret-token" not in str(caught.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsError, match=r"basic .*; api_token "):
        TapGiosg(config={"basic": 1})
