"""Files on their way into a bucket: in one piece while they are small, else piece by piece."""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PIECE: Final = 5 * 1024 * 1024
"""Bytes of a piece of a large file: the least that S3 takes. Smaller files are put at once."""
_MOST_PIECES = 9_000
"""S3 takes 10 000."""
_GROWTH = 1_000
"""A file of unknown length: a piece is a thousandth of what was sent. So 5 TB are 7 900 pieces."""
_MEGABYTE = 1024 * 1024
_SMALL: Final = 256 * 1024
"""Bytes that a file of unknown length takes without asking for room."""
_ROOM: Final = 25 * 1024 * 1024
"""Bytes for all files on their way; a large one takes a piece, whatever its length."""

HASH: Final = "sha256"
"""The name under which a bucket keeps the hash of a file that was put in one piece."""


class Room:
    """Memory for the pieces of files on their way, over all threads of a run."""

    def __init__(self) -> None:
        self._free = _ROOM
        self._changed = threading.Condition()

    @contextmanager
    def for_file(self, size: int | None) -> Iterator[None]:
        """Wait until there is memory for a file, before it is requested.

        Args:
            size: Its length, if it is known. Otherwise its upload asks for room when it grows.
        """
        taken = min(size or 0, piece_of(size), _ROOM)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= taken)
            self._free -= taken
        try:
            yield
        finally:
            with self._changed:
                self._free += taken
                self._changed.notify_all()


def piece_of(size: int | None) -> int:
    """Return the bytes of a piece of a file whose length, if it is known, is ``size``."""
    return max(PIECE, _whole_megabytes((size or 0) / _MOST_PIECES))


