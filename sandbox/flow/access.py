"""Who may ask for what: client credentials, tokens, query keys and policies.

docs: taps/flow/facts#tokens, docs: taps/flow/facts#keys
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.web import Response, as_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.web import Request
    from sandbox.world import World

    Handler = Callable[[Request], Response]

SCOPES = "https://www.flow.librestream.com/auth/"
"""The prefix of every scope."""
PREFIXES = {"flow": SCOPES, "workfloplus": "https://www.workfloplus.com/auth/"}
LIFETIME = timedelta(seconds=3600)
CLIENT_ID = "6169571beee5ee0101a4b58c"
CLIENT_SECRET = "8JnEe4471tvwc0GvsS0CUxpvlTW35CJJ"  # noqa: S105  # the guide's made-up one
QUERY_KEY = "B5A71C0E94D2F8836A1DE07F25C94B60A8D31E72"
SECONDARY_KEY = "0F62D9A1C7E84B35F10A6D28E93C57B4120EDA96"


@dataclass(frozen=True)
class Policy:
    """At least one of the scopes and one of the permissions let a request pass (2.2)."""

    scopes: frozenset[str]
    permissions: frozenset[str]


def _policy(scopes: str, permissions: str = "owner admin") -> Policy:
    return Policy(
        frozenset(SCOPES + scope for scope in scopes.split()), frozenset(permissions.split())
    )


POLICIES = {
    "Job_Read": _policy("job.read job.read_all job.admin"),
    "Job_ReadAll": _policy("job.read_all job.modify job.admin"),
    "Query_Read": _policy("query.read query.admin"),
    "Reports_Create": _policy("reports.create reports.admin", "owner admin editor"),
    "Reports_Read": _policy("reports.read reports.create reports.admin", "owner admin editor"),
    "Schedule_Read": _policy("schedule.read schedule.read_all schedule.admin"),
    "Schedule_ReadAll": _policy("schedule.read_all schedule.admin"),
    "TeamSettings_Read": _policy(
        "teamsettings.read teamsettings.admin", "owner admin editor approver"
    ),
    "Team_Admin": _policy("team.admin"),
    "Trigger_Admin": _policy("trigger.admin"),
    "Trigger_Read": _policy("trigger.read trigger.admin"),
    "Workflow_Read": _policy(
        "workflow.read workflow.execute workflow.admin spoke.client",
        "owner admin editor approver spoke",
    ),
}
"""The policies of the read endpoints (2.4)."""

CLIENT_SCOPES = (
    "query.read job.read_all reports.create schedule.read_all teamsettings.read "
    "trigger.read workflow.read team.admin trigger.admin"
)


@dataclass(frozen=True)
class Token:
    """A token that was given out."""

    expires: datetime
    scopes: frozenset[str]


class Access:
    """The identity server and the guard before every endpoint."""

    def __init__(self, world: World, habit: Callable[[str], str]) -> None:
        """Register the one client; ``habit`` gives the variant in force."""
        self._world = world
        self._habit = habit
        self._random = world.random("flow.tokens")
        self._tokens: dict[str, Token] = {}
        self.scopes = {SCOPES + scope for scope in CLIENT_SCOPES.split()}
        """What the client is registered for."""
        self.permissions = {"admin"}
        self.denied: set[str] = set()
        """Names of policies that answer 403 whatever the token says."""

    def token(self, request: Request) -> Response:
        """``POST /connect/token`` (2.3.4)."""
        if not request.headers.get("content-type", "").startswith(
            "application/x-www-form-urlencoded"
        ):
            return _oauth_error("invalid_request", 400)
        form = request.form()
        if form.get("grant_type") != "client_credentials":
            return _oauth_error("unsupported_grant_type", 400)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _oauth_error("invalid_client", int(self._habit("token_failure")))
        by_name = {self._spelled(scope): scope for scope in self.scopes}
        wanted = form.get("scope", "").split() or by_name
        if not by_name.keys() >= {*wanted}:
            return _oauth_error("invalid_scope", 400)
        scopes = frozenset(by_name[name] for name in wanted)
        expires = self._world.clock.now() + LIFETIME
        text = self._jwt(expires, scopes)
        self._tokens[text] = Token(expires, scopes)
        return as_json(
            {
                "access_token": text,
                "expires_in": int(LIFETIME.total_seconds()),
                "token_type": "Bearer",
            },
            headers={"Cache-Control": "no-store"},
        )

    def revoke(self) -> None:
        """Forget every token."""
        self._tokens.clear()

    def guarded(self, policy: str, handler: Handler) -> Handler:
        """The handler behind a policy; ``""``: any valid token will do."""

        def guard(request: Request) -> Response:
            return self.refusal(request, policy) or handler(request)

        return guard

    def query_refusal(self, request: Request) -> Response | None:
        """As :meth:`refusal` for the Query API, which takes ``?key=`` too (3.3)."""
        key = request.query.get("key")
        if key is None:
            return self.refusal(request, "Query_Read")
        if key in (QUERY_KEY, SECONDARY_KEY):
            return None
        return as_json({"message": "The key is not valid."}, int(self._habit("bad_key")))

    def refusal(self, request: Request, policy: str) -> Response | None:
        """401 without a valid token, 403 where the policy doesn't let it pass (3.3.4.1)."""
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        token = self._tokens.get(text) if scheme == "Bearer" else None
        if token is None or self._world.clock.now() >= token.expires:
            return as_json({"message": "Unauthorized"}, 401, headers={"WWW-Authenticate": "Bearer"})
        if not policy:
            return None
        needed = POLICIES[policy]
        passes = needed.scopes & token.scopes and needed.permissions & self.permissions
        if passes and policy not in {*self.denied, self._habit("denied_policy")}:
            return None
        return as_json({"message": "Forbidden", "policy": policy}, 403)

    def _spelled(self, scope: str) -> str:
        """A scope with the prefix that the identity server has."""
        return scope.replace(SCOPES, PREFIXES[self._habit("scope_prefix")])

    def _jwt(self, expires: datetime, scopes: frozenset[str]) -> str:
        claims = {
            "nbf": int((expires - LIFETIME).timestamp()),
            "exp": int(expires.timestamp()),
            "iss": "https://accounts.flow.librestream.com",
            "aud": ["https://accounts.flow.librestream.com/resources"],
            "client_id": CLIENT_ID,
            "intoware.workfloplus.team": "frontline",
            "scope": sorted(map(self._spelled, scopes)),
        }
        header = {"alg": "RS256", "typ": "JWT", "kid": f"{self._random.getrandbits(128):032x}"}
        parts = (json.dumps(header).encode(), json.dumps(claims).encode())
        return ".".join(
            urlsafe_b64encode(part).decode().rstrip("=")
            for part in (*parts, self._random.randbytes(256))
        )


def _oauth_error(error: str, status: int) -> Response:
    return as_json({"error": error}, status)
