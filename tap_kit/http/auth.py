"""How requests are authorised: by a fixed header, or by tokens that are fetched and renewed."""

from __future__ import annotations

import math
import re
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from tap_kit.errors import (
    BadBodyError,
    CredentialsError,
    StreamError,
    TransientError,
    UnreachableError,
)
from tap_kit.http.status_errors import followed_by, vendor_message, worded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_kit.http.request import Request
    from tap_kit.http.response import Response
    from tap_kit.text.redact_logs import Redactor

T = TypeVar("T")

_UNAUTHORIZED = frozenset({401})
_TOKEN_REFUSALS = frozenset({400, 401, 403})
_TOKEN = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
"""What a header can hold as a token."""
_PASSING = re.compile(
    r"temporarily.?unavailable|server.?error|slow.?down|too.?many.?requests|throttl|time.?out"
)
"""Error codes and words of token endpoints that do not concern the credentials (RFC 6749, 4.1.2.1;
RFC 8628, 3.5)."""


class TokenClient(Protocol):
    """What sends the requests for tokens: :class:`tap_kit.http.client.Client`."""

    @property
    def redactor(self) -> Redactor:
        """Learns each token."""

    def fetch(self, request: Request, decode: Callable[[Response], T], /) -> T:
        """Send a request, try again what may pass, and return its decoded response."""


class Auth(Protocol):
    """What authorises requests."""

    @property
    def renew_on(self) -> frozenset[int]:
        """Statuses with which the vendor refuses a token."""

    @property
    def settings(self) -> Sequence[str]:
        """The settings to check when the vendor refuses a new token, too."""

    def headers(self, client: TokenClient) -> Mapping[str, str]:
        """Return the headers for the next request; this may fetch a token through the client."""

    def renew(self, client: TokenClient, refused: Mapping[str, str]) -> bool:
        """Replace what was refused, so that :meth:`headers` returns something newer.

        Args:
            client: Fetches a new token.
            refused: The headers of the request that the vendor refused.

        Returns:
            Whether there is something newer; False ends the request.
        """


class StaticHeader:
    """A header that never changes, such as an API token."""

    renew_on = _UNAUTHORIZED

    def __init__(self, name: str, value: str, *, settings: Sequence[str] = ()) -> None:
        """Take the header's name and its whole value, with the scheme.

        Args:
            name: Such as ``Authorization``.
            value: Such as ``Token abc``.
            settings: The settings to check when the vendor refuses it.
        """
        self.settings = settings
        self._headers = {name: value}

    def headers(self, client: TokenClient) -> Mapping[str, str]:
        """Return the header, the same for every request."""
        for value in self._headers.values():
            client.redactor.add(value.rpartition(" ")[2])
        return self._headers

    def renew(self, client: TokenClient, refused: Mapping[str, str]) -> bool:  # noqa: ARG002  # Auth
        """Return False: there is no other one."""
        return False


_BLANKS = b" \t\r\n\xef\xbb\xbf"
_FORBIDDEN = 403


@dataclass(frozen=True)
class Token:
    """A token as the vendor issued it; ``expires_in`` is in seconds, None where it isn't said."""

    value: str
    expires_in: float | None = None


@dataclass(frozen=True)
class _Issued:
    headers: Mapping[str, str]
    refresh_at: float


