"""The command-line option ``--doctor``."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tap_kit.doctor.checkup import REQUESTS, Checkup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_kit.doctor.checkup import Examined
    from tap_kit.text.redact_logs import Redactor

_HELP = (
    "Ask the account, with few requests that only read, what the vendor's documents leave open; "
    "print which settings fit it, and which streams work. --doctor=json prints JSON."
)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep warnings out of what a user may copy from the terminal: they quote vendors and ids.

    ``LOGLEVEL=DEBUG`` shows them.
    """
    before = logging.root.manager.disable
    if not logging.getLogger().isEnabledFor(logging.DEBUG):
        logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def doctor_option(
    name: str, version: str, make: Callable[..., Examined], redactor: Redactor
) -> click.Option:
    """Make the option ``--doctor`` of a tap's command; its exit codes are those of a report.

    Args:
        name: The tap's.
        version: The tap's.
        make: The tap's class.
        redactor: Takes secrets out of the report.
    """

    def run(ctx: click.Context, _: click.Parameter, form: str | None) -> None:
        if form is None:
            return
        given = ctx.params["config"]
        # Without stream maps, since streams that discovery makes would need requests.
        tap = make(config=given.config, parse_env_config=given.parse_env, setup_mapper=False)
        click.echo(f"{name} asks the account, with at most {REQUESTS} requests ...", err=True)
        with _quiet():
            report = Checkup(
                tap, lambda config: make(config=dict(config), setup_mapper=False), redactor
            ).run()
        write = report.as_json if form == "json" else report.as_text
        click.echo(write(name, version))
        ctx.exit(report.exit_code)

    return click.Option(
        ["--doctor"],
        is_flag=False,
        flag_value="text",
        type=click.Choice(["text", "json"]),
        callback=run,
        expose_value=False,
        help=_HELP,
    )
