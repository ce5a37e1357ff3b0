"""What a response is, whatever was requested: rows, a job, or nothing."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_crewmojo.report_jobs import Job
from tap_kit.errors import BadBodyError
from tap_kit.http.response import Response
from tap_kit.tables import check_table, is_empty
from tap_kit.text.content import Kind, error_in, holds_rows, kind_of, means_rows

if TYPE_CHECKING:
    from tap_kit.http.download import Download
    from tap_kit.tables import TableShape

_SMALL = 2**16
"""Bytes; a response that is larger is no job."""


def job_of(download: Download, polled: Job | None = None) -> Job | None:
    """Return the job that prepares the report; None where the response holds rows or nothing.

    A list without rows beside a jobId is no empty report: the rows are still to come.

    Args:
        download: The response.
        polled: The job that was asked for; it goes on where the response is 202 without rows.

    Raises:
        BadBodyError: It is a JSON object that is neither a job nor holds rows, or a job that has
            failed; or it is a 202 that names no job.
    """
    accepted = download.status == HTTPStatus.ACCEPTED
    if accepted and is_empty(download):
        if polled is not None:
            return polled
        msg = "HTTP 202 without a jobId"
        raise BadBodyError(msg, status=download.status)
    decoded = _json_object(download)
    if decoded is None:
        return None
    named = _job_in(decoded)
    if holds_rows(decoded) and (named is None or _has_rows(decoded)):
        return None
    job = named or (polled if accepted else None)
    # Beside a job, too, a message may be about anything.
    error = error_in(decoded) if job is None else error_in(decoded, rows=1)
    if job is not None and error is None:
        return job
    found = f"an error: {error}" if error else f"an object of {', '.join(decoded) or 'nothing'}"
    msg = f"expected rows or a jobId, got {found}"
    raise BadBodyError(msg, status=download.status)


def check_report(
    download: Download, shape: TableShape | None = None, polled: Job | None = None
) -> None:
    """Check a response, as long as its request can be sent again.

    Args:
        download: The response.
        shape: The report's columns, where they are known.
        polled: The job that was asked for.

    Raises:
        BadBodyError: It is neither rows nor a job, or was cut off.
        DataError: The table contradicts itself.
    """
    if job_of(download, polled) is None and not is_empty(download):
        check_table(download, shape=shape)


def _has_rows(decoded: dict[str, Any]) -> bool:
    return any(member for name, member in decoded.items() if means_rows(name, member))


def _job_in(decoded: dict[str, Any]) -> Job | None:
    job_id = decoded.get("jobId")
    if isinstance(job_id, str | int) and not isinstance(job_id, bool) and job_id != "":
        return Job(str(job_id))
    return None


def _json_object(download: Download) -> dict[str, Any] | None:
    if download.size > _SMALL or kind_of(download.file, download.charset) is not Kind.JSON:
        return None
    content = download.file.read()
    download.file.seek(0)
    decoded = Response(download.status, download.headers, content).json()
    return decoded if isinstance(decoded, dict) else None
