"""Files in a bucket: pieces, hashes, requests, and what the bucket refuses."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from tap_kit.errors import StreamError
from tap_kit.files.address import open_store
from tap_kit.files.uploads import PIECE
from tests.tap_kit.files.stored import PLACE, content, fail, put

if TYPE_CHECKING:
    from tests.s3 import Bucket


def test_pieces_of_a_file_that_fails_are_given_up(s3: Bucket) -> None:
    store = open_store(s3.url)
    begun: list[str] = []
    fail(store, 3 * PIECE, lambda: begun.extend(s3.unfinished()))
    assert begun == [PLACE]
    assert s3.unfinished() == []
    assert s3.files() == {}


def test_an_upload_that_is_forgotten_never_becomes_a_file(s3: Bucket) -> None:
    """As when the process ends within it: whatever closes the upload then does not complete it."""
    store = open_store(s3.url)
    writing = store.writing(PLACE)
    writing.__enter__()(b"x" * 3 * PIECE)
    del writing
    assert s3.files() == {}


@pytest.mark.parametrize(
    ("operation", "size", "how", "times"),
    [
        ("PutObject", 100_000, "reset", 1),
        ("PutObject", 100_000, "busy", 6),
        ("UploadPart", 2 * PIECE + 7, "reset", 6),
    ],
)
def test_what_fails_on_its_way_is_sent_again_from_the_beginning(
    s3: Bucket, operation: str, size: int, how: str, times: int
) -> None:
    """Six failures are more than botocore's own tries; s3fs tries again then."""
    s3.door.fail(operation, how, times)
    body = os.urandom(size)
    put(open_store(s3.url), body)
    assert s3.files() == {PLACE: body}
    assert s3.door.seen.count(operation) == times + (3 if size > PIECE else 1)


@pytest.mark.parametrize(
    ("operation", "size"),
    [
        ("ListObjectsV2", 5),
        ("PutObject", 5),
        ("CreateMultipartUpload", 2 * PIECE),
        ("UploadPart", 2 * PIECE),
        ("CompleteMultipartUpload", 2 * PIECE),
    ],
)
def test_what_is_not_permitted_is_said_and_leaves_nothing(
    s3: Bucket, operation: str, size: int
) -> None:
    s3.door.refused.add(operation)
    store = open_store(s3.url)
    with pytest.raises(StreamError, match=rf"s3://evidence: Access Denied \({operation}\). Check"):  # noqa: PT012  # as a run does
        store.find(PLACE)
        put(store, b"x" * size)
    s3.door.refused.clear()
    assert s3.files() == {}
    assert s3.unfinished() == []


def test_the_hash_of_a_file_in_one_piece_is_kept_with_it(s3: Bucket) -> None:
    put(open_store(s3.url), b"photo")
    digest = sha256(b"photo").hexdigest()
    head = s3.client.head_object(Bucket=s3.name, Key=PLACE)
    assert head["Metadata"] == {"sha256": digest}
    store = open_store(s3.url)
    found = store.find(PLACE)
    assert found
    s3.door.seen.clear()
    assert store.sha256(PLACE, found) == digest
    assert s3.door.seen == ["HeadObject"]


@pytest.mark.parametrize("metadata", [{}, {"sha256": ""}, {"sha256": "x" * 64}])
def test_a_file_without_its_hash_is_read(s3: Bucket, metadata: dict[str, str]) -> None:
    """As one that somebody else has put there."""
    s3.client.put_object(Bucket=s3.name, Key=PLACE, Body=b"photo", Metadata=metadata)
    assert content(open_store(s3.url)) == b"photo"


def test_a_large_file_is_read_for_its_hash(s3: Bucket) -> None:
    body = os.urandom(PIECE + 1)
    put(open_store(s3.url), body)
    store = open_store(s3.url)
    s3.door.seen.clear()
    found = store.find(PLACE)
    assert found
    assert store.sha256(PLACE, found) == sha256(body).hexdigest()
    assert s3.door.seen == ["ListObjectsV2", "GetObject", "GetObject", "GetObject"]


def test_a_hash_that_can_not_be_read_is_an_error(s3: Bucket) -> None:
    put(open_store(s3.url), b"photo")
    store = open_store(s3.url)
    found = store.find(PLACE)
    assert found
    s3.door.refused.add("HeadObject")
    with pytest.raises(StreamError, match="credentials may list, read and write"):
        store.sha256(PLACE, found)


def test_a_new_file_of_a_new_record_is_two_requests(s3: Bucket) -> None:
    store = open_store(s3.url + "/flow")
    store.find(PLACE)
    s3.door.seen.clear()
    place = PLACE.replace("j1", "j2")
    assert store.find(place) is None
    put(store, b"photo", place)
    assert s3.door.seen == ["ListObjectsV2", "PutObject"]


def test_the_media_type_is_the_file_s(s3: Bucket) -> None:
    store = open_store(s3.url)
    for size in (5, 2 * PIECE):
        with store.writing(PLACE, content_type="image/jpeg") as write:
            write(b"x" * size)
        head = s3.client.head_object(Bucket=s3.name, Key=PLACE)
        assert (head["ContentLength"], head["ContentType"]) == (size, "image/jpeg")


def test_a_bucket_that_is_not_there_is_an_error(s3: Bucket) -> None:
    store = open_store(s3.url + "-not-there")
    with pytest.raises(StreamError, match=r"s3://evidence-not-there: The specified bucket"):
        put(store, b"photo")


def test_a_bucket_is_asked_once_for_the_files_of_a_record(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(open_store(s3.url), b"photo")
    store = open_store(s3.url)
    assert store.find(PLACE)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    s3.client.delete_object(Bucket=s3.name, Key=PLACE)
    assert store.find(PLACE)
    assert store.find("job_attachments/j1/a2/other.jpg") is None
