"""Files in a bucket of S3, Google Cloud Storage or Azure, through fsspec."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

import fsspec

from tap_kit.files.store import READ, Found, failing_as
from tap_kit.time.clock import parse_time, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE: Final = 5 * 1024 * 1024
"""Bytes of a piece of a large file: the least that S3 takes. Smaller files are put at once."""
_MOST_PIECES = 9_000
"""S3 takes 10 000; a file that turns out larger than was said still fits."""
_LISTINGS = 256
"""Folders whose listing is kept; a run goes from folder to folder."""
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "az": {"anon": False},  # without this, adlfs takes no credentials of its own accord
}
_CONTENT_TYPE: Final = {"s3": "ContentType", "gs": "content_type"}
"""The option for the media type of a new file."""


class BucketStore:
    """A bucket; credentials are what the cloud's own tools find: environment, profile, role.

    A small file is put in one piece. A large one is sent piece by piece, and the cloud shows it
    only once all of them are there.

    Args:
        scheme: ``s3``, ``gs`` or ``az``.
        bucket: Name of the bucket or container.
        folder: The folder in it; may be empty.
    """

    def __init__(self, scheme: str, bucket: str, folder: str) -> None:
        self._scheme = scheme
        self._base = f"{bucket}/{folder}".rstrip("/")
        self._where = f"{scheme}://{self._base}"
        self._lock = threading.Lock()
        self._made: Any = None
        self._listings: OrderedDict[str, _Listing] = OrderedDict()

    def uri(self, place: str) -> str:
        """``s3://bucket/…``; names are as they are, without escapes."""
        return f"{self._where}/{place}"

    def find(self, place: str) -> Found | None:
        """The file at a place; one request lists all files of a record."""
        folder = _folder(place)
        listing = self._listing(folder)
        with listing.lock:
            if listing.files is None:
                listing.files = self._list(folder)
            return listing.files.get(f"{self._base}/{place}")

    def read(self, place: str, size: int) -> Iterator[bytes]:
        """Yield the bytes of a file."""
        for start in range(0, size, READ):
            with failing_as(self._where):
                yield self._system.cat_file(
                    f"{self._base}/{place}", start=start, end=min(start + READ, size)
                )

    @contextmanager
    def writing(
        self, place: str, *, size: int | None = None, content_type: str | None = None
    ) -> Iterator[Callable[[bytes], object]]:
        """Store a file; see :meth:`tap_kit.files.store.Store.writing`."""
        option = _CONTENT_TYPE.get(self._scheme)
        options = {option: content_type} if option and content_type else {}
        upload = _Upload(
            self._system, f"{self._base}/{place}", max(PIECE, (size or 0) // _MOST_PIECES), options
        )

        def write(chunk: bytes) -> None:
            with failing_as(self._where):
                upload.write(chunk)

        try:
            yield write
            with failing_as(self._where):
                upload.finish()
        except BaseException:
            upload.abandon()
            raise
        listing = self._listing(_folder(place))
        with listing.lock:
            if listing.files is not None:
                listing.files[f"{self._base}/{place}"] = Found(upload.size, utc_now())

    def probe(self) -> None:
        """List a folder that isn't there."""
        with failing_as(self._where):
            self._list(".probe")

    @property
    def _system(self) -> Any:  # noqa: ANN401  # fsspec has no types
        with self._lock:
            if self._made is None:
                with failing_as(self._where):
                    self._made = fsspec.filesystem(
                        self._scheme,
                        use_listings_cache=False,
                        skip_instance_cache=True,
                        **_OPTIONS.get(self._scheme, {}),
                    )
            return self._made

    def _listing(self, folder: str) -> _Listing:
        with self._lock:
            listing = self._listings.setdefault(folder, _Listing())
            self._listings.move_to_end(folder)
            if len(self._listings) > _LISTINGS:
                self._listings.popitem(last=False)
            return listing

    def _list(self, folder: str) -> dict[str, Found]:
        with failing_as(self._where):
            try:
                found = self._system.find(f"{self._base}/{folder}", detail=True)
            except FileNotFoundError:
                return {}
            return {
                name: Found(facts["size"], _modified(facts))
                for name, facts in found.items()
                if facts["type"] == "file"
            }


def _folder(place: str) -> str:
    """The stream and the first part of the key: all files of a job are in one folder."""
    return "/".join(place.split("/")[:2])


class _Listing:
    """The files of a folder; None until somebody looks."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.files: dict[str, Found] | None = None


class _Upload:
    """A file on its way: in memory while it is small, then piece by piece."""

    def __init__(self, system: Any, path: str, piece: int, options: dict[str, Any]) -> None:  # noqa: ANN401  # fsspec has no types
        self._system = system
        self._path = path
        self._piece = piece
        self._options = options
        self._waiting = bytearray()
        self._file: Any = None
        self.size = 0

    def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self._file is not None:
            self._file.write(chunk)
            return
        self._waiting += chunk
        if len(self._waiting) >= self._piece:
            # Without autocommit nothing but commit() makes the file appear, whatever closes it.
            self._file = self._system.open(
                self._path, "wb", block_size=self._piece, autocommit=False, **self._options
            )
            self._file.write(self._waiting)
            self._waiting = bytearray()

    def finish(self) -> None:
        if self._file is None:
            self._system.pipe_file(self._path, bytes(self._waiting), **self._options)
            return
        self._file.close()
        self._file.commit()

    def abandon(self) -> None:
        """Let the cloud forget the pieces; what it keeps nevertheless never becomes a file."""
        if self._file is not None:
            with contextlib.suppress(Exception):  # the reason for it counts, not this
                self._file.discard()
            self._file.closed = True


def _modified(facts: dict[str, Any]) -> datetime:
    """When a file was last changed; each of fsspec's storages has a name of its own for it."""
    for name in ("LastModified", "updated", "last_modified", "created"):
        moment = facts.get(name)
        if isinstance(moment, str):
            moment = parse_time(moment)
        if isinstance(moment, datetime):
            return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return datetime.fromtimestamp(0, timezone.utc)
