"""The command line: exit codes, and one line instead of a traceback."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click
from singer_sdk.logging import ConsoleFormatter
from singer_sdk.metrics import METRICS_LOGGER_NAME

from tap_kit.engine.stdout import finish_writes
from tap_kit.errors import StreamsFailedError, TapError
from tap_kit.text.redact_logs import REDACTOR, RedactedStream

if TYPE_CHECKING:
    from tap_kit.tap import KitTap

_M_ARENA_MAX = -8
"""An option of mallopt(3)."""
_ALLOCATIONS = 200_000
"""Containers that are made, less those that go, between two collections."""


def run(tap: type[KitTap]) -> NoReturn:
    """Run a tap's command line, and exit.

    The exit code is 0 for a complete run, 1 for a failure, which is reported in one line, and 2 for
    wrong usage; 129, 130 and 143 stand for SIGHUP, SIGINT and SIGTERM.
    """
    sys.stderr = RedactedStream(sys.stderr, REDACTOR)
    finish_writes()
    _collect_rarely()
    _share_freed_memory()
    sys.exit(_run(tap))


def _collect_rarely() -> None:
    """Run the cycle collector less often: records have no cycles.

    With Python's defaults it takes a third of a run's processor time. Imported modules stay anyway;
    only the tracebacks of a few exceptions remain to be collected.
    """
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)


def _share_freed_memory() -> None:
    """Have glibc use one heap for all threads; by default each thread has one of its own.

    Threads encode lines, and the main thread frees them, so the heaps of the threads keep what
    others need. 300 000 rows of CSV with a target that takes 20 MB/s had a peak of 117-135 MB
    with glibc's defaults, 66-68 MB so, in the same processor time.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


class _BriefFormatter(logging.Formatter):
    """The time of day and the message, as much as people read; a level where something is wrong."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a log record as a line."""
        level = f"{record.levelname} " if record.levelno > logging.INFO else ""
        return f"{self.formatTime(record, '%H:%M:%S')} {level}{super().format(record)}"


def _log_briefly_to_a_terminal() -> None:
    """Leave out what is for machines where people look on: the SDK's columns and metrics.

    Who configures logs, or asks for all of them, gets what they ask for.
    """
    root = logging.getLogger()
    configured = "SINGER_SDK_LOG_CONFIG" in os.environ or root.level < logging.INFO
    if configured or not sys.stderr.isatty():
        return
    for handler in root.handlers:
        if isinstance(handler.formatter, ConsoleFormatter):
            handler.setFormatter(_BriefFormatter())
            handler.addFilter(lambda record: record.name != METRICS_LOGGER_NAME)


def _run(tap: type[KitTap]) -> int:
    command: click.Command = tap.cli  # sets up logging, too
    _log_briefly_to_a_terminal()
    try:
        code = command.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    except StreamsFailedError:
        return 1  # the summary has listed them
    except TapError as error:
        return _tell(tap, str(error))
    except Exception as error:  # the last resort of a command line
        logging.getLogger(tap.name).debug("unexpected error", exc_info=True)
        return _tell(
            tap,
            f"unexpected {type(error).__name__}: {error} (LOGLEVEL=DEBUG shows the traceback)",
        )
    return code if isinstance(code, int) else 0


def _tell(tap: type[KitTap], message: str) -> int:
    logging.getLogger(tap.name).error("%s", " ".join(message.split()))
    return 1
