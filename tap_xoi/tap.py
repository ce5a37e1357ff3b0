"""tap-xoi: XOi's jobs, what technicians documented, and the reports of their workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tap_kit.cli import run
from tap_kit.tap import KitTap
from tap_xoi.client import token_auth
from tap_xoi.settings import SETTINGS, problems
from tap_xoi.streams.lists import Documentation, Jobs, Users, WebhookHistory
from tap_xoi.streams.reports import WorkflowJobReports, WorkflowJobStepValues

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_kit.http.auth import Auth


class TapXoi(KitTap):
    """Singer tap for XOi."""

    name = "tap-xoi"
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS
    stream_types = (
        Jobs,
        Documentation,
        WebhookHistory,
        WorkflowJobReports,
        WorkflowJobStepValues,
        Users,
    )

    @classmethod
    def check(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """The rules of ``workflow_jobs``."""
        yield from problems(config)

    def auth(self) -> Auth | None:
        """Tokens by API key and secret."""
        return token_auth(self.config)


def main() -> None:
    """The command ``tap-xoi``."""
    run(TapXoi)
