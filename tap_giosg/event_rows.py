"""Event rows of an interval: source data, step source data or its download, read as blocks."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from tap_giosg.api import interval, or_none
from tap_kit.errors import BadBodyError
from tap_kit.http.call import Body
from tap_kit.http.faults import vendor_message
from tap_kit.rows import read_csv, read_json, read_xlsx
from tap_kit.rows.json_rows import LARGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_giosg.organization import Organization
    from tap_giosg.sources import Source
    from tap_kit.http.download import Download
    from tap_kit.rows import Block
    from tap_kit.stats import StreamStats
    from tap_kit.windows import Window

_EXCERPT = 2000
_CHUNK = 2**20
_NO_TABLES = ("application/json", "text/html")


@dataclass(frozen=True)
class EventRows:
    """How the rows of one stream are asked for.

    Attributes:
        organization: Whose rows.
        format: ``json`` (query endpoints), ``csv`` or ``xlsx`` (download).
        payload: What every request holds, whatever its source and interval.
        step_data: The setting: a list for all workflows, or lists by workflow id.
    """

    organization: Organization
    format: str
    payload: Mapping[str, Any]
    step_data: Sequence[Any] | Mapping[str, Sequence[Any]] | None = None

    @classmethod
    def from_config(
        cls, organization: Organization, config: Mapping[str, Any], stream: str, format_: str
    ) -> EventRows:
        """From the tap's settings, for one stream.

        ``filters`` is required even when there is none; the download endpoint has no
        ``basic``.
        """
        filters = config["filters"]
        payload: dict[str, Any] = {
            "filters": filters.get(stream, []) if isinstance(filters, dict) else filters
        }
        if format_ == "json":
            payload["basic"] = config["basic"]
        else:
            payload["format"] = format_
        return cls(organization, format_, payload, config.get("step_data"))

    def ask(
        self, source: Source, window: Window, stats: StreamStats, *, limit: int | None = None
    ) -> Download | None:
        """Fetch a source's rows of an interval; None where giosg says that there is no data.

        The answer is whole: one that is cut off is asked for again before any row of it is used.
        """
        if source.step_index is None:
            path = "source_data"
        else:
            path = f"step/{source.step_index}{'' if self.format == 'json' else '/download/'}"
        payload = {**self.payload, "target": source.target, "interval": interval(window)}
        step_data = self.step_data
        if isinstance(step_data, Mapping):
            step_data = step_data.get(source.workflow_id)
        if step_data is not None:
            payload["step_data"] = step_data
        if limit is not None:
            payload["limit"] = limit
        api = self.organization.api
        call = api.rows(self.organization.id(stats), source.workflow_id, path, payload)
        return or_none(lambda: api.client.download(call, stats, self._check))

    def blocks(self, download: Download) -> Iterator[Block]:
        """Read an answer.

        Raises:
            BadBodyError: It is no table, such as an error in JSON where a file was asked for.
            DataError: It contradicts itself.
        """
        kind = download.content_type
        if kind in _NO_TABLES and kind != f"application/{self.format}":
            beginning = Body(download.status, download.headers, download.file.read(_EXCERPT))
            msg = f"expected {self.format}, got {kind}: {vendor_message(beginning)}"
            raise BadBodyError(msg, status=download.status)
        if self.format == "json":
            return read_json(download.file)
        if self.format == "xlsx":
            return read_xlsx(download.file)
        return read_csv(download.file, download.charset)

    def _check(self, download: Download) -> None:
        """Find out now, while it can still be asked for again, whether an answer is whole.

        The first block tells for workbooks, which open only when they are whole, and for all but
        large JSON. CSV ends within a quoted cell only where its quotes don't come in pairs.
        """
        doubtful = (self.format == "csv" and _has_odd_quote(download.file)) or (
            self.format == "json" and download.size > LARGE
        )
        blocks = self.blocks(download)
        next(blocks, None)
        if doubtful:
            deque(blocks, maxlen=0)


def _has_odd_quote(file: IO[bytes]) -> bool:
    quotes = sum(chunk.count(b'"') for chunk in iter(partial(file.read, _CHUNK), b""))
    file.seek(0)
    return quotes % 2 == 1
