"""Keeps a vendor's files: each is fetched by its link, unless it stands at its place already."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urljoin, urlsplit

from tap_kit.errors import BadBodyError, GoneError, StreamError, VendorError
from tap_kit.http.request import Request
from tap_kit.http.response import content_type
from tap_kit.time.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tap_kit.files.store import Found, Store
    from tap_kit.http.client import Client
    from tap_kit.http.response import StreamedResponse
    from tap_kit.stats import StreamStats

_log = logging.getLogger(__name__)

_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTIONS = 5
_EXPIRED = frozenset({400, 401, 403, 404, 410})
"""Statuses with which storages refuse a link that has ended, or whose file was replaced."""
_HTML = (b"<!doctype html", b"<html")
_HEADERS = {"Accept-Encoding": "identity"}  # the size is the file's own


@dataclass(frozen=True, slots=True)
class VendorFile:
    """A file as a vendor's record describes it.

    Attributes:
        name: What it is called in messages: its stream and key.
        place: Where it is kept.
        link: Where it is fetched from; holds a credential. None where the record has none.
        size: Its length in bytes, if the vendor says.
        content_type: Its media type, if the vendor says.
        changed: When it was last changed, where the vendor says that instead of the size.
    """

    name: str
    place: str
    link: str | None
    size: int | None = None
    content_type: str | None = None
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that stands complete at its place, or one that is left out, without all but a size."""

    uri: str | None = None
    size: int | None = None
    content_type: str | None = None
    sha256: str | None = None
    stored_at: datetime | None = None


Renew: TypeAlias = "Callable[[], VendorFile | None]"
"""Reads a file's record again, for a fresh link; None if it is gone."""


class FileKeeper:
    """Keeps files in a store; threads share it.

    Args:
        client: The tap's: its limits and its retries count for files, too.
        store: Where the files are kept.
        stats: The stream's.
        max_bytes: Larger files are left out.
    """

    def __init__(
        self, client: Client, store: Store, stats: StreamStats, *, max_bytes: int | None = None
    ) -> None:
        self._client = client
        self._store = store
        self._stats = stats
        self._max_bytes = max_bytes

    def keep(self, file: VendorFile, renew: Renew) -> KeptFile:
        """Bring a file to its place, if it isn't there.

        Raises:
            GoneError: The file is gone, also by a fresh link.
            StreamError: It can't be fetched or stored.
        """
        there = self._store.find(file.place)
        if there is not None and is_up_to_date(file, there):
            return self._as_it_is(file, there)
        if file.size is not None and self._is_too_large(file.size):
            return self._left_out(file)
        try:
            return self._by_link(file, renew)
        except _TooLargeError:
            return self._left_out(file)

    def _by_link(self, file: VendorFile, renew: Renew) -> KeptFile:
        if file.link is not None:
            try:
                return self._fetched(file, file.link)
            except VendorError as error:
                if error.status not in _EXPIRED:
                    raise
        again = renew()
        if again is None or again.link is None:
            msg = f"{file.name} has no link any more" if again else f"{file.name} is gone"
            raise GoneError(msg, status=HTTPStatus.NOT_FOUND)
        return self._fetched(again, again.link)

    def _fetched(self, file: VendorFile, link: str) -> KeptFile:
        for _ in range(_MOST_REDIRECTIONS + 1):
            request = Request(
                "GET",
                link,
                label=f"GET the file of {file.name}",
                headers=_HEADERS,
                authorized=False,
                to_vendor=False,
                accept=_REDIRECTIONS,
            )
            with self._store.room(file.size):
                found = self._client.receive(
                    request, lambda response: self._received(file, response), self._stats
                )
            if isinstance(found, KeptFile):
                return found
            link = _redirected(file, link, found)
        msg = f"the file of {file.name}: more than {_MOST_REDIRECTIONS} redirections"
        raise StreamError(msg)

    def _received(self, file: VendorFile, response: StreamedResponse) -> KeptFile | str:
        """Store a body as it comes; returns the target of a redirection instead."""
        if response.status in _REDIRECTIONS:
            return response.headers.get("location", "")
        kind = file.content_type or content_type(response.headers) or None
        announced = response.headers.get("content-length", "")
        if announced.isdecimal() and self._is_too_large(int(announced)):
            raise _TooLargeError(file.name)
        with self._store.writing(file.place, size=file.size, content_type=kind) as write:
            for chunk in response.chunks():
                if not write.size:
                    _check_beginning(file, chunk)
                size = write.size + len(chunk)
                if file.size is not None and size > file.size:
                    _check_size(file, size)
                if self._is_too_large(size):
                    raise _TooLargeError(file.name)
                write(chunk)
            _check_size(file, write.size)
        self._stats.count_file(write.size)
        return KeptFile(self._store.uri(file.place), write.size, kind, write.sha256, utc_now())

    def _as_it_is(self, file: VendorFile, there: Found) -> KeptFile:
        """What stands at the place."""
        uri, digest = self._store.uri(file.place), self._store.sha256(file.place, there)
        return KeptFile(uri, there.size, file.content_type, digest, there.stored_at)

    def _left_out(self, file: VendorFile) -> KeptFile:
        _log.warning(
            "stream %s: %s is larger than max_file_bytes (%d), skipped",
            self._stats.stream,
            file.name,
            self._max_bytes,
        )
        return KeptFile(size=file.size, content_type=file.content_type)

    def _is_too_large(self, size: int) -> bool:
        return self._max_bytes is not None and size > self._max_bytes


class _TooLargeError(StreamError):
    """A file turned out larger than ``max_file_bytes``."""


def is_up_to_date(file: VendorFile, there: Found) -> bool:
    """Whether what stands at a file's place is the file.

    It is complete, since nothing else ever stands there. If the vendor gives a size, it must be
    that. If it gives none, the file must have been stored after its last change.
    """
    if file.size is not None and there.size != file.size:
        return False
    if file.changed is not None:
        return there.stored_at > file.changed
    return file.size is not None


def _check_size(file: VendorFile, size: int) -> None:
    if file.size is None and size == 0:
        msg = "the file is empty"
        raise BadBodyError(msg)
    if file.size is not None and size != file.size:
        found = "more came" if size > file.size else f"{size} came"
        msg = f"the file of {file.name}: the record says {file.size} bytes, but {found}"
        raise BadBodyError(msg)


def _check_beginning(file: VendorFile, chunk: bytes) -> None:
    """A web page in place of a file of another kind is some proxy's, and no file."""
    is_page = chunk[:1024].lstrip().lower().startswith(_HTML)
    if is_page and file.content_type and "html" not in file.content_type:
        msg = f"the file of {file.name}: expected {file.content_type}, got a page of HTML"
        raise BadBodyError(msg)


def _redirected(file: VendorFile, link: str, target: str) -> str:
    """The address that a redirection leads to, if it may be followed."""
    try:
        whole = urljoin(link, target)
        before, after = urlsplit(link), urlsplit(whole)
    except ValueError:
        whole, before, after = "", urlsplit(link), urlsplit("")
    if not target or after.scheme not in {"https", before.scheme} or not after.hostname:
        msg = f"the file of {file.name}: a redirection that can't be followed"
        raise StreamError(msg)
    return whole
