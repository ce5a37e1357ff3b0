"""Files that records of Flow link to: which there are, and the rows of the stream ``files``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from tap_flow.job_query import JobFields
from tap_kit.errors import DataError
from tap_kit.files.keeper import KeptFile, VendorFile
from tap_kit.files.place import place_of
from tap_kit.streams.changes import changed_at
from tap_kit.time.clock import format_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_kit.streams.reader import Record

ATTACHMENTS: Final = "attachments"
THUMBNAILS: Final = "thumbnails"
REPORTS: Final = "reports"
REPORT_TEMPLATES: Final = "report_templates"
COLLECTIONS: Final = "collections"

JOB_KINDS: Final = (ATTACHMENTS, THUMBNAILS, REPORTS)
"""Kinds of files that belong to completed jobs; the Query API has them."""
LISTED_KINDS: Final = (REPORT_TEMPLATES, COLLECTIONS)
"""Kinds of files that belong to the items of a REST list."""
KINDS: Final = (*JOB_KINDS, *LISTED_KINDS)

_LINK = "downloadUrl"
_TEMPLATE_FILES = ("templateBodyFile", "templateHeaderFile")


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A file, and the field of the record that links to it.

    Attributes:
        stream: The stream of the record.
        key: The record's key.
        field: The path of the field that holds the link.
        name: The vendor's name of the file.
        link: The signed link; None where there is none.
        size: Length in bytes, if the vendor says.
        content_type: The media type, if the vendor says.
        changed: When the file was made or changed, if the vendor says.
        among_others: The record links to several files, which the field tells apart.
    """

    stream: str
    key: Mapping[str, str]
    field: str
    name: str
    link: str | None
    size: int | None = None
    content_type: str | None = None
    changed: datetime | None = None
    among_others: bool = False

    @property
    def file_id(self) -> str:
        """A hash over stream, key and field."""
        parts = json.dumps([self.stream, *self.key.values(), self.field], ensure_ascii=False)
        return sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def label(self) -> str:
        """What the file is called in messages."""
        return " ".join((self.stream, *self.key.values()))

    def as_vendor_file(self) -> VendorFile:
        """The file, with its place."""
        folders = [self.stream, *self.key.values(), *([self.field] if self.among_others else [])]
        return VendorFile(
            self.label,
            place_of(folders, self.name),
            self.link,
            size=self.size,
            content_type=self.content_type,
            changed=self.changed,
        )

    def row(self, kept: KeptFile) -> Record:
        """The row of the file, once it stands at its place or is left out."""
        return {
            "file_id": self.file_id,
            "stream": self.stream,
            "record_key": dict(self.key),
            "field": self.field,
            "name": self.name,
            "uri": kept.uri,
            "content_type": kept.content_type,
            "size": kept.size,
            "sha256": kept.sha256,
            "fetched_at": format_time(kept.stored_at) if kept.stored_at else None,
        }

    def left_out(self) -> Record:
        """The row of a file that can't be had."""
        return self.row(KeptFile(size=self.size, content_type=self.content_type))


