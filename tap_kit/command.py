"""The command line of a tap: the SDK's, with errors that name the file, and with more options."""

from __future__ import annotations

import abc
import json
import sys
from typing import TYPE_CHECKING, Any

import click

from tap_kit.doctor.option import doctor_option
from tap_kit.engine.state import checked_state
from tap_kit.inputs.catalog import checked_catalog
from tap_kit.inputs.files import JsonFile, read_object
from tap_kit.sdk import SdkTap
from tap_kit.text.redact_logs import REDACTOR

if TYPE_CHECKING:
    from tap_kit.engine.backfill import PlanDocument

_TESTED = f"{__name__}.tested"
"""Where click's context has it that ``--test`` was given."""


class CommandLine(SdkTap):
    """The SDK's tap with our options; its subclass does what they ask for."""

    @abc.abstractmethod
    def test_streams(self) -> bool:
        """Probe every stream with one cheap request; True when all can be read."""

    @abc.abstractmethod
    def plan_backfill(self, shards: int) -> PlanDocument:
        """Cut the past of the selected streams into shards."""

    @classmethod
    def invoke(
        cls,
        *,
        plan_backfill: int | None = None,
        **options: Any,  # noqa: ANN401  # the SDK's own
    ) -> None:
        """Run, test the streams, or print the plan of a backfill."""
        context = click.get_current_context(silent=True)
        tested = context is not None and context.meta.get(_TESTED)
        if plan_backfill is None and not tested:
            super().invoke(**options)
            return
        config, catalog = options["config"], options["catalog"]
        tap = cls(
            config=config.config,
            catalog=None if catalog is None else json.load(catalog),
            parse_env_config=config.parse_env,
        )
        if context is not None and tested:
            context.exit(0 if tap.test_streams() else 1)
        assert plan_backfill is not None  # noqa: S101  # see above
        sys.stdout.write(json.dumps(tap.plan_backfill(plan_backfill), indent=1) + "\n")
        sys.stdout.flush()

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """The SDK's command, with errors that name the file."""
        command = super().get_singer_command()
        for option in command.params:
            if option.name == "catalog":
                option.type = JsonFile("catalog", checked_catalog)
            elif option.name == "state":
                option.type = JsonFile("state", checked_state)
            elif "--test" in option.opts:
                option.type = click.Choice(["all", "schema", "disabled"])
        command.params.append(
            click.Option(
                ["--plan-backfill"],
                type=click.IntRange(min=1),
                metavar="N",
                help="Print a plan that reads the past in N runs or fewer, side by side.",
            )
        )
        doctor = doctor_option(cls.name, cls.plugin_version, cls, REDACTOR)  # type: ignore[arg-type]  # its subclass is one
        command.params.append(doctor)
        return command

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:  # noqa: ANN401  # the SDK's own type
        """Read the files of settings; a later file counts for more."""
        given = super().cb_config(ctx, param, tuple(path for path in value if path == "ENV"))
        for path in value:
            if path != "ENV":
                given.config |= read_object(path, "config")
        return given

    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:
        """``--test``: print a line for each stream: whether it can be read, or what is missing.

        That is done when all options are known: only streams that the catalog selects are tested.
        """
        if value == "all":
            ctx.meta[_TESTED] = True
        else:
            super().cb_test(ctx, param, value)
