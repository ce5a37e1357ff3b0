"""The pages of ``--doctor``: the tables of known unknowns, and a transcript for each tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from sandbox.sandbox import Sandbox
from sandbox.world import Clock
from tap_kit.doctor.checkup import Checkup
from tap_kit.text.redact_logs import REDACTOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_kit.doctor.questions import Question
    from tap_kit.doctor.report import Report
    from tap_kit.tap import KitTap

_NOW = datetime(2026, 3, 12, 10, 30, tzinfo=timezone.utc)
_SCALE = 0.3


@dataclass(frozen=True)
class Account:
    """An account that differs from what a tap expects, in three ways.

    Attributes:
        variants: Of the sandbox's vendor.
        settings: Those that were right elsewhere, besides what every run has.
    """

    variants: Mapping[str, str]
    settings: Mapping[str, Any]


ACCOUNTS: Mapping[str, Account] = {
    "tap-flow": Account(
        {"graph_path": "api", "dates": "slash_only", "cursor_filters": "error"},
        {"query_path": "/query/v2/graph", "date_format": "dash"},
    ),
    "tap-giosg": Account(
        {"auth": "bearer", "workflow_list": "paged", "rows": "arrays"},
        {"auth_scheme": "Token"},
    ),
    "tap-crewmojo": Account(
        {"poll_path": "query", "json_rows": "data", "undated_reports": "refuse_dates"},
        {"reports": [{"report": "oneonone.summary"}, {"report": "people.custom"}]},
    ),
    "tap-xoi": Account(
        {"webhook_history": "empty", "largest_page": "50", "plate_value": "flat"},
        {"workflow_job_source": "webhook_history"},
    ),
}


def unknowns(tap: type[KitTap]) -> str:
    """The open questions of a tap as a Markdown table."""
    lines = [
        "| question | why it is open | what the tap does | `--doctor` |",
        "|---|---|---|---|",
        *map(_row, tap.questions),
    ]
    return "\n".join(lines) + "\n"


def _row(question: Question) -> str:
    if question.ask is None:
        asked = "no request can tell"
    else:
        asked = f"tells, for `{question.setting}`" if question.setting else "tells"
    return (
        f'| <a id="{question.name}"></a>{question.text} | {question.source} | '
        f"{question.handling} | {asked} |"
    )


def transcript(tap: type[KitTap]) -> str:
    """What the doctor prints for an account that differs in three ways, as a fenced block."""
    return f"```text\n{report(tap).as_text(tap.name, '1.0.0')}\n```\n"


def report(tap: type[KitTap]) -> Report:
    """The doctor's report of such an account in the sandbox, always at the same moment."""
    vendor = tap.name.removeprefix("tap-")
    account = ACCOUNTS[tap.name]
    variants = {f"{vendor}.{name}": choice for name, choice in account.variants.items()}

    clock = Clock(frozen_at=_NOW)
    then = type(tap.__name__, (tap,), {"clock": staticmethod(clock.now)})

    def make(config: Mapping[str, Any]) -> KitTap:
        made: KitTap = then(config=dict(config), setup_mapper=False)
        return made

    with Sandbox(vendors=[vendor], variants=variants, clock=clock, scale=_SCALE) as sandbox:
        config = {**sandbox.settings(vendor), **account.settings}
        return Checkup(make(config), make, REDACTOR).run()
