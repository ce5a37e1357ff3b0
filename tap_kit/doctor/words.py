"""What an error means, in words that may go into a public issue.

Messages of errors quote the vendor, who may quote a customer's data. Here is what remains without
the quotation: the status, and our own advice.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_kit.errors import (
    BadBodyError,
    CredentialsError,
    DataError,
    NoConnectionError,
    SettingsError,
    TapError,
    TransientError,
    UnreachableError,
    VendorError,
    WaitTooLongError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SUCCESS = range(200, 300)
_ADVICE = re.compile(r"Check the settings? [\w, *]+")
"""Our own advice, the last of which ends a message."""
_NO_RESPONSE = re.compile(r"no response \((.*)\)", re.DOTALL)


def words_of(error: BaseException) -> str:
    """Say what an error means, without anything that the vendor sent but the status."""
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words(error)
    cause = next(filter(_says_more, _causes(error)), None)
    if cause is not None:
        return words_of(cause)
    if isinstance(error, TapError):
        return _sentences("it can't be read; a run says why", _advice(error))
    return f"an unexpected error of the tap ({type(error).__name__})"


def _of_vendor(error: Any) -> str:  # noqa: ANN401  # of the kind in the table
    return _sentences(_status(error.status), error.advice)


def _of_transient(error: Any) -> str:  # noqa: ANN401  # of the kind in the table
    return _status(error.status) if error.status else "no whole response"


def _of_credentials(error: Any) -> str:  # noqa: ANN401  # of the kind in the table
    return _sentences("the vendor does not accept the credentials", _advice(error))


def _of_unreachable(error: Any) -> str:  # noqa: ANN401  # of the kind in the table
    cause = next(filter(_says_more, _causes(error)), None)
    what = words_of(cause) if cause else "no response"
    return f"the vendor can't be reached: {what}. Check the network and the *_url settings"


def _of_no_connection(error: Any) -> str:  # noqa: ANN401  # of the kind in the table
    reason = _NO_RESPONSE.search(str(error))
    return f"no connection ({reason[1]})" if reason else "no connection"


def _of_settings(error: Any) -> str:  # noqa: ANN401  # of the kind in the table
    return str(error).partition(": ")[2] or str(error)  # without the request's name


_WORDS: Sequence[tuple[type[TapError], Callable[[Any], str]]] = (
    (VendorError, _of_vendor),
    (CredentialsError, _of_credentials),
    (UnreachableError, _of_unreachable),
    (SettingsError, _of_settings),
    (WaitTooLongError, lambda _: "the vendor asks to wait for longer. Run it again later"),
    (DataError, lambda _: "its data contradict the schema; a run says which field"),
    (NoConnectionError, _of_no_connection),
    (BadBodyError, lambda _: "a response was cut off, or not what it should be"),
    (TransientError, _of_transient),
)
"""The first that fits counts."""


def _says_more(error: BaseException) -> bool:
    return isinstance(error, VendorError | TransientError | WaitTooLongError)


def _advice(error: BaseException) -> str:
    advice = _ADVICE.findall(str(error))
    return advice[-1].strip() if advice else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _status(status: int) -> str:
    if status in _SUCCESS:
        return f"an error in a response with HTTP {status}"
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def _sentences(what: str, advice: str) -> str:
    return f"{what}. {advice}" if advice else what
