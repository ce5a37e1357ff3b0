r"""Finds signed links and credentials in texts, however they are escaped.

Logs (:mod:`tap_kit.text.redact_logs`), records (:mod:`tap_kit.engine.redact_records`) and row
identity (:mod:`tap_kit.tables.canonical`) share these patterns.

Inside JSON, HTML or another link, ``&`` is written as ``\u0026``, ``&amp;`` or ``%26``; inside
several of these, as a combination: ``\\u0026amp;``, ``%255Cu0026``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_BACKSLASH = r"(?:\\|%(?:25)*5c)"
_SEMICOLON = r"(?:;|%(?:25)*3b)"
_NUMBER_SIGN = rf"(?:\#|{_BACKSLASH}+(?:u00|x)23|%(?:25)*23)"
_AGAIN = rf"(?:(?:amp|{_NUMBER_SIGN}(?:0*38|x0*26)){_SEMICOLON})*"
_ONE_AMPERSAND = rf"(?:&|{_BACKSLASH}(?:u00|x)26|%(?:25)*26){_AGAIN}"
_AMPERSAND = rf"(?:{_BACKSLASH}*&|{_BACKSLASH}+(?:u00|x)26|%(?:25)*26){_AGAIN}"


def is_plain(character: str) -> bool:
    """Whether a character is never escaped."""
    return character.isascii() and (character.isalnum() or character in "-._~")


def spelled(character: str, *, first: bool = False) -> str:
    r"""Return a pattern for a character, plain or as URLs, JSON and HTML escape it.

    Letters, digits and ``-._~`` are never escaped. Compile the pattern with ``re.IGNORECASE``:
    escapes may be in capitals.

    Args:
        character: The character.
        first: Whether it begins a pattern. Then the pattern leaves out the backslashes before it,
            of which there may be a long run.
    """
    if is_plain(character):
        return re.escape(character)
    some, any_ = (_BACKSLASH, "") if first else (f"{_BACKSLASH}+", f"{_BACKSLASH}*")
    ampersand = _ONE_AMPERSAND if first else _AMPERSAND
    units = character.encode("utf-16-be", "surrogatepass")
    escaped = [units[place : place + 2].hex() for place in range(0, len(units), 2)]
    percent = (f"%(?:25)*{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
    code = ord(character)
    forms = [
        rf"{any_}{re.escape(character)}",
        rf"{some}u{f'{_BACKSLASH}+u'.join(escaped)}",
        rf"{any_}{''.join(percent)}",
        rf"{ampersand}{_NUMBER_SIGN}(?:0*{code}|x0*{code:x}){_SEMICOLON}",
    ]
    if code < 256:  # noqa: PLR2004  # one byte
        forms.append(rf"{some}x{code:02x}")
    if character == " ":
        forms.append(r"\+")
    if character in _ENTITIES:
        forms.append(rf"{ampersand}{_ENTITIES[character]}{_SEMICOLON}")
    if character in _ESCAPES:
        forms.append(rf"{some}{_ESCAPES[character]}")
    return f"(?:{'|'.join(forms)})"


_ENTITIES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_ESCAPES = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}

EQUALS = spelled("=")
_QUESTION = spelled("?")
_HASH = spelled("#")
_SLASH = spelled("/")
COLON = spelled(":")
QUOTE = "(?:" + spelled('"') + "|" + spelled("'") + ")"
FIRST_QUOTE = "(?:" + spelled('"', first=True) + "|" + spelled("'", first=True) + ")"
_HEX = r"[0-9a-f]"

NAMES: Final = (
    r"sig|[\w-]*signature|"
    r"(?:access|refresh|id|auth|oauth|security|session|sas|bearer)?[_-]?token|[\w-]*-token|"
    r"[\w-]*-credential|(?:aws|oss|google)access(?:key)?id|key-pair-id|"
    r"(?:api|access|account|shared|subscription|functions?|secret|private)[_-]?key|"
    r"(?:api|client|app)[_-]?secret|passw(?:or)?d|hdne[at]|hdnts|hmac|jwt"
)
"""Names of what holds a signature or a credential wherever it stands."""

_LINK_NAMES = rf"{NAMES}|key|policy|secret|auth(?:[_-]?key)?|[\w-]*token"
"""Parameters that do so within a link; elsewhere these are ordinary words."""

_LONG_CODE = rf"code(?={EQUALS}[\w%+/=-]{{20}})"
"""A function's access key; shorter codes are the vendor's own names of things."""

_SEPARATOR = (
    rf"(?:{_ONE_AMPERSAND}|"
    rf"[?#;]|{_BACKSLASH}(?:u00|x)(?:3f|23|3b)|%(?:25)*(?:3f|23|3b))"
)
PARAMETER: Final = rf"{_SEPARATOR}(?:{_LINK_NAMES}|{_LONG_CODE}){EQUALS}"
"""A link's parameter that signs it: separator, name and equals sign."""

