"""The command line: exit codes, and one line instead of a traceback."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from tap_kit.errors import TapError
from tap_kit.secrets import RedactedStream
from tap_kit.tap import REDACTOR

if TYPE_CHECKING:
    from tap_kit.tap import KitTap


def run(tap: type[KitTap]) -> NoReturn:
    """Run a tap's command line and leave with its exit code.

    0 is complete. 1 is a failure that was told in one line, 2 wrong usage, 130 and 143 are SIGINT
    and SIGTERM.
    """
    sys.stderr = RedactedStream(sys.stderr, REDACTOR)
    sys.exit(_run(tap))


def _run(tap: type[KitTap]) -> int:
    command: click.Command = tap.cli
    try:
        code = command.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    except TapError as error:
        return _tell(tap, str(error))
    except BrokenPipeError:
        # Python would complain once more when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _tell(tap, "the target has gone: nobody reads stdout any more")
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
