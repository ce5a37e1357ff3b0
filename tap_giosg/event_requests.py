"""Requests the event rows of an interval, from source data, step data or its download."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_giosg.client import interval, or_none
from tap_kit.errors import BadBodyError
from tap_kit.tables import check_table, read_table
from tap_kit.text.content import is_empty_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_giosg.client import GiosgClient
    from tap_giosg.event_series import EventSeries
    from tap_giosg.organization import Organization
    from tap_kit.http.download import Download
    from tap_kit.stats import StreamStats
    from tap_kit.tables import Block, TableShape
    from tap_kit.time.windows import Window


@dataclass
class Responses:
    """What giosg has sent to the requests for rows of a stream, in this run.

    Attributes:
        tables: Whether any with a table.
        not_found: Whether any with 404.
    """

    tables: bool = False
    not_found: bool = False


@dataclass(frozen=True)
class EventRequests:
    """Fetches the rows of one stream, by series and interval.

    Attributes:
        giosg: Sends the requests.
        organization: Whose rows.
        format: ``json`` (query endpoints), ``csv`` or ``xlsx`` (download).
        payload: What every request holds, whatever its series and interval.
        step_data: The setting: a list for all workflows, or lists by workflow id.
        responses: To these requests.
    """

    giosg: GiosgClient
    organization: Organization
    format: str
    payload: Mapping[str, Any]
    step_data: Sequence[Any] | Mapping[str, Sequence[Any]] | None = None
    responses: Responses = field(default_factory=Responses)

    @classmethod
    def from_config(
        cls,
        giosg: GiosgClient,
        organization: Organization,
        config: Mapping[str, Any],
        *,
        stream: str,
        format_: str,
    ) -> EventRequests:
        """Take what requests need from the settings.

        ``filters`` is required, even if it is empty; the download has no ``basic``.
        """
        filters = config["filters"]
        payload: dict[str, Any] = {
            "filters": filters.get(stream, []) if isinstance(filters, dict) else filters
        }
        if format_ == "json":
            payload["basic"] = config["basic"]
        else:
            payload["format"] = format_
        return cls(giosg, organization, format_, payload, config.get("step_data"))

    def download(
        self,
        series: EventSeries,
        window: Window,
        stats: StreamStats,
        *,
        limit: int | None = None,
        shape: TableShape | None = None,
    ) -> Download | None:
        """Fetch the rows of a series in an interval; None if giosg says that there is no data.

        The response is complete: one that was cut off, or is no table of the stream (``shape``, its
        columns), is requested again before its rows are used.
        """
        if series.step_index is None:
            path = "source_data"
        else:
            path = f"step/{series.step_index}{'' if self.format == 'json' else '/download/'}"
        payload = {**self.payload, "target": series.target, "interval": interval(window)}
        step_data = self.step_data
        if isinstance(step_data, Mapping):
            step_data = step_data.get(series.workflow_id)
        if step_data is not None:
            payload["step_data"] = step_data
        if limit is not None:
            payload["limit"] = limit
        request = self.giosg.event_request(
            self.organization.id(stats), series.workflow_id, path, payload
        )

        def check(download: Download) -> None:
            self._check(download, shape)

        download = or_none(lambda: self.giosg.http.download(request, stats, check))
        if download is None:
            self.responses.not_found = True
        else:
            self.responses.tables = True
        return download

    def blocks(self, download: Download) -> Iterator[Block]:
        """Read a response.

        Raises:
            BadBodyError: It is no table, such as an error in JSON in place of a file.
            DataError: The table contradicts itself.
        """
        return read_table(download, self.format)

    def _check(self, download: Download, shape: TableShape | None) -> None:
        """Check that a response is complete, as long as its request can be sent again."""
        check_table(download, self.format, shape)
        if self.format == "json" and is_empty_list(download.file, download.charset):
            # An interval without events comes as an object, too: its list is what is empty.
            msg = "expected an object with fields and data, got an empty list"
            raise BadBodyError(msg, status=download.status)
