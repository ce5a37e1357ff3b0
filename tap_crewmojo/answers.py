"""What an answer is, whatever was asked for: rows, a job, or nothing."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from tap_crewmojo.delivery import Job
from tap_kit.errors import BadBodyError
from tap_kit.http.call import Body, excerpt
from tap_kit.rows import read_answer
from tap_kit.rows.json_rows import LARGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_kit.http.download import Download
    from tap_kit.rows import Block

_NOTHING = b"\xef\xbb\xbf \t\r\n"
_SMALL = 2**16
"""Bytes; no job needs more."""


def read_blocks(download: Download) -> Iterator[Block]:
    """The rows of an answer; the parser is chosen by its Content-Type."""
    return read_answer(download.file, download.content_type, download.charset)


def is_empty(download: Download) -> bool:
    """Whether a body holds nothing at all, not even headings."""
    return download.size < _SMALL and not _content(download).strip(_NOTHING)


def job_of(download: Download) -> Job | None:
    """The job that prepares the report, if the answer is one.

    Raises:
        BadBodyError: It is a JSON object that is neither a job nor holds rows.
    """
    answer = _json_object(download)
    if answer is None or any(isinstance(member, list) for member in answer.values()):
        return None
    job_id = answer.get("jobId")
    if isinstance(job_id, str | int) and not isinstance(job_id, bool) and job_id != "":
        return Job(str(job_id))
    msg = f"expected rows or a jobId, got {excerpt(_content(download).decode(errors='replace'))}"
    raise BadBodyError(msg, status=download.status)


def check(download: Download) -> None:
    """Look at an answer while it can still be asked for again.

    Small ones are read to their end. Of large ones only the beginning is looked at: the client
    has seen to it that all that was announced has come.

    Raises:
        BadBodyError: It is not what it should be, or not whole.
        DataError: It contradicts itself.
    """
    if is_empty(download) or job_of(download) is not None:
        return
    blocks = read_blocks(download)
    next(blocks, None)
    if download.size <= LARGE:
        deque(blocks, maxlen=0)


def _json_object(download: Download) -> dict[str, Any] | None:
    if download.size > _SMALL or download.content_type != "application/json":
        return None
    content = _content(download)
    if not content.lstrip(_NOTHING).startswith(b"{"):
        return None
    answer: dict[str, Any] = Body(download.status, download.headers, content).json()
    return answer


def _content(download: Download) -> bytes:
    content = download.file.read()
    download.file.seek(0)
    return content
