"""An operator that runs a command of Meltano's and passes on why it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException
from meltano_commands import Meltano, MeltanoError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context


class MeltanoOperator(BaseOperator):
    """Runs one command to its end.

    Returns the task's ``name``; where the command fails, XCom ``failure`` has ``name`` and
    ``reason``.
    """

    def __init__(
        self,
        *,
        name: str,
        arguments: Sequence[str],
        settings: Mapping[str, str] | None = None,
        **options: Any,  # noqa: ANN401  # whatever Airflow's own operator takes
    ) -> None:
        """Declare the task.

        Args:
            name: What runs, in the words of the DAG: a shard, a schedule.
            arguments: As typed behind ``meltano``.
            settings: Environment variables for the command.
            options: Those of Airflow's ``BaseOperator``.
        """
        super().__init__(**options)
        self.name = name
        self.arguments = arguments
        self.settings = settings
        self._meltano: Meltano | None = None

    def execute(self, context: Context) -> str:
        """Run the command.

        Raises:
            AirflowException: It failed; the task is retried as often as its DAG says.
        """
        with Meltano(self.log.info, self.settings or {}) as self._meltano:
            try:
                self._meltano.call(*self.arguments)
            except MeltanoError as error:
                failure = {"name": self.name, "reason": str(error)}
                context["ti"].xcom_push("failure", failure)
                raise AirflowException(str(error)) from None
        return self.name

    def on_kill(self) -> None:
        """End the command when Airflow ends the task: on time-out, or by hand."""
        if self._meltano is not None:
            self._meltano.stop()
