"""Files in a bucket of S3, Google Cloud Storage or Azure, through fsspec."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

import fsspec

from tap_kit.files.store import Found, Writer, failing_as
from tap_kit.files.uploads import HASH, PIECE, FileUpload, Room, S3Upload, rewinds
from tap_kit.time.clock import parse_time, utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from tap_kit.files.uploads import Upload

_READ = 2 * 1024 * 1024
"""Bytes that are read back at once."""
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LISTINGS = 256
"""Folders whose listing is kept; a run goes from folder to folder."""
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "az": {"anon": False},  # without this, adlfs takes no credentials of its own accord
}


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
        self._bucket = bucket
        self._folder = folder
        self._where = f"{scheme}://{bucket}/{folder}".rstrip("/")
        self._room = Room()
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
            return listing.files.get(self._path(place))

    def sha256(self, place: str, found: Found) -> str:
        """The hash that was stored with the file, which is one request; else that of its bytes."""
        with failing_as(self._where):
            kept = found.sha256
            if kept is None and self._scheme == "s3" and found.size <= PIECE:
                target = self._target(place)
                kept = self._system.call_s3("head_object", **target)["Metadata"].get(HASH)
            if kept is not None and _SHA256.fullmatch(kept):
                return kept
            digest = hashlib.sha256()
            for start in range(0, found.size, _READ):
                end = min(start + _READ, found.size)
                digest.update(self._system.cat_file(self._path(place), start=start, end=end))
            return digest.hexdigest()

    def room(self, size: int | None) -> AbstractContextManager[None]:
        """Wait for memory; see :meth:`tap_kit.files.store.Store.room`."""
        return self._room.for_file(size)

    @contextmanager
    def writing(
        self, place: str, *, size: int | None = None, content_type: str | None = None
    ) -> Iterator[Writer]:
        """Store a file; see :meth:`tap_kit.files.store.Store.writing`."""
        with failing_as(self._where):
            upload = self._upload(place, size, content_type)
        try:
            write = Writer(upload.write, self._where)
            yield write
            with failing_as(self._where):
                upload.finish(write.sha256)
        except BaseException:
            upload.abandon()
            raise
        finally:
            upload.close()
        listing = self._listing(_folder(place))
        with listing.lock:
            if listing.files is not None:
                listing.files[self._path(place)] = Found(write.size, utc_now(), write.sha256)

    def probe(self) -> None:
        """List a folder that isn't there."""
        with failing_as(self._where):
            self._list(".probe")

    @property
    def _system(self) -> Any:  # noqa: ANN401  # fsspec has no types
        with self._lock:
            if self._made is None:
                with failing_as(self._where):
                    made = fsspec.filesystem(
                        self._scheme,
                        use_listings_cache=False,
                        skip_instance_cache=True,
                        **_OPTIONS.get(self._scheme, {}),
                    )
                    if self._scheme == "s3":
                        rewinds(made)
                self._made = made
            return self._made

    def _path(self, place: str) -> str:
        return f"{self._bucket}/{self._key(place)}"

    def _key(self, place: str) -> str:
        return f"{self._folder}/{place}" if self._folder else place

    def _target(self, place: str) -> dict[str, str]:
        """A file in the words of S3."""
        return {"Bucket": self._bucket, "Key": self._key(place)}

    def _upload(self, place: str, size: int | None, content_type: str | None) -> Upload:
        if self._scheme == "s3":
            return S3Upload(
                self._system.call_s3,
                self._target(place),
                content_type,
                size=size,
                room=self._room,
            )
        keeps = self._scheme == "gs"
        options = {"content_type": content_type} if keeps and content_type else {}
        return FileUpload(
            self._system,
            self._path(place),
            options,
            keeps_hash=keeps,
            size=size,
            room=self._room,
        )

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
                # With the folder as a prefix: s3fs looks again for a folder without files.
                found = self._system.find(
                    f"{self._bucket}/{self._folder}".rstrip("/"), prefix=f"{folder}/", detail=True
                )
            except FileNotFoundError:
                return {}
            return {
                name: Found(
                    facts["size"], _modified(facts), (facts.get("metadata") or {}).get(HASH)
                )
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


def _modified(facts: dict[str, Any]) -> datetime:
    """When a file was last changed; each of fsspec's storages has a name of its own for it."""
    for name in ("LastModified", "updated", "last_modified", "created"):
        moment = facts.get(name)
        if isinstance(moment, str):
            moment = parse_time(moment)
        if isinstance(moment, datetime):
            return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return datetime.fromtimestamp(0, timezone.utc)
