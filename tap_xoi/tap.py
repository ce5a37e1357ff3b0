"""tap-xoi: XOi's jobs, what technicians documented, and the reports of their workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tap_kit.cli import run
from tap_kit.tap import KitTap
from tap_xoi.backfill import count_jobs
from tap_xoi.client import token_auth
from tap_xoi.settings import SETTINGS, problems
from tap_xoi.streams.content import Content
from tap_xoi.streams.lists import Documentation, Jobs, Users, WebhookHistory
from tap_xoi.streams.reports import WorkflowJobReports, WorkflowJobStepValues
from tap_xoi.unknowns import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_kit.http.auth import Auth
    from tap_kit.streams.backfill import Cell
    from tap_xoi.client import Xoi


class TapXoi(KitTap):
    """Singer tap for XOi."""

    name = "tap-xoi"
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS
    questions = QUESTIONS
    stream_types = (
        Jobs,
        Documentation,
        WebhookHistory,
        WorkflowJobReports,
        WorkflowJobStepValues,
        Users,
        Content,
    )

    @classmethod
    def check(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """The rules of ``workflow_jobs``."""
        yield from problems(config)

    def auth(self) -> Auth | None:
        """Tokens by API key and secret."""
        return token_auth(self.config)

    _census: Sequence[Cell] | None = None

    def census(self, shards: int, xoi: Xoi) -> Sequence[Cell]:
        """The windows that are over with their jobs, counted once for all streams."""
        if self._census is None:
            self._census = count_jobs(self, xoi, shards)
        return self._census


def main() -> None:
    """The command ``tap-xoi``."""
    run(TapXoi)
