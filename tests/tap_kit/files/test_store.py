from __future__ import annotations

import fcntl
import os
import resource
import stat
import subprocess
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import boto3
import pytest

from tap_kit.errors import StreamError
from tap_kit.files.address import address_problem, open_store
from tap_kit.files.local import LocalStore
from tap_kit.files.store import failing_as
from tap_kit.files.uploads import PIECE
from tap_kit.time.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_kit.files.store import Store
    from tests.s3 import Bucket

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


def absent(store: Store) -> None:
    assert store.find(PLACE) is None


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


def test_a_file_is_there_with_its_size_and_time(store: Store) -> None:
    assert store.find(PLACE) is None
    put(store, b"photo")
    found = store.find(PLACE)
    assert found
    assert found.size == 5
    assert abs(found.stored_at - utc_now()) < timedelta(minutes=1)
    assert content(store) == b"photo"
    assert store.uri(PLACE).endswith("/" + PLACE)


def test_it_is_found_by_another_run(store: Store) -> None:
    put(store, b"photo")
    again = open_again(store)
    assert content(again) == b"photo"
    assert again.find("job_attachments/j1/a2/photo.jpg") is None


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, 2 * PIECE, 2 * PIECE + 7])
def test_every_size_is_stored_as_it_is(store: Store, size: int) -> None:
    body = os.urandom(size)
    put(store, body)
    assert content(store) == body
    assert content(open_again(store)) == body


@pytest.mark.parametrize("size", [10, 3 * PIECE])
def test_nothing_appears_before_the_end_and_nothing_if_it_fails(store: Store, size: int) -> None:
    fail(store, size, lambda: absent(open_again(store)))
    assert open_again(store).find(PLACE) is None


@pytest.mark.parametrize("size", [10, 3 * PIECE])
def test_a_file_is_replaced_as_a_whole(store: Store, size: int) -> None:
    put(store, b"old")
    fail(store, size, lambda: None)
    assert content(open_again(store)) == b"old"
    put(store, b"x" * size)
    assert content(store) == b"x" * size


def open_again(store: Store) -> Store:
    """The same store without what this one remembers."""
    return open_store(store.uri("x")[: -len("/x")])


def test_names_of_all_kinds_are_stored(store: Store) -> None:
    for name in ("Kuva ä 1.jpg", "😀.png", "100% & more;=+@!.txt", "a~b", "%2e%2e", "[x]{y}"):
        place = f"job_reports/j2/{name}"
        put(store, name.encode(), place)
        assert content(open_again(store), place) == name.encode(), name


def test_it_can_be_probed(store: Store) -> None:
    store.probe()


# Folders


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_what_a_killed_run_left_is_removed_and_what_is_being_written_is_not(
    tmp_path: Path,
) -> None:
    incoming = tmp_path / ".incoming"
    incoming.mkdir()
    (incoming / "left").write_bytes(b"half")
    with (incoming / "other").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        put(LocalStore(str(tmp_path)), b"photo")
        assert files_of(tmp_path) == {PLACE, ".incoming/other"}
    put(LocalStore(str(tmp_path)), b"photo")
    assert files_of(tmp_path) == {PLACE}


def test_files_have_the_permissions_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        put(LocalStore(str(tmp_path)), b"photo")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / PLACE).stat().st_mode) == 0o640


@pytest.fixture
def limited() -> Iterator[None]:
    """No file may be larger than 100 KB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("limited")
def test_what_the_disk_does_not_take_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match=r"files can't be kept in .*: File too large. Check the"):
        put(LocalStore(str(tmp_path)), b"x" * 300_000)
    assert files_of(tmp_path) == set()


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(command, check=False).returncode:  # noqa: S603  # fixed
        pytest.skip("only root can mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)  # noqa: S603, S607  # fixed


def test_a_full_disk_leaves_nothing(full: Path) -> None:
    store = LocalStore(str(full))
    put(store, b"x" * 20_000, "s/k/a")
    with pytest.raises(StreamError, match="No space left on device"):
        put(store, b"x" * 300_000)
    assert files_of(full) == {"s/k/a"}


def test_the_way_to_a_file_is_on_the_disk_whoever_made_its_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(str(tmp_path))
    put(store, b"photo", "job_attachments/j1/a0/photo.jpg")
    (tmp_path / PLACE).parent.mkdir()  # as another thread does, which is not as far yet
    synced: list[Path] = []
    monkeypatch.setattr("tap_kit.files.local._to_disk", synced.append)
    put(store, b"photo")
    assert synced == [*(tmp_path / PLACE).parents][: len(PLACE.split("/"))]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Not there.\nRequestId: 1\nTime: 2", "Not there"),
        ("https://a/upload/o?upload_id=secret is gone", "https://a/upload/o is gone"),
        ("", "it gives no reason"),
    ],
)
def test_a_reason_is_one_line_without_credentials(text: str, said: str) -> None:
    with pytest.raises(StreamError) as caught, failing_as("gs://b"):
        raise OSError(text)
    assert str(caught.value).startswith(f"files can't be kept in gs://b: {said}. Check the setting")


@pytest.mark.parametrize("folder", ["/dev/null/x", "/proc/nothing"])
def test_a_folder_that_can_not_be_is_an_error(folder: str) -> None:
    store = open_store(Path(folder).as_uri())
    with pytest.raises(StreamError, match="files can't be kept in"):
        put(store, b"photo")


# Buckets


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


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "file:///data/files",
        "file:///data/my%20files",
        "file://localhost/data",
        "s3://bucket",
        "s3://bucket/a/b/",
    ],
)
def test_addresses_that_are_right(url: str) -> None:
    assert address_problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/data",
        "data",
        "file:data",
        "file://data/x",
        "file:///a%00b",
        "s3:///a",
        "s3://",
        "s3://key:secret@bucket",
        "s3://bucket?token=secret",
        "s3://bucket#secret",
        "https://example.com/files",
        "http://[",
    ],
)
def test_addresses_that_are_wrong(url: str) -> None:
    problem = address_problem(url)
    assert problem
    assert problem.startswith("must be file:///folder, s3://bucket/folder")
    assert "secret" not in problem


@pytest.mark.parametrize(
    ("url", "module", "extra"),
    [("s3://b", "s3fs", "s3"), ("gs://b", "gcsfs", "gcs"), ("az://b", "adlfs", "azure")],
)
def test_an_extra_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, url: str, module: str, extra: str
) -> None:
    monkeypatch.setattr("tap_kit.files.address.find_spec", lambda name: name != module or None)
    assert address_problem(url) == (
        f"needs an extra for {url[:2]}://; run pip install 'frontline-taps[{extra}]'"
    )
