"""A complete body that may be too large for memory."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, cast

from tap_kit.errors import StreamError
from tap_kit.http.response import charset, content_type

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import Self

    from tap_kit.http.response import StreamedResponse

_IN_MEMORY = 8 * 1024 * 1024
"""Bytes; a larger body goes to disk."""


class Download:
    """A complete response, in a temporary file. A context manager: leaving it deletes the file.

    Attributes:
        status: HTTP status.
        headers: Looking one up ignores case.
        file: The decoded body, at its beginning; binary, and in memory up to 8 MB.
        size: Length of the body in bytes.
    """

    def __init__(self, status: int, headers: Mapping[str, str], file: IO[bytes], size: int) -> None:
        """Take over the file."""
        self.status = status
        self.headers = headers
        self.file = file
        self.size = size

    @classmethod
    def of(cls, response: StreamedResponse) -> Download:
        """Read a response to its end.

        Raises:
            TransientError: The body was cut off or does not decode.
            StreamError: The file can't be written, for instance because the disk is full.
        """
        file = cast("IO[bytes]", SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115  # it stays open
        try:
            for chunk in response.chunks():
                _keep(file, chunk)
        except BaseException:
            file.close()
            raise
        size = file.tell()
        file.seek(0)
        return cls(response.status, response.headers, file, size)

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; "" if there is none."""
        return content_type(self.headers)

    @property
    def charset(self) -> str | None:
        """The charset in ``Content-Type``; None if it names none."""
        return charset(self.headers)

    def close(self) -> None:
        """Delete the file."""
        self.file.close()

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Delete the file."""
        self.close()


def _keep(file: IO[bytes], chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        msg = (
            f"a large response can't be kept in a temporary file: {error.strerror or error}; make "
            "room where TMPDIR points to, or set it to another folder"
        )
        raise StreamError(msg) from error