_CHARACTER_OF_LINKS = (
    rf"[\\/]|u00(?!0|1|2[027]|3[ce]|7f){_HEX}{{2}}|u(?!00){_HEX}{{4}}|"
    rf"x(?:2[1345689a-f]|3[0-9abdf]|[4-7]{_HEX})"
)
"""What may follow a backslash within a link: JSON that escapes more than it must."""

VALUE: Final = rf"""(?:[^\s&"'<>\\,;)]|\\+(?:/|(?!u0026|x26)(?:{_CHARACTER_OF_LINKS})))+"""
"""The value of a parameter, in a text."""

_ENDS = (
    rf"[\s\"'<>]|(?<!\\)\\+(?!{_CHARACTER_OF_LINKS})|"
    rf"(?:&|(?<!\\)\\+(?:u00|x)26)(?:amp;)*(?:quot|lt|gt|apos|#0*3[49]|#x0*2[27]);"
)
_SCHEME = re.compile(rf"[a-z][a-z\d+.-]*(?P<colon>{COLON}){_SLASH}{_SLASH}", re.IGNORECASE)
_ANY_QUESTION = re.compile(rf"{_QUESTION}|(?<![&;])#|%(?:25)*23", re.IGNORECASE)
_SIGNED = re.compile(PARAMETER, re.IGNORECASE)
_STRONG = re.compile(rf"{_SEPARATOR}(?:{NAMES}){EQUALS}", re.IGNORECASE)
_PERCENT = re.compile(r"%(?:25)*")
_LONGEST = 1 << 14
"""A link's beginning is looked for in so many characters before the parameter that signs it."""

_SIGNED_LINKS = (
    re.compile(
        rf"(https?://[^?\s]+)\?(?:.*{_SEPARATOR})?(?:{_LINK_NAMES}|{_LONG_CODE}){EQUALS}.*",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        rf"(https?{COLON}{_SLASH}{_SLASH}(?:(?!{_QUESTION})\S)+){_QUESTION}"
        rf"(?:.*{_SEPARATOR})?(?:{_LINK_NAMES}|{_LONG_CODE}){EQUALS}.*",
        re.IGNORECASE | re.DOTALL,
    ),
)


_ENDINGS = "sig|ture|oken|key|tial|ssid|yid|r-id|cret|auth|sword|sswd|hdne[at]|hdnts|hmac|jwt|licy"
"""How the names of parameters that sign a link end, but for ``code``."""


def _after_name(first: str, *, rest: str) -> re.Pattern[bytes]:
    """Return a pattern for what follows a name, by its first character.

    The character stands before the assertion, so that the search can skip to it: every page of
    records is searched, and this takes a tenth of the time.
    """
    behind = (f"(?<=(?i:{end}){first})" for end in _ENDINGS.split("|"))
    long_code = rf"(?<=(?i:code){first})(?=[\w%+/=-]{{20}})" if first == "=" else ""
    named = "|".join([*behind, long_code or f"(?<=(?i:code){first})"])
    return re.compile(rf"{first}(?:{named}){rest}".encode())


