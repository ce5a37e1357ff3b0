"""XOi's tokens (docs: taps/xoi/facts#tokens).

They live 60 minutes, and a new one leaves the older ones valid.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.web import Response, as_json

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.web import Request
    from sandbox.world import Clock
    from sandbox.xoi.habits import Habits

API_KEY = "sandbox-xoi-key"
API_SECRET = "sandbox-xoi-secret"  # noqa: S105  # made up
LIFETIME = timedelta(minutes=60)


class Access:
    """Gives out tokens and checks them."""

    def __init__(self, clock: Clock, habits: Habits) -> None:
        """Know no token."""
        self._clock = clock
        self._habits = habits
        self._expiries: dict[str, datetime] = {}
        self._given_out = 0

    def post(self, request: Request) -> Response:
        """The JSON form of the token request."""
        if not request.headers.get("content-type", "").startswith("application/json"):
            return as_json({"message": "Unsupported media type"}, 415)
        try:
            body = request.json()
            pair = body["api_key"], body["api_secret"]
        except (ValueError, KeyError, TypeError):
            return as_json({"message": "Invalid request body"}, 400)
        return self._answer(pair)

    def get(self, request: Request) -> Response:
        """The form with HTTP Basic authentication."""
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            key = secret = ""
        return self._answer((key, secret) if scheme.lower() == "basic" else None)

    def admits(self, request: Request) -> bool:
        """Whether the header is a valid token and nothing else: no ``Bearer`` before it."""
        expiry = self._expiries.get(request.headers.get("authorization", ""))
        return expiry is not None and self._clock.now() < expiry

    def revoke(self) -> None:
        """Forget every token."""
        self._expiries.clear()

    def _answer(self, pair: tuple[Any, Any] | None) -> Response:
        if pair == (API_KEY, API_SECRET):
            return as_json({"token": self._token()})
        # Which status it is, is not documented; a client must look for the token.
        return as_json({"message": "Unauthorized"}, self._habits.status("token_refusal"))

    def _token(self) -> str:
        now = self._clock.now()
        self._given_out += 1
        claims = {
            "sub": API_KEY,
            "jti": f"{self._given_out}",
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        parts = ({"kid": "sandbox", "alg": "RS256"}, claims, {"signature": self._given_out})
        token = ".".join(
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
            for part in parts
        )
        self._expiries[token] = now + LIFETIME
        return token
