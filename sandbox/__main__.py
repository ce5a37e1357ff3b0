"""``python -m sandbox``: the sandbox as a process of its own; it prints its URL and serves."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from datetime import datetime, timedelta, timezone

from sandbox.sandbox import Sandbox
from sandbox.vendors import VENDORS
from sandbox.world import Clock


def main() -> int:
    """Serve until SIGTERM or SIGINT; 1 when the port is taken or an option is wrong."""
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with Sandbox(
            seed=options.seed,
            scale=options.scale,
            clock=_clock(options),
            epoch=options.epoch,
            variants=dict(options.variant),
            vendors=options.vendors,
            host=options.host,
            port=options.port,
            gzip=options.gzip,
            remember=options.remember,
            journal=options.journal,
        ) as sandbox:
            if options.latency_ms:
                sandbox.fault("latency", milliseconds=options.latency_ms, times=None)
            sys.stdout.write(f"{sandbox.url}\n")
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        sys.stderr.write(f"Can't listen on {options.host}:{options.port}: {reason}\n")
        return 1
    except (LookupError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765, help="0 for any free one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="1: a few hundred root entities")
    clock = parser.add_mutually_exclusive_group()
    clock.add_argument("--now", type=_moment, help="ISO time at which the sandbox's clock starts")
    clock.add_argument("--offset-hours", type=float, default=0.0, help="from real time")
    parser.add_argument(
        "--stopped", action="store_true", help="the clock moves by requests to /_sandbox/clock only"
    )
    parser.add_argument(
        "--epoch",
        type=_moment,
        help="ISO time at which history ends and news begin; by default the clock's start",
    )
    parser.add_argument(
        "--variant",
        type=_variant,
        action="append",
        default=[],
        metavar="VENDOR.NAME=CHOICE",
        help="behaviour where the vendor's documents are unsure; may be repeated",
    )
    parser.add_argument(
        "--vendors", type=lambda text: text.split(","), default=VENDORS, help="comma-separated"
    )
    parser.add_argument("--latency-ms", type=float, default=0.0, help="added to every request")
    parser.add_argument("--gzip", action="store_true", help="compress for clients that accept it")
    parser.add_argument("--remember", action="store_true", help="answer equal requests from memory")
    parser.add_argument("--no-journal", dest="journal", action="store_false")
    return parser.parse_args()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _variant(text: str) -> tuple[str, str]:
    name, _, choice = text.partition("=")
    return name, choice


def _clock(options: argparse.Namespace) -> Clock:
    present = datetime.now(timezone.utc)
    started_at = present if options.stopped else None
    if options.now is not None:
        return Clock(options.now - present, started_at)
    return Clock(timedelta(hours=options.offset_hours), started_at)


if __name__ == "__main__":
    sys.exit(main())