class JobFilesQuery:
    """The query for the files of completed jobs.

    Args:
        stream: The name under which the files are given.
        kinds: Which ones, of :data:`JOB_KINDS`.
        files_to: The setting: in another folder or bucket the earlier files are missing.
    """

    def __init__(self, stream: str, kinds: Sequence[str], files_to: str) -> None:
        self._stream = stream
        self._kinds = [kind for kind in JOB_KINDS if kind in kinds]
        self._to = sha256(files_to.rstrip("/").encode()).hexdigest()[:16]
        self.fields = JobFields(" ".join(("jobId completedJobCursor updated", *self._selected())))
        self.kept: Mapping[str, object] = MappingProxyType(
            {"files": self._kinds, "files_to": self._to}
        )

    def continues(self, entry: Mapping[str, Any]) -> bool:
        """Whether all that is wanted now was wanted when a bookmark was saved."""
        before = entry.get("files")
        return (
            isinstance(before, list)
            and {*self._kinds} <= {*map(str, before)}
            and entry.get("files_to") == self._to
        )

    def _selected(self) -> Iterator[str]:
        facts = f"mimeType fileSize {_LINK}"
        own = facts if ATTACHMENTS in self._kinds else ""
        inner = f"thumbnails {{ name {facts} }}" if THUMBNAILS in self._kinds else ""
        if own or inner:
            yield f"attachments {{ attachmentId {own} {inner} }}"
        if REPORTS in self._kinds:
            yield f"reports {{ generatedReportId generated mimeType {_LINK} }}"

    def records(self, jobs: Sequence[Any]) -> dict[str, list[FlowFile]]:
        """The files of jobs, in the order of the jobs."""
        return {self._stream: [file for job in jobs for file in self._of_job(job)]}

    def _of_job(self, job: Any) -> Iterator[FlowFile]:  # noqa: ANN401  # a decoded row
        for attachment in _objects(job, "attachments"):
            key = _key("job_attachments", {"jobId": job, "attachmentId": attachment})
            if ATTACHMENTS in self._kinds:
                yield _linked("job_attachments", key, attachment)
            for thumbnail in _objects(attachment, "thumbnails"):
                inner = key | _key("job_attachment_thumbnails", {"name": thumbnail})
                yield _linked("job_attachment_thumbnails", inner, thumbnail, inner["name"])
        for report in _objects(job, "reports"):
            key = _key("job_reports", {"jobId": job, "generatedReportId": report})
            yield _linked("job_reports", key, report, changed=changed_at(report, ["generated"]))


def template_files(template: Record) -> Iterator[FlowFile]:
    """The files of a report template (guide 9.1)."""
    key = _key("report_templates", {"reportTemplateId": template})
    files = template.get("template")
    if not isinstance(files, dict):
        return
    changed = changed_at(files, ["uploadedDate"]) or changed_at(template, ["lastUpdated"])
    for member in _TEMPLATE_FILES:
        file = files.get(member)
        if isinstance(file, dict) and file.get(_LINK):
            yield FlowFile(
                "report_templates",
                key,
                f"template.{member}.{_LINK}",
                _text(file, "name") or _name_in(file[_LINK]),
                file[_LINK],
                content_type=_text(file, "contentType"),
                changed=changed,
                among_others=True,
            )


def collection_files(collection: Record) -> Iterator[FlowFile]:
    """The CSV file of a collection, if it has one (guide 4.2).

    Each upload has a name of its own, so that earlier files stay where they are.
    """
    link = collection.get("csvDownloadUrl")
    if link:
        yield FlowFile(
            "collections",
            _key("collections", {"collectionId": collection}),
            "csvDownloadUrl",
            _text(collection, "csvFileName") or _name_in(link),
            link,
            size=_size(collection, "csvFileSize"),
            content_type="text/csv",
            changed=changed_at(collection, ["dataLastChanged"]),
        )


def _linked(
    stream: str,
    key: Mapping[str, str],
    record: Record,
    name: str | None = None,
    changed: datetime | None = None,
) -> FlowFile:
    link = _text(record, _LINK)
    return FlowFile(
        stream,
        key,
        _LINK,
        name or _name_in(link or ""),
        link,
        size=_size(record, "fileSize"),
        content_type=_text(record, "mimeType"),
        changed=changed,
    )


def _key(stream: str, columns: Mapping[str, Any]) -> dict[str, str]:
    """The columns of a key, each with the object that holds it."""
    key = {name: holder.get(name) for name, holder in columns.items()}
    for name, value in key.items():
        if not isinstance(value, str) or not value:
            msg = (
                f"stream files: field {name} is part of the primary key of {stream}, but the "
                "vendor sent none"
            )
            raise DataError(msg)
    return key


def _objects(holder: Any, member: str) -> list[Record]:  # noqa: ANN401  # a decoded row
    found = holder.get(member) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        msg = f"stream files: field {member} should be a list of objects, but is something else"
        raise DataError(msg)
    return found


def _text(record: Record, member: str) -> str | None:
    value = record.get(member)
    return value if isinstance(value, str) and value else None


def _size(record: Record, member: str) -> int | None:
    value = record.get(member)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _name_in(link: str) -> str:
    """The name of the file in storage: the last part of the link's path."""
    try:
        return unquote(urlsplit(link).path.rpartition("/")[2])
    except ValueError:
        return ""
