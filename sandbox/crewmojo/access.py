"""Crewmojo's tokens live for 30 minutes, and a new one ends all earlier ones.

docs: taps/crewmojo/facts#tokens
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.crewmojo.refusal import Refusal
from sandbox.web import as_json

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.crewmojo.habits import Habits
    from sandbox.web import Request, Response
    from sandbox.world import Clock

CLIENT_ID = "sandbox-crewmojo-client"
CLIENT_SECRET = "sandbox-crewmojo-secret"  # noqa: S105  # made up
LIFETIME = timedelta(minutes=30)


class Access:
    """Gives out tokens and checks them."""

    def __init__(self, clock: Clock, habits: Habits) -> None:
        """Know no token."""
        self._clock = clock
        self._habits = habits
        self._token: str | None = None
        self._expiry: datetime = clock.now()
        self._given_out = 0

    def grant(self, request: Request) -> Response:
        """Answer a token request, whose body must be what its header says.

        Raises:
            Refusal: 400 for a wrong body, 401 for wrong credentials.
        """
        fields = _fields(request)
        if fields.get("grant_type") != "client_credentials":
            msg = "grant_type must be client_credentials"
            raise Refusal(400, msg)
        if (fields.get("client_id"), fields.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            msg = "Unknown client or wrong secret"
            raise Refusal(401, msg)
        now = self._clock.now()
        self._given_out += 1
        self._expiry = now + LIFETIME
        self._token = _jwt(self._given_out, now, self._expiry)
        expiry = {
            "expires_in": int(LIFETIME.total_seconds()),
            "expires_at": int(self._expiry.timestamp()),
        }
        named = self._habits.token_expiry
        return as_json(
            {
                "access_token": self._token,
                "token_type": "Bearer",
                **({named: expiry[named]} if named in expiry else {}),
            }
        )

    def admit(self, request: Request) -> str:
        """The token of a request.

        Raises:
            Refusal: 401, it has none that is valid.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token != self._token or self._clock.now() >= self._expiry:
            msg = "The access token is missing, expired or replaced by a newer one"
            raise Refusal(401, msg)
        return token

    def revoke(self) -> None:
        """End the token that is valid."""
        self._token = None


def _fields(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            return {**request.form()}
        if kind == "application/json":
            return dict(request.json())
    except (ValueError, TypeError):
        pass
    msg = "The body is neither a form nor JSON as its content type says"
    raise Refusal(400, msg)


def _jwt(number: int, issued: datetime, expiry: datetime) -> str:
    claims = {
        "sub": CLIENT_ID,
        "jti": f"{number}",
        "iat": int(issued.timestamp()),
        "exp": int(expiry.timestamp()),
    }
    parts = {"alg": "RS256", "typ": "JWT"}, claims, {"signature": number}
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )
