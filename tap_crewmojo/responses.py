"""What a response is, whatever was requested: rows, a job, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_crewmojo.report_jobs import Job
from tap_kit.errors import BadBodyError
from tap_kit.http.response import Response
from tap_kit.tables import check_table, is_empty
from tap_kit.text.content import Kind, error_in, holds_rows, kind_of

if TYPE_CHECKING:
    from tap_kit.http.download import Download
    from tap_kit.tables import TableShape

_SMALL = 2**16
"""Bytes; a response that is larger is no job."""


def job_of(download: Download) -> Job | None:
    """Return the job that prepares the report; None where the response holds rows or nothing.

    Raises:
        BadBodyError: It is a JSON object that is neither a job nor holds rows.
    """
    decoded = _json_object(download)
    if decoded is None or holds_rows(decoded):
        return None
    job_id = decoded.get("jobId")
    if isinstance(job_id, str | int) and not isinstance(job_id, bool) and job_id != "":
        return Job(str(job_id))
    error = error_in(decoded)
    found = f"an error: {error}" if error else f"an object of {', '.join(decoded) or 'nothing'}"
    msg = f"expected rows or a jobId, got {found}"
    raise BadBodyError(msg, status=download.status)


def check_report(download: Download, shape: TableShape | None = None) -> None:
    """Check a response, as long as its request can be sent again.

    Args:
        download: The response.
        shape: The report's columns, where they are known.

    Raises:
        BadBodyError: It is neither rows nor a job, or was cut off.
        DataError: The table contradicts itself.
    """
    if not is_empty(download) and job_of(download) is None:
        check_table(download, shape=shape)


def _json_object(download: Download) -> dict[str, Any] | None:
    if download.size > _SMALL or kind_of(download.file, download.charset) is not Kind.JSON:
        return None
    content = download.file.read()
    download.file.seek(0)
    decoded = Response(download.status, download.headers, content).json()
    return decoded if isinstance(decoded, dict) else None
