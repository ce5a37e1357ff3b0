"""Certificates and proxies from the environment, checked before anything is sent."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from tap_kit.errors import SettingsError
from tap_kit.http.retry import causes, is_not_connected

if TYPE_CHECKING:
    from collections.abc import Mapping

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables that name trusted certificates; the first one that is set counts."""
_PROXIES = frozenset({"", "http", "https", "socks4", "socks4a", "socks5", "socks5h"})
"""Schemes of proxies; without one it is http."""


@dataclass(frozen=True, slots=True)
class Route:
    """The certificates and proxies for a host.

    Attributes:
        verify: True for the certificates that come with ``requests``, else the path of others.
        proxies: By scheme, as ``requests`` takes them.
    """

    verify: bool | str = True
    proxies: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, origin: str) -> Route:
        """Read the variables that ``requests`` reads, and ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``.

        Raises:
            SettingsError: The certificates can't be read, or a proxy's address is malformed.
        """
        with requests.Session() as session:
            merged = session.merge_environment_settings(origin, {}, None, None, None)
        named = next((name for name in _BUNDLES if os.environ.get(name)), None)
        verify: Any = merged["verify"]
        if named and verify and origin.lower().startswith("https:"):
            path = verify = os.environ[named]
            _check_bundle(named, path)
        route = cls(verify, merged["proxies"])
        if not _is_proxy(_proxy_url(origin, route)):
            raise SettingsError(_no_proxy(origin, route))
        return route


@cache
def _check_bundle(variable: str, path: str) -> None:
    if Path(path).is_dir():
        return
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or "unreadable"
        msg = (
            f"the certificates of the environment variable {variable} can't be read from "
            f"{path} ({reason}). Correct the path, or unset the variable"
        )
        raise SettingsError(msg) from None


def unusable(error: BaseException, origin: str, route: Route) -> str | None:
    """Say why every try to reach a host would fail, and what to do; None if a try may help."""
    host = urlsplit(origin).hostname
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = cause.verify_message or "it is not valid"
            return (
                f"the certificate of {host} is not trusted: {reason}. If a proxy of yours or a "
                "private authority signs it, let the environment variable REQUESTS_CA_BUNDLE or "
                "SSL_CERT_FILE name the authority's certificates"
            )
        if isinstance(cause, requests.exceptions.InvalidSchema) and "SOCKS" in str(cause):
            return (
                f"{_proxy(origin, route)} speaks SOCKS, which needs the package PySocks. Install "
                "it beside the tap (pip install PySocks), or name an http proxy"
            )
        if isinstance(
            cause,
            requests.exceptions.InvalidProxyURL | requests.exceptions.InvalidSchema,
        ):
            return _no_proxy(origin, route)
    return None


def by_way_of(error: BaseException, origin: str, route: Route) -> str:
    """Name the proxy that could not be reached, to be added to a reason; "" if it was no proxy."""
    socks = _proxy_url(origin, route).startswith("socks")
    failed = any(isinstance(cause, requests.exceptions.ProxyError) for cause in causes(error)) or (
        socks and is_not_connected(error)
    )
    return f", by {_proxy(origin, route)}" if failed else ""


def _no_proxy(origin: str, route: Route) -> str:
    return f"{_proxy(origin, route)} is no proxy's address, such as http://proxy:3128"


def _is_proxy(url: str) -> bool:
    """Whether a URL may be a proxy's; "" stands for none."""
    scheme, _, rest = url.rpartition("://")
    try:
        parts = urlsplit(f"//{rest}")
        parts.port  # noqa: B018  # raises where it is no number
    except ValueError:
        return False
    return not url or (scheme.lower() in _PROXIES and bool(parts.hostname))


def _proxy_url(origin: str, route: Route) -> str:
    return requests.utils.select_proxy(origin, dict(route.proxies)) or ""


def _proxy(origin: str, route: Route) -> str:
    """Return the proxy of a host, without its password, and the variable that names it."""
    scheme = urlsplit(origin).scheme
    url = _proxy_url(origin, route)
    names = [f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY"]
    variable = next((name for name in names if os.environ.get(name)), "the system's settings")
    kind, separator, rest = url.rpartition("://")
    return f"the proxy {kind}{separator}{rest.rpartition('@')[2]} (from {variable})"
