"""Which characters the bytes of a body stand for.

A few bytes that are no UTF-8, as where a text was cut within a character, cost no record: each
stands as :data:`LOST` in the text, for which :mod:`tap_kit.text.unstorable` writes U+FFFD, with a
warning that names the field. A text in which they are many is in another charset, and is refused.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = (
    (re.compile(rb"[^\0]\0\0\0", re.DOTALL), "utf-32-le"),
    (re.compile(rb"\0\0\0[^\0]", re.DOTALL), "utf-32-be"),
    (re.compile(rb"[^\0]\0[^\0]\0|[^\0]\0$", re.DOTALL), "utf-16-le"),
    (re.compile(rb"\0[^\0]\0[^\0]|\0[^\0]$", re.DOTALL), "utf-16-be"),
)
"""How two characters of ASCII look in UTF-16 and UTF-32: a text begins with such, or a mark."""

LOST: Final = "\udcff"
"""Stands for bytes that are no character: half a surrogate pair, which no target can store."""
_FEW_LOST = 2
"""So many characters that are lost say nothing of a text's charset."""
_MOST_LOST = 10
"""If more of them are, and more than one character in so many, it is in another one."""
_CUT_OFF = frozenset({"unexpected end of data", "truncated data", "incomplete multibyte sequence"})
"""What the decoders of UTF-8, UTF-16/32 and the Asian charsets say of a text that was cut off."""


def _without(error: UnicodeError) -> tuple[str | bytes, int]:
    """Pass over bytes that are no character; keep halves of surrogate pairs.

    Raises:
        UnicodeError: The text was cut off, or is not in the charset that its label names.
    """
    if not isinstance(error, UnicodeDecodeError) or is_cut_off(error):
        raise error
    try:
        return codecs.lookup_error("surrogatepass")(error)
    except UnicodeError:
        if error.encoding.lower() not in {"utf-8", "utf8"}:
            raise
        return LOST, error.end


LENIENT: Final = "tap_kit.lenient"
"""How decoders take errors, by the name that Python knows it by."""
codecs.register_error(LENIENT, _without)


def is_cut_off(error: UnicodeDecodeError) -> bool:
    """Whether a text ends within a character."""
    return error.reason in _CUT_OFF


def encoding_of(head: bytes, charset: str | None = None) -> str:
    """Find a text's encoding: by its byte order mark, by its NUL bytes, or by its label.

    Args:
        head: The first bytes.
        charset: The label: the charset in ``Content-Type``.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    for pattern, encoding in _WIDE:
        if pattern.match(head[:4]):
            return encoding
    return charset or "utf-8"


def decoded(content: bytes, charset: str | None = None) -> str:
    """Return a JSON body as text: UTF-8 wherever that is possible, else in its charset.

    Raises:
        ValueError: It is in neither, or nobody knows the charset.
    """
    encoding = encoding_of(content[:4])
    try:
        return content.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise
    try:
        return content.decode(charset or encoding)
    except (UnicodeDecodeError, LookupError):
        text = content.decode(encoding, LENIENT)
    if not is_legible(text):
        msg = f"it is not in {charset or encoding}"
        raise ValueError(msg)
    return text


def is_known(charset: str) -> bool:
    """Whether Python knows a charset."""
    try:
        b"".decode(charset)
    except LookupError:
        return False
    return True


def beginning(head: bytes, charset: str | None = None) -> str:
    """Return the beginning of a body as text, whatever it is; it may be cut anywhere."""
    try:
        decoder = codecs.getincrementaldecoder(encoding_of(head, charset))(LENIENT)
        return str(decoder.decode(head))
    except (UnicodeError, LookupError, TypeError):  # the charset is wrong, or no charset at all
        return head.decode("utf-8", "replace")


def is_legible(text: str) -> bool:
    """Whether no more of a text is lost than a few characters."""
    return not too_many_lost(text.count(LOST), len(text))


def too_many_lost(lost: int, length: int) -> bool:
    """Whether a text of so many characters is in another charset, since so many of it are lost."""
    return lost > _FEW_LOST and _MOST_LOST * lost > length
