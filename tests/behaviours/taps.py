"""The four taps as entries of one table: what a behaviour test must know of each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.giosg.vendor import Giosg
from tap_crewmojo.tap import TapCrewmojo
from tap_flow.tap import TapFlow
from tap_giosg.tap import TapGiosg
from tap_xoi.tap import TapXoi
from tests.tap_xoi.plates import without_plate_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox import Sandbox
    from tap_kit.tap import KitTap

Record = dict[str, Any]


def _truth(sandbox: Sandbox, vendor: str, stream: str) -> list[Record]:
    return sandbox.truth(vendor, stream)


def _giosg_truth(sandbox: Sandbox, vendor: str, stream: str) -> list[Record]:
    giosg = sandbox.vendor(vendor)
    assert isinstance(giosg, Giosg)
    if stream == "source_data":  # the only endpoint that answers with JSON alone
        return list(giosg.event_rows(stream, typed=True))
    return sandbox.truth(vendor, stream)


def _as_it_is(row: Record) -> Record:
    return row


@dataclass(frozen=True, kw_only=True)
class Case:
    """A tap, and where to meet its streams."""

    tap: type[KitTap]
    scale: float = 1.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Beyond the sandbox's own: what makes a small world many requests."""
    incremental: tuple[str, ...]
    """All streams with bookmarks."""
    cursors: bool = False
    """The bookmarks are no times."""
    broken: tuple[str, ...]
    """Streams that fail together when ``fault`` meets all requests; the first has a bookmark."""
    fault: Mapping[str, Any]
    """Which requests are those of ``broken``, and of no stream of ``others``."""
    others: tuple[str, ...]
    """Streams that go on meanwhile; the last one is a full table."""
    token: bool = True
    """The tap asks for tokens, at the route ``token``, and can renew them."""
    empty_is_data: bool = False
    """An entirely empty body is a response without rows."""
    graphql: bool = False
    """The route of ``fault`` is GraphQL."""
    remedy: str
    """What a message about a lack of permission says beside the vendor's words."""
    secrets: tuple[str, ...]
    """Settings whose values nobody may see."""
    signs_links: bool = True
    """The vendor's data have links with signatures."""
    url: str
    """One of the settings that hold a URL."""
    wrong: Mapping[str, Any]
    """A setting of the tap's own with a value that its schema refuses."""
    window_columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Columns that name the window in which a row was read last, by stream: without start_date the
    first window is open, and a row on an edge comes with both windows."""
    drift: tuple[str, str]
    """A REST stream that takes up new fields, and one of its text fields."""
    misfit: Mapping[str, Any] | None = None
    """A setting of the tap that does not fit its vendor in the sandbox, if there is one."""
    fit: Any = None
    """The value that fits in its place."""
    truth_of: Callable[[Sandbox, str, str], list[Record]] = _truth
    comparable: Callable[[Record], Record] = _as_it_is

    @property
    def name(self) -> str:
        """The command."""
        return self.tap.name

    @property
    def vendor(self) -> str:
        """As the sandbox calls it."""
        return self.name.removeprefix("tap-")


TAPS = (
    Case(
        tap=TapFlow,
        scale=0.1,
        settings={"page_size": 5, "jobs_page_size": 7},
        incremental=(
            "completed_jobs",
            "job_steps",
            "job_substeps",
            "job_attachments",
            "job_attachment_thumbnails",
            "job_reports",
        ),
        cursors=True,
        broken=("completed_jobs", "job_steps", "job_attachments"),
        fault={"route": "graphql"},
        others=("workflows", "users"),
        remedy="permission",
        graphql=True,
        secrets=("client_secret",),
        url="gateway_url",
        wrong={"page_size": 101},
        drift=("users", "username"),
        misfit={"query_path": "/api/query/v2/graph"},
        fit="/query/v2/graph",
    ),
    Case(
        tap=TapGiosg,
        scale=0.35,
        incremental=("workflow_sidedata", "source_data", "step_source_data"),
        broken=("source_data",),
        fault={"route": "source_data"},
        others=("step_source_data", "workflow_info"),
        remedy="permission",
        token=False,
        secrets=("api_token",),
        url="api_url",
        wrong={"step_data_format": "parquet"},
        drift=("workflow_info", "name"),
        misfit={"auth_scheme": "Bearer"},
        fit="Token",
        truth_of=_giosg_truth,
        window_columns=dict.fromkeys(
            ("source_data", "step_source_data"), frozenset({"interval_start", "interval_end"})
        ),
    ),
    Case(
        tap=TapCrewmojo,
        incremental=("oneonone_summary", "objectives_detail", "goals_slow"),
        broken=("objectives_detail",),
        fault={"route": "report", "contains": "objectives.detail"},
        others=("oneonone_summary", "people_custom"),
        empty_is_data=True,
        remedy="Crewmojo can allow it",
        secrets=("client_secret",),
        signs_links=False,
        url="api_url",
        wrong={"environment": "staging"},
        drift=("people_custom", "emailAddress"),
    ),
    Case(
        tap=TapXoi,
        scale=0.1,
        settings={"page_size": 10},
        incremental=(
            "jobs",
            "documentation",
            "webhook_history",
            "workflow_job_reports",
            "workflow_job_step_values",
            "content",
        ),
        broken=("jobs",),
        fault={"route": "jobs_graphql", "contains": "listJobs"},
        others=("webhook_history", "users"),
        remedy="The API key lacks access",
        signs_links=False,
        graphql=True,
        secrets=("api_secret",),
        url="reporting_url",
        wrong={"workflow_job_source": "guess"},
        drift=("workflow_job_reports", "orgId"),
        window_columns={"documentation": frozenset({"interval_end"})},
        comparable=without_plate_keys,
    ),
)
