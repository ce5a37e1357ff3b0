"""Open questions about tokens: which scopes there are, and which this account has."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Final

from tap_flow.policies import PREFIXES, SCOPES
from tap_kit.doctor.questions import Finding, Question
from tap_kit.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_flow.readers.context import FlowContext
    from tap_kit.doctor.questions import Trial


def _ask_scopes(trial: Trial[FlowContext]) -> Finding:
    tap = trial.tap
    try:
        scopes = _scopes(tap)
    except CredentialsError:
        if not tap.config.get("scope"):
            raise
        registered = _scopes(trial.authorized_by(scope=None))
        return _without_refused(tap.config["scope"].split(), registered)
    if scopes is None:
        return Finding.open("The token does not say which scopes it has.")
    return Finding(_told(scopes))


def _scopes(tap: FlowContext) -> Sequence[str] | None:
    """The scopes of the tap's token, which is a JWT in the guide's sample; None if it isn't."""
    auth = tap.client.auth
    if auth is None:
        return None
    token = auth.headers(tap.client)["Authorization"].rpartition(" ")[2]
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        scopes = claims["scope"]
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return None
    if isinstance(scopes, str):
        scopes = scopes.split()
    return [str(scope) for scope in scopes] if isinstance(scopes, list) else None


def _told(scopes: Sequence[str]) -> str:
    """Name the scopes that the guide knows, and count the others."""
    short = [_short(scope) for scope in scopes]
    known = sorted({name for name in short if name in SCOPES})
    prefixes = [prefix for prefix in PREFIXES if any(one.startswith(prefix) for one in scopes)]
    others = len([name for name in short if name not in SCOPES])
    return (
        f"The token has {', '.join(known) or 'none of the known scopes'}"
        f"{f' and {others} more' if others else ''}; "
        f"prefix: {' and '.join(prefixes) or 'none that is known'}."
    )


def _without_refused(wanted: Sequence[str], registered: Sequence[str] | None) -> Finding:
    """What remains of the setting, as the client's registration writes it."""
    if registered is None:
        return Finding.failed(
            "The vendor gives a token without the setting scope, and none with it. Leave it out."
        )
    by_name = {_short(scope): scope for scope in registered}
    names = dict.fromkeys(map(_short, wanted))
    kept = [by_name[name] for name in names if name in by_name and name in SCOPES]
    text = (
        "The vendor refuses a token with these scopes. "
        f"Registered for the client are {len(kept)} of {len(names)} of them. {_told(registered)}"
    )
    return Finding(text, " ".join(kept or registered))


def _short(scope: str) -> str:
    return scope.rstrip("/").rpartition("/")[2]


QUESTIONS: Final = (
    Question(
        name="scopes",
        text="Which scopes does the token have, and with which prefix?",
        source=(
            "The guide's prefix, `flow.librestream.com`, comes from a renaming of the product; "
            "upstream's tokens have `workfloplus.com`"
        ),
        handling="asks for no scope unless `scope` is set",
        setting="scope",
        ask=_ask_scopes,
        authorizes=True,
    ),
    Question(
        name="token-errors",
        text="What does a failed token request look like?",
        source="Not in the guide; OAuth's own form is 400 with `invalid_client`",
        handling="takes 400, 401 and 403 for wrong credentials, unless the words say otherwise",
    ),
    Question(
        name="regional-hosts",
        text="Are there regional hosts?",
        source="The guide names one deployment",
        handling="`accounts_url`, `gateway_url`",
    ),
)
