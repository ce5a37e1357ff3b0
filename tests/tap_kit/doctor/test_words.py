"""Words of errors hold the status and our own advice, and nothing that a vendor has sent."""

from __future__ import annotations

import pytest

from tap_kit.doctor.words import words_of
from tap_kit.errors import (
    BadBodyError,
    CredentialsError,
    DataError,
    GoneError,
    NoConnectionError,
    PermissionDeniedError,
    RetriesExhaustedError,
    SettingsError,
    StreamError,
    TransientError,
    UnreachableError,
    VendorError,
    WaitTooLongError,
)

DATA = "Jane Doe's boiler"


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (VendorError(DATA, status=400, detail=DATA), "HTTP 400 Bad Request"),
        (GoneError(DATA, status=404, detail=DATA, advice="Look."), "HTTP 404 Not Found. Look."),
        (PermissionDeniedError(DATA, status=499), "HTTP 499"),
        (VendorError(DATA, status=200), "an error in a response with HTTP 200"),
        (
            CredentialsError(f"no token: {DATA}. Check the settings client_id, client_secret"),
            (
                "the vendor does not accept the credentials. Check the settings client_id, "
                "client_secret"
            ),
        ),
        (
            CredentialsError(f"{DATA}. Check the setting query_key: a key ends as soon as"),
            "the vendor does not accept the credentials. Check the setting query_key",
        ),
        (NoConnectionError(f"GET {DATA}: no response (refused)"), "no connection (refused)"),
        (
            caused(UnreachableError(DATA), TransientError(DATA, status=503)),
            (
                "the vendor can't be reached: HTTP 503 Service Unavailable. Check the network and "
                "the *_url settings"
            ),
        ),
        (
            caused(RetriesExhaustedError(DATA), TransientError(DATA, status=500)),
            "HTTP 500 Internal Server Error",
        ),
        (
            caused(RetriesExhaustedError(DATA), BadBodyError(DATA)),
            "a response was cut off, or not what it should be",
        ),
        (caused(RetriesExhaustedError(DATA), TransientError(DATA)), "no whole response"),
        (
            caused(StreamError(f"{DATA}. Set it"), VendorError(DATA, status=403)),
            "HTTP 403 Forbidden",
        ),
        (WaitTooLongError(DATA), "the vendor asks to wait for longer. Run it again later"),
        (DataError(DATA), "its data contradict the schema; a run says which field"),
        (SettingsError(f"GET {DATA}: a certificate"), "a certificate"),
        (
            StreamError(f"none of 3 items: {DATA}. Check the setting api_url; if it is right"),
            "it can't be read; a run says why. Check the setting api_url",
        ),
        (ValueError(DATA), "an unexpected error of the tap (ValueError)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_a_vendor_says_stays_out(error: Exception, words: str) -> None:
    assert words_of(error) == words
    assert DATA not in words
