"""The commands ``target-duck`` and ``target-pg``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from target_db import settings
from target_db.errors import DataError, LoadError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

    from target_db.database import Database

_TOLD = (LoadError, DataError, ImportError, OSError, MemoryError)


class _StoppedError(KeyboardInterrupt):
    """A signal asks to end; psycopg cancels a statement that waits for this kind alone."""


class Target(NamedTuple):
    """One of the loaders.

    Attributes:
        command: Its name.
        description: What it is, in a sentence.
        settings: The JSON schema of its settings.
        schema: The schema of its tables where none is named.
        extra: The extra of the package that brings the database's client.
        open: Connects.
    """

    command: str
    description: str
    settings: Mapping[str, Any]
    schema: str
    extra: str
    open: Callable[[Mapping[str, Any]], Database]


def _open_duck(found: Mapping[str, Any]) -> Database:
    from target_db.duck import Duck  # noqa: PLC0415  # duckdb is an extra

    return Duck(found)


def _open_postgres(found: Mapping[str, Any]) -> Database:
    from target_db.postgres import Postgres  # noqa: PLC0415  # psycopg is an extra

    return Postgres(found)


DUCK = Target(
    "target-duck",
    "Loads the streams of any Singer tap into one DuckDB file.",
    settings.DUCK,
    "main",
    "duck",
    _open_duck,
)
POSTGRES = Target(
    "target-pg",
    "Loads the streams of any Singer tap into PostgreSQL.",
    settings.POSTGRES,
    "public",
    "pg",
    _open_postgres,
)
TARGETS = (DUCK, POSTGRES)


def duck() -> int:
    """Run ``target-duck``."""
    return main(DUCK)


def postgres() -> int:
    """Run ``target-pg``."""
    return main(POSTGRES)


def main(target: Target, arguments: Sequence[str] | None = None) -> int:
    """Run a loader; its exit code."""
    given = _parser(target).parse_args(arguments)
    if given.version:
        sys.stdout.write(f"{target.command} v{settings.own_version()}, Python {_python()}\n")
        return 0
    if given.about or given.format:
        sys.stdout.write(_about(target, given.format or "text"))
        return 0
    signals: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # a handler
        signals.append(number)
        raise _StoppedError

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        _load(target, given)
    except BaseException as error:
        if signals:  # DuckDB raises an error of its own in place of the handler's
            name = signal.Signals(signals[0]).name
            _say(target, f"stopped by {name}; the next run loads what is not committed")
        elif isinstance(error, _TOLD):
            _say(target, _told(target, error))
        else:
            raise
        return 1
    return 0


def _told(target: Target, error: BaseException) -> str:
    """Why a load ended, in a sentence."""
    if isinstance(error, ImportError):
        return f"{error.name} is missing: install {settings.DISTRIBUTION}[{target.extra}]"
    if isinstance(error, OSError):
        return f"{error.strerror}: {error.filename or 'a temporary file (TMPDIR)'}"
    if isinstance(error, MemoryError):
        return "out of memory; a lower flush_records needs less"
    return str(error)


def _load(target: Target, given: argparse.Namespace) -> None:
    from target_db.loader import Loader  # noqa: PLC0415  # --about needs none of it

    found, unknown = settings.read(target.command, target.settings, given.config, target.schema)
    for name in unknown:
        _say(target, f"there is no setting {name}; it is ignored")
    source = 0 if given.input is None else os.open(given.input, os.O_RDONLY)
    database = target.open(found)
    try:
        with Loader(database, found) as loader:
            loader.load(source)
            _say(target, f"{loader.loaded} rows loaded into the schema {found['schema']}")
    finally:
        database.close()


def _parser(target: Target) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(target.command, description=target.description)
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="FILE|ENV",
        help="a file of settings, or ENV for variables; may be given several times",
    )
    parser.add_argument("--input", metavar="FILE", help="read messages from here, not from stdin")
    parser.add_argument("--about", action="store_true", help="tell the settings and capabilities")
    parser.add_argument("--format", choices=("text", "json", "markdown"), help="of --about")
    parser.add_argument("--version", action="store_true", help="tell the version")
    return parser


def _about(target: Target, form: str) -> str:
    about = settings.about(target.command, target.description, target.settings)
    if form == "json":
        return json.dumps(about, indent=2) + "\n"
    capabilities = ", ".join(about["capabilities"])
    if form == "markdown":
        return (
            f"# `{target.command}`\n\n{target.description}\n\nCapabilities: {capabilities}\n\n"
            f"## Settings\n\n{settings.table(target.settings)}"
        )
    lines = [
        f"{about['name']} {about['version']}: {target.description}",
        f"Capabilities: {capabilities}",
    ]
    lines += [
        f"  {name}: {declared['description']}"
        for name, declared in target.settings["properties"].items()
    ]
    return "\n".join(lines) + "\n"


def _python() -> str:
    return ".".join(map(str, sys.version_info[:3]))


def _say(target: Target, message: str) -> None:
    sys.stderr.write(f"{target.command}: {' '.join(message.split())}\n")
