"""What the kit needs of the SDK beyond its public members; no other module names a private one.

``tests/tap_kit/test_sdk.py`` fails when the SDK changes one of them.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, Tap

if TYPE_CHECKING:
    from types import FrameType

    from singer_sdk.helpers import types


class SdkTap(Tap):
    """The SDK's tap, with settings, signals and the loop over streams in the hands of its class."""

    @property
    def given_config(self) -> dict[str, Any]:
        """The settings as they were given; ``config`` is a read-only view of them."""
        return self._config

    def keep_config(self, config: dict[str, Any]) -> None:
        """Use these settings from now on, in place of those that were given."""
        self._config = config

    @abc.abstractmethod
    def check_config(self, *, complete: bool) -> None:
        """Check the settings that were given, and keep them with their defaults.

        Args:
            complete: Whether required settings must be there; they need not be for ``--about``.

        Raises:
            Exception: They are wrong.
        """

    @abc.abstractmethod
    def run(self) -> None:
        """Run all selected streams."""

    def sync_all(self) -> None:  # type: ignore[misc]  # final there: its loop ends at the first failure
        """Run all selected streams, when the SDK's command says so."""
        self.run()

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check settings; the SDK's own messages would show values."""
        self.check_config(complete=raise_errors)
        return []

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002  # a handler
        """End a discovery that is stopped; the SDK's own would end it as complete."""
        raise SystemExit(128 + signum)


class SdkStream(Stream):
    """The SDK's stream, without its bookmarks."""

    @property
    def owner(self) -> Tap:
        """The tap that made the stream."""
        return self._tap

    @property
    def follows_catalog(self) -> bool:
        """Whether a catalog was applied, rather than the tap's own discovery."""
        return self._tap_input_catalog is not None

    def _increment_stream_state(
        self, latest_record: types.Record, *, context: types.Context | None = None
    ) -> None:
        """Leave bookmarks alone in the SDK's own loop.

        It would demand a replication key of streams that follow their parent, and a value of
        every record.
        """
