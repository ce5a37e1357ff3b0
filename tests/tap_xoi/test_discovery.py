"""What users see of tap-xoi before it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_xoi.tap import TapXoi
from tests.singer import discover

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = {"api_key": "key-of-a-test", "api_secret": "secret-of-a-test"}


def described(schema: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for name, declared in schema.get("properties", {}).items():
        yield f"{path}.{name}", declared.get("description", "")
        yield from described(declared.get("items", declared), f"{path}.{name}")


def test_every_column_is_described() -> None:
    for stream in discover(TapXoi, CONFIG)["streams"]:
        for path, text in described(stream["schema"], stream["tap_stream_id"]):
            assert text.endswith("."), path


@pytest.mark.parametrize(
    "column",
    [
        "jobs.customerEmail",
        "jobs.customerName",
        "jobs.assigneeIds",
        "jobs.internalNotificationContacts.email",
        "users.email",
        "users.phone_number",
    ],
)
def test_personal_data_are_marked(column: str) -> None:
    streams = discover(TapXoi, CONFIG)["streams"]
    texts = dict(
        found
        for stream in streams
        for found in described(stream["schema"], stream["tap_stream_id"])
    )
    assert texts[column].endswith("Personal data.")