_ESCAPED_EQUALS = r'[^\s"<>]{0,99}?(?:3[dD]|61[;%])'
_PERHAPS_SIGNED = (
    (b"=", _after_name("=", rest="")),
    (b"\\", _after_name(r"\\", rest=_ESCAPED_EQUALS)),
    (b"%", _after_name("%", rest=_ESCAPED_EQUALS)),
    (b"&", _after_name("&", rest=_ESCAPED_EQUALS)),
)
"""First bytes of an equals sign, plain or escaped, and what follows a name from there on."""


def may_be_signed(text: bytes) -> bool:
    """Whether a text may hold signed links: far quicker than :func:`unsigned`."""
    return any(first in text and pattern.search(text) for first, pattern in _PERHAPS_SIGNED)


def strip_query(url: str) -> str:
    """Return a URL without its query string and fragment."""
    return re.split("[?#]", url, maxsplit=1)[0]


def unsigned_cell(text: str) -> str:
    """Return a cell without its query if it is one signed link, which may hold blanks."""
    for link in _SIGNED_LINKS:
        if match := link.fullmatch(text):
            return match[1]
    return text


def unsigned(text: str) -> str:
    """Take the query string out of every signed link in a text or in encoded JSON.

    A link is signed if its query names a signature, key or token. It ends at a character that no
    link has, also where JSON escapes that one: so the result is the same before and after encoding.
    """
    kept: list[str] = []
    done = 0
    found = _SIGNED.search(text)
    while found:
        cut = _query(text, _beginning(text, done, found.start()), found)
        if cut is None:
            found = _SIGNED.search(text, found.end())
            continue
        at, level = cut
        kept.append(text[done:at])
        end = _ends(level).search(text, found.end())
        done = end.start() if end else len(text)
        found = _SIGNED.search(text, done)
    return "".join([*kept, text[done:]]) if kept or done else text


def _beginning(text: str, earliest: int, parameter: int) -> int:
    """Find where the link of a parameter begins: after the last character that no link has."""
    start = max(earliest, parameter - _LONGEST)
    for end in _ends(0).finditer(text, start):
        if end.end() > parameter:
            break
        start = end.end()
    return start


def _query(text: str, start: int, parameter: re.Match[str]) -> tuple[int, int] | None:
    """Find where a link's query begins, and how often it is percent-encoded; None if no link."""
    scheme = _SCHEME.search(text, start, parameter.start())
    if scheme:
        start = scheme.start()
    percent = _PERCENT.search(scheme["colon"]) if scheme else None
    level = (len(percent[0]) + 1) // 2 if percent else 0
    question = _question(level).search(text, start, parameter.end()) or _ANY_QUESTION.search(
        text, start, parameter.end()
    )
    if not (scheme or question or _STRONG.match(text, parameter.start())):
        return None
    at = parameter.start()
    while at > start and text[at] == text[at - 1] == "\\":
        at -= 1
    return (min(question.start(), at) if question else at), level


@cache
def _question(level: int) -> re.Pattern[str]:
    """Return the pattern of what begins a link's query, percent-encoded so many times."""
    if level:
        return re.compile(rf"%(?:25){{{level - 1}}}(?:3f|23)", re.IGNORECASE)
    return re.compile(r"\?|(?<![&;])#|\\+(?:u00|x)(?:3f|23)", re.IGNORECASE)


@cache
def _ends(level: int) -> re.Pattern[str]:
    """Return the pattern of what ends a link that is percent-encoded so many times."""
    if not level:
        return re.compile(_ENDS, re.IGNORECASE)
    encoded = rf"%(?:25){{0,{level - 1}}}(?:2[027]|3[ce]|0[9ad]|5c(?!u00|%(?:25)*(?:2f|5c)|/))"
    return re.compile(rf"{_ENDS}|{encoded}", re.IGNORECASE)
