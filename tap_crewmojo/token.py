"""Crewmojo's tokens: 30 minutes, and each new one ends all earlier ones.

See https://docs.crewmojo.com/integrations/crewmojo-api.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tap_kit.http.auth import TokenAuth, oauth2_token
from tap_kit.http.call import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_kit.http.client import Client

_log = logging.getLogger(__name__)

_LIFETIME = 1800.0
_LEEWAY = 90.0
"""Seconds; more than the half minute for which a report may keep a request waiting."""


class OneToken(TokenAuth):
    """The one token of this process; tells when another process has ended it."""

    def __init__(self, api_url: str, client_id: str, client_secret: str) -> None:
        """Fetch nothing yet.

        Args:
            api_url: Root of the API, without a slash at the end.
            client_id: The setting.
            client_secret: The setting.
        """
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        call = Call(
            "POST",
            f"{api_url}/oauth/token",
            "POST /oauth/token",
            form=form,
            headers={"Accept": "application/json"},
        )
        super().__init__(
            oauth2_token(call, settings=("client_id", "client_secret", "environment")),
            leeway=_LEEWAY,
            default_lifetime=_LIFETIME,
            settings=(),  # a token was given out for them: they are right
        )
        self._told: Mapping[str, str] | None = None

    def renew(self, client: Client, refused: Mapping[str, str]) -> bool:
        """Replace a refused token; those that this process itself has replaced are no news."""
        if refused != self._told and refused == self.headers(client):
            self._told = refused
            _log.warning(
                "Crewmojo refuses the token before its 30 minutes are over: another process has "
                "probably asked for one with the same client_id, which ends all earlier ones. A "
                "new one is taken now, and ends the other's: two pipelines must not share a "
                "client, or run at the same time",
            )
        return super().renew(client, refused)