class Upload(ABC):
    """A file on its way. It appears in the bucket when it is finished, and not before.

    Args:
        size: Its length, if it is known; :meth:`Room.for_file` has made room then.
        room: For files whose length is not.
    """

    def __init__(self, size: int | None, room: Room) -> None:
        self._size = size
        self._room = room
        self._asked = contextlib.ExitStack()
        self._piece = piece_of(size)
        self._begun = False
        self._sent = 0
        self._buffer = BytesIO()
        self._waits = size is None
        if size is not None:
            _stretch(self._buffer, min(size, self._piece))

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; all pieces but the last are equally long, as some storages want."""
        rest = memoryview(chunk)
        while rest:
            if self._buffer.tell() == self._piece:
                self._send()
            room = self._piece - self._buffer.tell()
            if self._waits and self._buffer.tell() + len(rest) > _SMALL:
                self._ask_for_room()
            self._buffer.write(rest[:room])
            rest = rest[room:]

    def finish(self, sha256: str) -> None:
        """Let the file appear.

        Args:
            sha256: Its hash, in hex; kept beside a file that is put in one piece.
        """
        self._buffer.truncate()
        self._buffer.seek(0)
        if self._begun:
            self._send_piece(self._buffer)
            self._complete()
        else:
            self._put(self._buffer, sha256)

    def abandon(self) -> None:
        """Let the cloud forget the pieces; what it keeps nevertheless never becomes a file."""
        if self._begun:
            with contextlib.suppress(Exception):  # the reason for it counts, not this
                self._forget()

    def close(self) -> None:
        """Give the memory back."""
        self._buffer.close()
        self._asked.close()

    def _ask_for_room(self) -> None:
        self._waits = False
        self._asked.enter_context(self._room.for_file(self._piece))
        _stretch(self._buffer, self._piece)

    def _send(self) -> None:
        if not self._begun:
            self._begin()
            self._begun = True
        self._buffer.seek(0)
        self._send_piece(self._buffer)
        self._sent += self._piece
        if self._size is None:
            self._piece = max(PIECE, _whole_megabytes(self._sent / _GROWTH))
        self._buffer.seek(0)

    @abstractmethod
    def _put(self, body: BytesIO, sha256: str) -> None:
        """Put the file in one piece."""

    @abstractmethod
    def _begin(self) -> None:
        """Say that pieces will come."""

    @abstractmethod
    def _send_piece(self, body: BytesIO) -> None:
        """Send the next piece; its position is at the beginning."""

    @abstractmethod
    def _complete(self) -> None:
        """Make the file of the pieces."""

    @abstractmethod
    def _forget(self) -> None:
        """Drop the pieces."""


class S3Upload(Upload):
    """By the requests of S3 themselves, since s3fs's files keep each piece in memory three times.

    Args:
        call: :meth:`s3fs.S3FileSystem.call_s3`, of a file system that :func:`rewinds` was given.
        target: Bucket and key.
        content_type: The media type, if it is known.
        size: Length, if it is known.
        room: Memory for those whose length is not.
    """

    def __init__(
        self,
        call: Callable[..., Mapping[str, Any]],
        target: Mapping[str, str],
        content_type: str | None,
        *,
        size: int | None,
        room: Room,
    ) -> None:
        super().__init__(size, room)
        self._call = call
        self._target = dict(target)
        self._kept = {"ContentType": content_type} if content_type else {}
        self._upload: dict[str, str] = {}
        self._parts: list[Mapping[str, object]] = []

    def _put(self, body: BytesIO, sha256: str) -> None:
        kept = {**self._kept, "Metadata": {HASH: sha256}}
        self._call("put_object", **self._target, **kept, Body=body)

    def _begin(self) -> None:
        begun = self._call("create_multipart_upload", **self._target, **self._kept)
        self._upload = {"UploadId": begun["UploadId"]}

    def _send_piece(self, body: BytesIO) -> None:
        number = len(self._parts) + 1
        sent = self._call(
            "upload_part", **self._target, **self._upload, PartNumber=number, Body=body
        )
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})

    def _complete(self) -> None:
        parts = {"Parts": self._parts}
        self._call(
            "complete_multipart_upload", **self._target, **self._upload, MultipartUpload=parts
        )

    def _forget(self) -> None:
        self._call("abort_multipart_upload", **self._target, **self._upload)


def rewinds(system: Any) -> None:  # noqa: ANN401  # fsspec has no types
    """Let each try of a request to S3 send its body from the beginning.

    botocore does so at its own tries, but s3fs tries again, too, with what the first try has read.
    """
    system.s3.meta.events.register("before-parameter-build.s3", _from_the_beginning)


def _from_the_beginning(params: Mapping[str, Any], **_: object) -> None:
    body = params.get("Body")
    if isinstance(body, BytesIO):
        body.seek(0)


class FileUpload(Upload):
    """Through a file of fsspec, for the other clouds.

    Args:
        system: The file system.
        path: Bucket and name.
        options: For a new file, such as its media type.
        keeps_hash: Whether it can have metadata of its own.
        size: Length, if it is known.
        room: Memory for those whose length is not.
    """

    def __init__(  # noqa: PLR0913  # the file, and what is known of it
        self,
        system: Any,  # noqa: ANN401  # fsspec has no types
        path: str,
        options: Mapping[str, Any],
        *,
        keeps_hash: bool,
        size: int | None,
        room: Room,
    ) -> None:
        super().__init__(size, room)
        self._system = system
        self._path = path
        self._options = options
        self._keeps_hash = keeps_hash
        self._file: Any = None

    def _put(self, body: BytesIO, sha256: str) -> None:
        metadata = {"metadata": {HASH: sha256}} if self._keeps_hash else {}
        self._system.pipe_file(self._path, body.getvalue(), **self._options, **metadata)

    def _begin(self) -> None:
        # Without autocommit nothing but commit() makes the file appear, whatever closes it.
        self._file = self._system.open(
            self._path, "wb", block_size=self._piece, autocommit=False, **self._options
        )

    def _send_piece(self, body: BytesIO) -> None:
        self._file.write(body.read())

    def _complete(self) -> None:
        self._file.close()
        self._file.commit()

    def _forget(self) -> None:
        try:
            self._file.discard()
        finally:
            self._file.closed = True


def _stretch(buffer: BytesIO, size: int) -> None:
    """Let a buffer have its memory at once, rather than grow and be copied, again and again."""
    position = buffer.tell()
    if size > position:
        buffer.seek(size - 1)
        buffer.write(b"\0")
        buffer.seek(position)


def _whole_megabytes(size: float) -> int:
    return -int(-size // _MEGABYTE) * _MEGABYTE
