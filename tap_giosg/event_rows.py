"""Event rows of an interval: source data, step source data or its download, read as blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_giosg.api import interval, or_none
from tap_kit.errors import BadBodyError
from tap_kit.tables import check_table, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_giosg.organization import Organization
    from tap_giosg.sources import Source
    from tap_kit.http.download import Download
    from tap_kit.stats import StreamStats
    from tap_kit.tables import Block
    from tap_kit.time.windows import Window

_SMALL = 64
"""Bytes of what may be an empty list."""


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
        return read_table(download, self.format)

    def _check(self, download: Download) -> None:
        """Find out now, while it can still be asked for again, whether an answer is whole."""
        check_table(download, self.format)
        if self.format == "json" and download.size < _SMALL:
            content = download.file.read()
            download.file.seek(0)
            if content.strip() == b"[]":
                # An interval without events comes as an object, too: its list is what is empty.
                msg = "expected an object with fields and data, got an empty list"
                raise BadBodyError(msg, status=download.status)
