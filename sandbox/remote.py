"""A sandbox in another process, driven over its control API."""

from __future__ import annotations

import json
from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING, Any

import requests

from sandbox.journal import Entry, Journal

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 120


class RemoteSandbox:
    """The methods of :class:`~sandbox.sandbox.Sandbox` for one that ``python -m sandbox`` runs.

    What the sandbox refuses is a :class:`ValueError` (or a :class:`LookupError`), as there.
    """

    def __init__(self, url: str) -> None:
        """Take the URL that ``python -m sandbox`` printed."""
        self.url = url.rstrip("/")
        self._session = requests.Session()
        # Proxies of the environment don't lead to this machine.
        self._session.trust_env = False

    def _call(self, method: str, path: str, body: object = None) -> requests.Response:
        response = self._session.request(
            method, f"{self.url}/_sandbox{path}", json=body, timeout=TIMEOUT
        )
        if response.status_code == requests.codes.not_found:
            raise LookupError(response.json()["message"])
        if response.status_code == requests.codes.bad_request:
            raise ValueError(response.json()["message"])
        response.raise_for_status()
        return response

    def url_of(self, vendor: str) -> str:
        """A vendor's base URL, without a slash at the end."""
        return f"{self.url}/{vendor}"

    def settings(self, vendor: str) -> dict[str, Any]:
        """The settings with which the vendor's tap runs against this sandbox."""
        settings: dict[str, Any] = self._call("GET", f"/settings/{vendor}").json()
        return settings

    def truth(self, vendor: str, stream: str) -> list[dict[str, Any]]:
        """What a complete run of the tap must bring now."""
        lines = self._call("GET", f"/truth/{vendor}/{stream}").content.split(b"\n")
        return [json.loads(line) for line in lines if line]

    def fault(self, kind: str, **options: Any) -> None:  # noqa: ANN401  # each kind has its own
        """Plan a fault: a kind and the fields of its class in :mod:`sandbox.faults`."""
        self._call("POST", "/faults", {"kind": kind, **options})

    def clear_faults(self) -> None:
        """Plan no faults any more."""
        self._call("DELETE", "/faults")

    @property
    def journal(self) -> Journal:
        """The journal as it is at this moment."""
        body = self._call("GET", "/journal").json()
        return Journal(
            entries=deque(Entry(**entry) for entry in body["entries"]),
            total=body["total"],
            max_in_flight=body["max_in_flight"],
        )

    def clear_journal(self) -> None:
        """Forget the requests so far."""
        self._call("DELETE", "/journal")

    def now(self) -> datetime:
        """The sandbox's present."""
        now: str = self._call("GET", "/clock").json()["now"]
        return datetime.fromisoformat(now.replace("Z", "+00:00"))

    def advance(self, **amount: float) -> None:
        """Move the clock on, by the keywords of :class:`datetime.timedelta`."""
        self._call("POST", "/clock", amount)

    def set_variant(self, name: str, choice: str) -> None:
        """Choose a behaviour, such as ``"flow.dates", "slash"``."""
        self._call("POST", "/variants", {name: choice})

    def drift(self, stream: str, fields: Mapping[str, Any]) -> None:
        """Add or change fields of every record of a stream, such as ``"flow.users"``."""
        self._call("POST", "/drift", {stream: fields})

    def clear_drift(self) -> None:
        """Serve records as they were made."""
        self._call("DELETE", "/drift")

    def revoke_tokens(self, vendor: str) -> None:
        """Make all tokens of a vendor invalid."""
        self._call("POST", f"/revoke/{vendor}")
