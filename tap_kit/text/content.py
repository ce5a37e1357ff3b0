"""What a body is, judged by its bytes, because its ``Content-Type`` may be wrong.

For the fetched and downloaded responses of all taps: which kind of document a body is, in which
encoding (:mod:`tap_kit.text.charset`), and whether JSON reports an error in place of data.
"""

from __future__ import annotations

import codecs
import json
import re
from enum import Enum
from typing import IO, TYPE_CHECKING, Any

import msgspec

from tap_kit.text.charset import beginning, decoded, is_legible
from tap_kit.text.unstorable import note_met

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

_HEAD = 4096
_WHOLE = 8 * 2**20
"""Bytes of a body that is parsed as a whole to find out whether it is JSON."""

_BLANK = "\ufeff \t\r\n\x1a"

_WORKBOOKS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")
_OTHERS = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")
_MARKUP = re.compile(r"<[A-Za-z!?/]")
_HEADING_IN_ANGLES = re.compile(r"<[^<>\r\n]*>[ \t]*[,;|]")
_JSON = re.compile(r"""\{\s*"|\[\s*[{\["]|[{[]\s*$|(?:\{\s*\}|\[\s*\])\s*$""")
_EMPTY_LIST = re.compile(r"\[\s*(?:\]|$)")
"""How one begins."""
_MAYBE_JSON = re.compile(r"[{\[]|(?:null|true|false|-?\d[\d.eE+-]*)\s*$")

ROW_NAMES = (
    "data",
    "rows",
    "results",
    "items",
    "records",
    "result",
    "events",
    "entries",
    "values",
    "value",
    "content",
    "list",
    "report",
)
"""Members of a JSON object whose list is taken for rows; a list of any other name is none."""

_ERRORS = frozenset(
    {
        "error",
        "errors",
        "errorcode",
        "errordescription",
        "errormessage",
        "errormessages",
        "errortype",
        "exception",
        "exceptions",
        "fault",
        "faults",
        "faultcode",
        "faultstring",
    }
)
_VERDICTS = frozenset({"success", "ok", "succeeded", "successful"})
_STATES = frozenset({"status", "state", "result", "type", "outcome"})
_FAILED = frozenset({"error", "fail", "failed", "failure", "exception", "fault"})
_CODES = frozenset({"code", "status", "statuscode", "httpstatus", "httpcode"})
_WORDS = frozenset({"message", "msg", "detail", "details", "reason", "title"})
_ENVELOPE = (
    _ERRORS
    | _VERDICTS
    | _STATES
    | _CODES
    | _WORDS
    | {"name", "description", "timestamp", "path", "instance", "requestid", "traceid", "info"}
    | {"warning", "warnings"}
)
"""Names that errors of many servers have; an object with no other names holds no data."""
_MESSAGE = _CODES | {"message", "msg", "detail"}
"""Names of a message that stands without an error's name."""
_FAILING = re.compile(
    r"error|exception|fail|fault|time[d ]?.?out|unavailable|denied|forbidden|unauthori[sz]ed"
    r"|invalid|not available|too many|throttl|exceeded|expired|try again|maintenance|not found"
    r"|bad (?:gateway|request)",
    re.IGNORECASE,
)
_STATUSES = range(400, 600)


class Kind(Enum):
    """The kinds of bodies; the values are for messages."""

    EMPTY = "nothing"
    JSON = "JSON"
    MARKUP = "HTML or XML"
    WORKBOOK = "a workbook"
    TEXT = "text"
    OTHER = "binary data"


class JsonDecoder:
    """Decodes JSON, even where a vendor's is not quite JSON.

    The first parser is fast and strict. What it refuses goes to a second one, which takes the
    charset of the response, and accepts what JSON forbids or no target can store (NaN, halves of
    surrogate pairs, control characters, bytes that are no character);
    :mod:`tap_kit.text.unstorable` replaces that later.

    Args:
        number: Converts the digits of a number that has a fraction or an exponent.
    """

    def __init__(self, number: Callable[[str], Any]) -> None:
        self._number = number
        self._strict = msgspec.json.Decoder(float_hook=number)

    def decode(self, content: bytes, charset: str | None = None) -> Any:  # noqa: ANN401  # any JSON
        """Decode a body.

        Raises:
            ValueError: It is not JSON, or was cut off; the message quotes nothing of it.
        """
        content = content.removeprefix(codecs.BOM_UTF8)
        try:
            return self._strict.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            strict = error
        try:
            return self.text(decoded(content, charset))
        except (ValueError, RecursionError):
            msg = f"{strict}"
            raise ValueError(msg) from None

    def text(self, text: str) -> Any:  # noqa: ANN401  # any JSON
        """Decode a text; raises as :meth:`decode` does."""
        value = json.loads(text.strip(_BLANK), parse_float=self._number, strict=False)
        note_met(text)
        return value


def kind_of(file: IO[bytes], charset: str | None = None) -> Kind:
    """Find out what kind of document a body is.

    Args:
        file: The body, at its beginning; it is there again afterwards.
        charset: The charset in ``Content-Type``.
    """
    head = _head(file, charset)
    if head.startswith(_WORKBOOKS):
        return Kind.WORKBOOK
    text = _text(head, charset)
    if head.startswith(_OTHERS) or not is_legible(text):
        return Kind.OTHER
    if not text:
        return Kind.EMPTY
    if is_markup(text):
        return Kind.MARKUP
    if _JSON.match(text) or (_MAYBE_JSON.match(text) and _parses(file, charset)):
        return Kind.JSON
    return Kind.TEXT


