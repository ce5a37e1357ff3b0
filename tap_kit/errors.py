"""All exceptions of the taps, ordered by how one recovers from them.

Every message is for the person who reads the log at 3 a.m.: what happened, which setting or
permission it concerns, what to do. The code that raises it takes secrets out of it
(:mod:`tap_kit.text.redact_logs`); the command line does so once more.
"""

from __future__ import annotations


class TapError(Exception):
    """Base of every error that a tap raises on purpose."""


# The run ends at once.


class SettingsError(TapError):
    """A setting is missing or wrong; names it and says what would be right, never its value."""


class CredentialsError(TapError):
    """The vendor does not accept the credentials; no stream can work."""


class TokenRefusedError(CredentialsError):
    """An endpoint refuses a token that the vendor issued, and the renewed one, too.

    Where the vendor uses 401 for a lack of permission, a tap makes this an error of the stream.
    """


class RequestsSpentError(TapError):
    """A client that may send so many requests only has sent them all."""


class UnreachableError(TapError):
    """The vendor can't be reached, or issues no token; no stream can work."""


class StoppedError(TapError):
    """The run is being stopped; threads that wait for the vendor give up."""


class OutputError(TapError):
    """Records can't be written, to stdout or to the files of batches."""


class TargetGoneError(OutputError):
    """The target has gone: nothing reads stdout any more."""


class ExhaustedError(TapError):
    """Memory or threads have run out."""


class UnservedStreamError(TapError):
    """No reader of the tap reads a stream that it offers."""


class StreamsFailedError(TapError):
    """The run is over and some streams failed.

    Attributes:
        failures: What happened, by stream.
    """

    def __init__(self, failures: dict[str, str]) -> None:
        names = ", ".join(failures)
        super().__init__(f"{len(failures)} of the streams failed: {names}")
        self.failures = failures


# The stream ends, the others go on.


class StreamError(TapError):
    """A stream can't go on; its bookmark covers the records that it has written."""


class VendorError(StreamError):
    """The vendor responds with an error, and another try would not help.

    Attributes:
        status: HTTP status of the response.
        detail: The vendor's own message, without secrets, and cut.
        advice: What the user should do, in our words; "" where nothing is known.
    """

    def __init__(self, message: str, *, status: int, detail: str = "", advice: str = "") -> None:
        """Keep the response's status, the vendor's own message, and the advice."""
        super().__init__(message)
        self.status = status
        self.detail = detail
        self.advice = advice


class PermissionDeniedError(VendorError):
    """403: the credentials are valid but lack a permission, scope or subscription."""


class GoneError(VendorError):
    """404 or 410: what was requested does not exist, or not any more."""


class DataError(StreamError):
    """Data that contradicts its declaration: a wrong type, a row with too many cells, ..."""


class RetriesExhaustedError(StreamError):
    """A request failed ``max_attempts`` times; the last cause is chained."""


class WaitTooLongError(StreamError):
    """The vendor asks to wait longer than the setting ``max_wait``."""


# One request is tried again (seen outside only as the cause of RetriesExhaustedError).


class TransientError(TapError):
    """Another try may help: 5xx, resets, time-outs, throttling, bodies that were cut off.

    Attributes:
        status: HTTP status, if there was a response.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class NoConnectionError(TransientError):
    """No connection could be made: refused, no such host, no way through the proxy."""


class BadBodyError(TransientError):
    """A body is not what it should be: HTML, cut off, or JSON that can't be parsed."""
