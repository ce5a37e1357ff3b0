"""All exceptions of the taps, ordered by how one recovers from them.

Every message is a sentence for the person who reads the log at 3 a.m.: what happened, which
setting or permission it concerns, what to do. Whoever raises one takes secrets out first
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
    """An endpoint refuses a token that the vendor gave out, the renewed one too.

    Where the vendor says 401 for a lack of permission, a tap may make this an error of the stream.
    """


class UnreachableError(TapError):
    """The vendor can't be reached, or gives out no token; no stream can work."""


class StoppedError(TapError):
    """The run is being stopped; what waits for the vendor gives up."""


class OutputError(TapError):
    """What was read can't be written: stdout, or the files of batches."""


class TargetGoneError(OutputError):
    """Nobody reads stdout any more."""


class ExhaustedError(TapError):
    """Memory or threads have run out."""


class UnservedStreamError(TapError):
    """Nothing in the tap fetches a stream that it offers."""


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
    """A stream can not go on; its bookmark covers what it has written."""


class VendorError(StreamError):
    """The vendor answered with an error that trying again does not mend.

    Attributes:
        status: HTTP status of the answer.
        detail: The vendor's own message, redacted and cut.
    """

    def __init__(self, message: str, *, status: int, detail: str = "") -> None:
        """Keep what the vendor said beside the message."""
        super().__init__(message)
        self.status = status
        self.detail = detail


class PermissionDeniedError(VendorError):
    """403: the credentials are valid but lack a permission, scope or subscription."""


class GoneError(VendorError):
    """404 or 410: what was asked for does not exist (any more)."""


class DataError(StreamError):
    """Data that contradicts its declaration: a wrong type, a row with too many cells, ..."""


class RetriesExhaustedError(StreamError):
    """A request failed ``max_attempts`` times; the last cause is chained."""


class WaitTooLongError(StreamError):
    """The vendor asks to wait longer than the setting ``max_wait``."""


# One request is tried again (seen outside only as the cause of RetriesExhaustedError).


class TransientError(TapError):
    """Trying again may help: 5xx, resets, time-outs, throttling, bodies that are not whole.

    Attributes:
        status: HTTP status, if there was a response.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class NoConnectionError(TransientError):
    """No connection could be made: refused, no such host, no way through the proxy."""


class BadBodyError(TransientError):
    """A body that is not what it should be: HTML, cut off, JSON that doesn't parse."""
