"""A file in a store: put there, begun in vain, and looked at."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_kit.files.store import Store


PLACE = "job_attachments/j1/a1/photo.jpg"


def put(store: Store, content: bytes, place: str = PLACE, chunk: int = 256 * 1024) -> None:
    with store.writing(place) as write:
        for start in range(0, len(content), chunk):
            write(content[start : start + chunk])


def fail(store: Store, size: int, meanwhile: Callable[[], object]) -> None:
    """Begin a file, and fail before its end."""

    def begin() -> None:
        with store.writing(PLACE) as write:
            write(b"x" * size)
            meanwhile()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        begin()


def content(store: Store, place: str = PLACE) -> bytes:
    """What stands at a place, by other means than the store's, which gives its hash."""
    scheme, _, rest = store.uri(place).partition("://")
    if scheme == "file":
        body = Path(unquote(rest)).read_bytes()
    else:
        name, _, key = rest.partition("/")
        body = boto3.client("s3").get_object(Bucket=name, Key=key)["Body"].read()
    found = store.find(place)
    assert found
    assert found.size == len(body)
    assert store.sha256(place, found) == sha256(body).hexdigest()
    return body
