"""Takes secrets out of logs and errors.

``***`` replaces two kinds of text: values that are known to be secret (settings, tokens), in every
form in which they may be written; and what looks like a secret (after ``Authorization``, ``sig=``,
``"access_token"``), because a secret may come that nobody has made known.
"""

from __future__ import annotations

import base64
import io
import logging
import re
import threading
import traceback
from typing import TYPE_CHECKING, Any, TextIO

from tap_kit.text.signatures import (
    COLON,
    EQUALS,
    FIRST_QUOTE,
    NAMES,
    PARAMETER,
    QUOTE,
    VALUE,
    is_plain,
    spelled,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MASK = "***"
_SHORTEST = 4
"""Shorter values are too common in ordinary text to be replaced."""

_PATTERNS = (
    # Authorization: Bearer abc, 'Authorization': b'abc', b"Authorization: abc\r\n", and the headers
    # of clouds, such as x-amz-security-token
    (
        (
            r"(\b(?:authorization|x-(?:[a-z]+-)*token)"
            rf"(?:{QUOTE})?\s*[:=]\s*(?:b?{QUOTE})?)"
            r"(?:(?:basic|bearer|token|digest)\s+)?[^\s\"'\\,;)}\]]+"
        ),
        rf"\1{MASK}",
    ),
    # A word that may be a token: with a digit, long, or the last thing said.
    (
        r"\b(bearer|basic)\s+(?=\S*\d|\S{16}|[\w.~+/=-]+(?:$|[\"'\\]))[\w.~+/=-]+",
        rf"\1 {MASK}",
    ),
    (rf"({PARAMETER}(?:{QUOTE})?){VALUE}", rf"\1{MASK}"),
    (rf"(?<![\w-])((?:{NAMES}|key){EQUALS}(?:{QUOTE})?){VALUE}", rf"\1{MASK}"),
    (
        rf"({FIRST_QUOTE}(?:{NAMES}){QUOTE}\s*(?:=|{COLON})\s*({QUOTE}))(?:(?!\2).)+",
        rf"\1{MASK}",
    ),
    (r"(://)[^\s/:@\"']+:[^\s/@\"']+@", rf"\1{MASK}@"),
)
_LOOKS = tuple((re.compile(pattern, re.IGNORECASE), mask) for pattern, mask in _PATTERNS)


class Redactor:
    """Replaces secrets in texts by ``***``; all threads may use it."""

    def __init__(self) -> None:
        """Know what secrets look like; :meth:`add` makes values known."""
        self._values: set[str] = set()
        self._known = re.compile(r"(?!)")
        self._lock = threading.Lock()

    def add(self, value: str) -> None:
        """Make a secret value known."""
        if value in self._values or len(value) < _SHORTEST:
            return
        with self._lock:
            self._values.add(value)
            longest_first = sorted(self._values, key=len, reverse=True)
            forms = [form for known in longest_first for form in _forms(known)]
            self._known = re.compile("|".join(forms))

    def redact(self, text: str) -> str:
        """Return the text with ``***`` for every secret."""
        text = self._known.sub(MASK, text)
        for pattern, mask in _LOOKS:
            text = pattern.sub(mask, text)
        return text


REDACTOR = Redactor()
"""One for the process: what has become known as a secret stays one."""


def _forms(value: str) -> Iterator[str]:
    """Return the patterns of a secret value, in every form in which it may be sent or quoted."""
    yield _as_written(value)
    raw = value.encode("utf-8", "surrogatepass")
    for before, cut in enumerate((0, 2, 3)):
        # Within other base64 text (Basic: id, colon, secret) it may begin at any of three places;
        # only the characters that depend on nothing else are certain.
        whole = (before + len(raw)) * 8 // 6
        form = base64.b64encode(b"\0" * before + raw).decode()[cut:whole]
        if len(form) >= _SHORTEST:
            yield _as_written(form)


def _as_written(value: str) -> str:
    return "".join(
        form if is_plain(character) else f"(?i:{form})"
        for place, character in enumerate(value)
        for form in [spelled(character, first=place == 0)]
    )


class RedactedStream(io.TextIOBase):
    """Stands in for ``sys.stderr``: writes whole lines, without secrets.

    It has no binary ``buffer``, so that nothing can be written without it.
    """

    def __init__(self, stream: TextIO, redactor: Redactor) -> None:
        """Write to ``stream``, which stays open."""
        self._stream = stream
        self._redactor = redactor
        self._line = ""
        self._lock = threading.RLock()

    def write(self, text: str) -> int:
        """Write all complete lines; the rest waits for the end of its line, or :meth:`flush`."""
        with self._lock:
            lines, newline, self._line = (self._line + text).rpartition("\n")
            if newline:
                self._stream.write(self._redactor.redact(lines) + newline)
                self._stream.flush()
        return len(text)

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            if self._line:
                line, self._line = self._line, ""
                self._stream.write(self._redactor.redact(line))
            self._stream.flush()

    def writable(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Of the stream below."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # typeshed has an attribute
        """Of the stream below."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]  # typeshed has an attribute
        """Of the stream below."""
        return self._stream.errors


_handle = logging.Logger.handle
_PLAIN = frozenset(logging.makeLogRecord({}).__dict__)
"""What every log record has; beyond it is what the caller gave as ``extra``."""


def install(redactor: Redactor) -> None:
    """Take secrets out of all log records, whatever logger, level, handler or formatter.

    This replaces :meth:`logging.Logger.handle`, the one place that each record passes whole and
    before any handler. What logging itself offers lets secrets through: a record factory does not
    see ``extra``; a filter of a logger does not see what its children log; a filter of a handler
    misses the handlers that are added later, by the SDK's configuration or a library; and a class
    of loggers comes too late for those that exist. Stderr is redacted once more
    (:class:`RedactedStream`), but a configuration may have handlers write to files.
    """

    def handle(logger: logging.Logger, record: logging.LogRecord) -> None:
        _clean(record, redactor)
        _handle(logger, record)

    logging.Logger.handle = handle  # type: ignore[assignment,method-assign]  # on purpose


def _clean(record: logging.LogRecord, redactor: Redactor) -> None:
    """Take secrets out of a record; one without them stays exactly as it is."""
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):  # the arguments don't fit, but may hold secrets
        message = record.msg = f"{record.msg} {record.args}"
        record.args = None
    redacted = redactor.redact(message)
    if redacted != message:
        record.msg, record.args = redacted, None
    if record.exc_info and record.exc_info[1] is not None:
        trace = "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
        redacted = redactor.redact(trace)
        if redacted != trace:
            stand_in = _without_secrets(record.exc_info[1], redactor)
            record.exc_info = (type(stand_in), stand_in, stand_in.__traceback__)
            record.exc_text = redacted
    if record.stack_info:
        record.stack_info = redactor.redact(record.stack_info)
    for name in record.__dict__.keys() - _PLAIN:
        record.__dict__[name] = _redacted(record.__dict__[name], redactor)


def _without_secrets(error: BaseException, redactor: Redactor) -> BaseException:
    """Copy an exception without secrets; the original is still being handled and must stay."""
    kind = type(error)
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    stand_in: BaseException = type(kind.__name__, (Exception,), names)(redactor.redact(str(error)))
    stand_in.__traceback__ = error.__traceback__
    if error.__context__ is not None:
        stand_in.__context__ = _without_secrets(error.__context__, redactor)
    if error.__cause__ is not None:
        stand_in.__cause__ = _without_secrets(error.__cause__, redactor)
    stand_in.__suppress_context__ = error.__suppress_context__
    return stand_in


def _redacted(value: Any, redactor: Redactor) -> Any:  # noqa: ANN401  # extra may be anything
    if isinstance(value, dict):
        return {key: _redacted(inner, redactor) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redacted(inner, redactor) for inner in value]
    text = str(value)
    redacted = redactor.redact(text)
    return value if redacted == text else redacted