def is_empty_list(file: IO[bytes], charset: str | None = None) -> bool:
    """Whether a body is a JSON list without items, in whatever encoding and layout.

    Args:
        file: As :func:`kind_of` takes it.
        charset: The same.
    """
    if not _EMPTY_LIST.match(_text(_head(file, charset), charset)):
        return False
    start = file.tell()
    content = file.read()
    file.seek(start)
    try:
        decoded = JsonDecoder(float).decode(content, charset)
    except ValueError:
        return False
    return isinstance(decoded, list) and not decoded


def _head(file: IO[bytes], charset: str | None) -> bytes:
    """Return the beginning of a body, or its first part that is not blank."""
    start = file.tell()
    head = file.read(_HEAD)
    while head and not _text(head, charset) and (more := file.read(_HEAD)):
        head = more
    file.seek(start)
    return head


def _text(head: bytes, charset: str | None) -> str:
    return beginning(head, charset).strip(_BLANK)


def _parses(file: IO[bytes], charset: str | None) -> bool:
    """Whether the beginning is that of JSON; that of CSV may look like it: ``[Date],[Store]``."""
    start = file.tell()
    content = file.read(_WHOLE + 1)
    file.seek(start)
    try:
        JsonDecoder(float).decode(content, charset)
    except ValueError:
        return False
    return True


def error_in(
    decoded: object, declared: Collection[str] = (), *, rows: int | None = None
) -> str | None:
    """Return the error that a JSON response reports; None if it reports none.

    Args:
        decoded: The decoded response; only an object can report an error.
        declared: Fields of the endpoint's documented response. An object that has one of them is
            no error, unless errors have that field, too.
        rows: The number of rows in the response, where it has a list of rows. Beside a list a
            message is needed to report an error; beside rows a message may be about anything.
    """
    if not isinstance(decoded, dict):
        return None
    names = {name: _plain(name) for name in decoded}
    if any(name in declared and plain not in _ENVELOPE for name, plain in names.items()):
        return None
    bare = rows is None and bool(names) and _ENVELOPE.issuperset(names.values())
    if bare or _fails(decoded, names) or (not rows and _is_told(decoded, names)):
        return _words(decoded, names)
    return None


def error_in_rows(rows: Sequence[object]) -> str | None:
    """Return the error that a list reports in which errors stand in place of rows; None if none do.

    A list of rows may have a column for errors: only where all rows have an error, and nothing
    but what errors have, is there no row among them.
    """
    told: list[str] = []
    for row in rows:
        if not isinstance(row, dict) or not row:
            return None
        names = {name: _plain(name) for name in row}
        flagged = any(plain in _ERRORS and row[name] for name, plain in names.items())
        alone = len(rows) == 1 and _MESSAGE.issuperset(names.values()) and _is_told(row, names)
        if not _ENVELOPE.issuperset(names.values()) or not (flagged or alone):
            return None
        told.append(_words(row, names))
    return "; ".join(dict.fromkeys(told)) or None


def means_rows(name: str, member: object) -> bool:
    """Whether a member of an object is its list of rows."""
    return isinstance(member, list) and name.lower() in ROW_NAMES


def holds_rows(decoded: Mapping[str, Any]) -> bool:
    """Whether an object has a list of rows."""
    return any(means_rows(name, member) for name, member in decoded.items())


def is_markup(text: str) -> bool:
    """Whether a text is HTML or XML."""
    return bool(_MARKUP.match(text)) and not _HEADING_IN_ANGLES.match(text)


def is_line_of_failure(text: str) -> bool:
    """Whether a text of one line reports a failure, rather than being a heading."""
    return _FAILING.search(text) is not None


def _fails(decoded: Mapping[str, Any], names: Mapping[str, str]) -> bool:
    """Whether a member that flags failure or success, such as ``ok``, says that it failed."""
    return any(
        (plain in _ERRORS and bool(value))
        or (plain in _VERDICTS and value is False)
        or (plain in _STATES and isinstance(value, str) and value.lower() in _FAILED)
        or (plain in _CODES and _is_status(value))
        for (name, plain), value in zip(names.items(), decoded.values(), strict=True)
    )


def _is_told(decoded: Mapping[str, Any], names: Mapping[str, str]) -> bool:
    """Whether the object's messages report a failure."""
    return any(
        plain in _WORDS and isinstance(decoded[name], str) and is_line_of_failure(decoded[name])
        for name, plain in names.items()
    )


def _words(decoded: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return the vendor's own message, or the names of the members where there is none."""
    found = [
        text
        for name, plain in names.items()
        if plain in _ERRORS | _WORDS
        for text in _texts(decoded[name])
    ]
    return "; ".join(dict.fromkeys(found)) or f"an object of {', '.join(decoded)}"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if _plain(name) in _ERRORS | _WORDS:
                yield from _texts(item)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _is_status(value: object) -> bool:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    return isinstance(value, int) and value in _STATUSES