class TokenAuth:
    """A token in ``Authorization``, fetched when it is needed.

    Only one thread fetches at a time, because a vendor may invalidate the older of two tokens.
    A thread whose token was refused, or is about to expire, waits for the token that another
    thread is fetching.
    """

    def __init__(  # noqa: PLR0913  # vendors differ in all of them
        self,
        request: Callable[[TokenClient], Token],
        *,
        scheme: str = "Bearer",
        leeway: float = 60.0,
        default_lifetime: float | None = None,
        renew_on: frozenset[int] = _UNAUTHORIZED,
        settings: Sequence[str] = ("client_id", "client_secret"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take what vendors differ in; no request is sent yet.

        Args:
            request: Requests a new token from the vendor.
            scheme: The word before the token, "" for none.
            leeway: A token is replaced so many seconds before it expires, or after half its
                lifetime if that is later.
            default_lifetime: Seconds, where the response doesn't say; None: until it is refused.
            renew_on: Statuses with which the vendor refuses a token.
            settings: The settings to check when a new token is refused too.
            clock: Monotonic seconds.
        """
        self.renew_on = renew_on
        self.settings = settings
        self._request = request
        self._prefix = f"{scheme} " if scheme else ""
        self._leeway = leeway
        self._default_lifetime = default_lifetime
        self._clock = clock
        self._issued: _Issued | None = None
        self._rejected: CredentialsError | UnreachableError | None = None
        self._fetching = threading.Lock()

    def headers(self, client: TokenClient) -> Mapping[str, str]:
        """Return the current token, or a new one if there is none or it is about to expire."""
        issued = self._issued
        if issued is None or self._clock() >= issued.refresh_at:
            issued = self._replace(client, issued)
        return issued.headers

    def renew(self, client: TokenClient, refused: Mapping[str, str]) -> bool:
        """Replace the token, unless another thread has done so since it was refused."""
        issued = self._issued
        if issued is not None and issued.headers == refused:
            self._replace(client, issued)
        return True

    def _replace(self, client: TokenClient, old: _Issued | None) -> _Issued:
        with self._fetching:
            if self._issued is not None and self._issued is not old:
                return self._issued
            if self._rejected is not None:
                # The vendor refused the credentials: another try could lock the account.
                raise self._rejected
            asked_at = self._clock()
            try:
                token = self._request(client)
            except (CredentialsError, UnreachableError) as error:
                self._rejected = error
                raise
            except StreamError as error:
                # Every stream needs it, so it is no stream's own failure.
                self._rejected = UnreachableError(f"no token: {error}")
                raise self._rejected from error
            client.redactor.add(token.value)
            lifetime = token.expires_in or self._default_lifetime or math.inf
            self._issued = _Issued(
                {"Authorization": self._prefix + token.value},
                asked_at + lifetime - min(self._leeway, lifetime / 2),
            )
            return self._issued


def oauth2_token(
    request: Request,
    *,
    member: str = "access_token",
    settings: Sequence[str] = ("client_id", "client_secret"),
    advice: str = "",
) -> Callable[[TokenClient], Token]:
    """Make the token request of a :class:`TokenAuth`, after OAuth 2.0 (RFC 6749, 4.4 and 5.2).

    Args:
        request: The request; it is always sent without ``Authorization``.
        member: The member of the response that holds the token; ``expires_in`` may be beside it.
        settings: The settings to check when the vendor refuses.
        advice: What else to do then.

    Returns:
        A function that sends the request and returns the token. It raises
        :class:`CredentialsError` when the vendor refuses the credentials.
    """

    def decode(response: Response) -> Token:
        if response.status in _TOKEN_REFUSALS:
            words = ": ".join(filter(None, [f"HTTP {response.status}", vendor_message(response)]))
        else:
            decoded = response.json()
            token = decoded.get(member) if isinstance(decoded, dict) else None
            if isinstance(token, str) and _TOKEN.fullmatch(token):
                return Token(token, _seconds(decoded.get("expires_in")))
            words = "" if token else worded(decoded)
        if not words:
            msg = f"a response without {member}, or one that is no token"
            raise BadBodyError(msg, status=response.status)
        _check_refusal(response, words)
        msg = followed_by(f"no token: {words}", f"Check the settings {', '.join(settings)}")
        raise CredentialsError(followed_by(msg, advice))

    request = replace(request, authorized=False, accept=_TOKEN_REFUSALS)
    return lambda client: client.fetch(request, decode)


def _check_refusal(response: Response, words: str) -> None:
    """Check that a refusal concerns the credentials.

    Raises:
        TransientError: A firewall or proxy refused in the vendor's place: with a web page, or with
            a 403 that is not JSON, where OAuth 2.0 has 400 and 401. Or the vendor says that it
            can't decide now.
    """
    begins = response.content.lstrip(_BLANKS)[:1]
    if begins == b"<" or (begins not in {b"", b"{"} and response.status == _FORBIDDEN):
        what = "a web page" if begins == b"<" else "a text"
        msg = f"HTTP {response.status} with {what}, perhaps from a firewall or proxy on the way"
        raise TransientError(msg, status=response.status)
    if _PASSING.search(words.lower()):
        raise TransientError(words, status=response.status)


def _seconds(value: object) -> float | None:
    try:
        seconds = float(value)  # type: ignore[arg-type]  # what float() refuses is no number
    except (TypeError, ValueError):
        return None
    return seconds if seconds > 0 and math.isfinite(seconds) else None
