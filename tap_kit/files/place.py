"""Names of files and folders that every storage takes, made from whatever a vendor sends.

A place is a path below the folder or bucket: ``job_attachments/<jobId>/<attachmentId>/photo.jpg``.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST: Final = 150
"""Bytes of UTF-8 in one part."""

_SIGNS = frozenset('/\\<>:"|?*#')
_LINE_SEPARATORS = frozenset({"Zl", "Zp"})
_MARKED = re.compile(r"~[0-9a-f]{20}(?:\.\w+)?", re.ASCII | re.IGNORECASE)
_EXTENSION = re.compile(r"\.\w{1,16}", re.ASCII)
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names of devices to Windows, with or without an extension."""


def place_of(folders: Iterable[str], name: str) -> str:
    """Return the place of a file, different for different folders.

    Args:
        folders: What tells the file apart from all others: its stream, key and field.
        name: The vendor's name of it, which need not be unique, safe, or there at all.
    """
    return "/".join([*map(folder_part, folders), file_part(name)])


def folder_part(text: str) -> str:
    """Return a folder's name; different texts give different ones, where case is ignored, too."""
    safe = _safe(text)
    return safe if _is_fit(safe, text) and text == text.casefold() else _marked(safe, text)


def file_part(text: str) -> str:
    """Return a file's name: the text itself, if every storage takes it.

    Otherwise signs are replaced, it is cut to 150 bytes, and a hash of the text tells it apart.
    """
    safe = _safe(text)
    return safe if _is_fit(safe, text) else _marked(safe, text)


def _is_fit(safe: str, text: str) -> bool:
    return safe == text and len(text.encode()) <= LONGEST


def _safe(text: str) -> str:
    normal = unicodedata.normalize("NFC", text)
    safe = "".join("_" if _is_unsafe(sign) else sign for sign in normal).strip(" .")
    if not safe or _DEVICE.fullmatch(safe) or _MARKED.search(safe):
        return "_" + safe
    return safe


def _is_unsafe(sign: str) -> bool:
    category = unicodedata.category(sign)
    return sign in _SIGNS or category[0] == "C" or category in _LINE_SEPARATORS


def _marked(safe: str, text: str) -> str:
    """The name with a hash of the text it was made from, before its extension."""
    mark = "~" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
    stem, dot, extension = safe.rpartition(".")
    tail = mark + dot + extension
    if not stem or not _EXTENSION.fullmatch(dot + extension):
        stem, tail = safe, mark
    return _cut(stem, LONGEST - len(tail)) + tail


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore").rstrip(" .")
