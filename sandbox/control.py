"""The control API: what :class:`~sandbox.sandbox.Sandbox` can do, for other processes."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import chain, islice
from typing import TYPE_CHECKING

from sandbox.web import Response, Route, as_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.stage import Stage
    from sandbox.web import Request

    Handler = Callable[[Request], Response]


def control_routes(stage: Stage) -> list[Route]:
    """The routes below ``/_sandbox``.

    Answers: 404 for an unknown vendor or stream, 400 for a body that makes no sense.
    """
    control = _Control(stage)
    return [
        Route("health", "GET", "/health", control.health),
        Route("settings", "GET", "/settings/{vendor}", _checked(control.settings)),
        Route("truth", "GET", "/truth/{vendor}/{stream}", _checked(control.truth)),
        Route("add_fault", "POST", "/faults", _checked(control.add_fault)),
        Route("clear_faults", "DELETE", "/faults", control.clear_faults),
        Route("clock", "GET", "/clock", control.clock),
        Route("advance", "POST", "/clock", _checked(control.advance)),
        Route("variants", "GET", "/variants", control.variants),
        Route("set_variants", "POST", "/variants", _checked(control.set_variants)),
        Route("drift", "GET", "/drift", control.drift),
        Route("add_drift", "POST", "/drift", _checked(control.add_drift)),
        Route("clear_drift", "DELETE", "/drift", control.clear_drift),
        Route("journal", "GET", "/journal", control.journal),
        Route("clear_journal", "DELETE", "/journal", control.clear_journal),
        Route("revoke", "POST", "/revoke/{vendor}", _checked(control.revoke)),
    ]


def _checked(handler: Handler) -> Handler:
    def answer(request: Request) -> Response:
        try:
            return handler(request)
        except LookupError as error:
            return as_json({"message": str(error)}, 404)
        except (TypeError, ValueError) as error:
            return as_json({"message": str(error)}, 400)

    return answer


class _Control:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def health(self, _: Request) -> Response:
        return as_json({"vendors": list(self._stage.vendors), "now": self._stage.now()})

    def settings(self, request: Request) -> Response:
        name = request.params["vendor"]
        root = request.base_url.rpartition("/")[0]
        return as_json(self._stage.vendor(name).settings(f"{root}/{name}"))

    def truth(self, request: Request) -> Response:
        """JSON lines, made as they are sent: there may be a million."""
        vendor = self._stage.vendor(request.params["vendor"])
        rows = iter(vendor.truth(request.params["stream"]))
        # An unknown stream fails here, while the status is still open.
        first = list(islice(rows, 1))
        lines = (json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in chain(first, rows))
        return Response(lines, content_type="application/x-ndjson")

    def add_fault(self, request: Request) -> Response:
        """``{"kind": "status", "vendor": "flow", "status": 503}``."""
        self._stage.fault(**request.json())
        return as_json({})

    def clear_faults(self, _: Request) -> Response:
        self._stage.clear_faults()
        return as_json({})

    def clock(self, _: Request) -> Response:
        return as_json({"now": self._stage.now(), "epoch": self._stage.world.epoch})

    def advance(self, request: Request) -> Response:
        """``{"days": 1}``."""
        self._stage.advance(**request.json())
        return self.clock(request)

    def variants(self, _: Request) -> Response:
        """By vendor and name: the choice in force, and all there are."""
        world = self._stage.world
        return as_json(
            {
                f"{vendor.name}.{name}": {
                    "chosen": world.variant(vendor, name),
                    "choices": choices,
                }
                for vendor in self._stage.vendors.values()
                for name, choices in vendor.variants.items()
            }
        )

    def set_variants(self, request: Request) -> Response:
        """``{"flow.dates": "slash"}``."""
        for name, choice in request.json().items():
            self._stage.set_variant(name, choice)
        return self.variants(request)

    def drift(self, _: Request) -> Response:
        return as_json(self._stage.world.drift)

    def add_drift(self, request: Request) -> Response:
        """``{"flow.users": {"nickname": "Bo"}}``."""
        for stream, fields in request.json().items():
            self._stage.drift(stream, fields)
        return self.drift(request)

    def clear_drift(self, request: Request) -> Response:
        self._stage.clear_drift()
        return self.drift(request)

    def journal(self, _: Request) -> Response:
        journal = self._stage.journal
        return as_json(
            {
                "total": journal.total,
                "max_in_flight": journal.max_in_flight,
                "entries": [asdict(entry) for entry in journal],
            }
        )

    def clear_journal(self, _: Request) -> Response:
        self._stage.clear_journal()
        return as_json({})

    def revoke(self, request: Request) -> Response:
        self._stage.revoke_tokens(request.params["vendor"])
        return as_json({})
