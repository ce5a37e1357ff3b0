"""What lies in blob storage: the content of each file, made from its name."""

from __future__ import annotations

from hashlib import sha256

THUMBNAILS = (("small", 120, 90), ("medium", 480, 360), ("large", 1280, 960))

_DIGITS = 6
"""Hex digits at the end of an attachment's id: the length of its file in bytes."""
_PHOTO = b"\xff\xd8\xff\xe0"
_EXAMPLES = {"63e39d97-d6cb-433b-b69c-2e2ed6c76f37": 14204}
"""Files of the guide's samples, by name."""


def named_by_size(identifier: str, size: int) -> str:
    """An id that holds the length of a file, so that a hundred thousand need no memory."""
    return f"{identifier[:-_DIGITS]}{size:0{_DIGITS}x}"


def thumbnail_size(size: int, width: int, height: int) -> int:
    """Length of a thumbnail of a file of so many bytes."""
    return width * height // 9 + size % 997


def photo(name: str) -> bytes:
    """An attachment, or a thumbnail of one: as long as its record says."""
    for each, width, height in THUMBNAILS:
        if name.endswith(f"-{each}"):
            identifier = name.removesuffix(f"-{each}")
            return _filled(name, thumbnail_size(_size_of(identifier), width, height))
    return _filled(name, _size_of(name))


def report(name: str) -> bytes:
    """The PDF of a report."""
    return f"%PDF-1.4\n% {name}\n%%EOF\n".encode()


def template(name: str) -> bytes:
    """A file of a report template."""
    return f"<!doctype html>\n<body>{name}</body>\n".encode()


def _size_of(name: str) -> int:
    if name in _EXAMPLES:
        return _EXAMPLES[name]
    try:
        return int(name[-_DIGITS:], 16)
    except ValueError:
        return len(_PHOTO)


def _filled(name: str, size: int) -> bytes:
    pattern = sha256(name.encode()).digest()
    return (_PHOTO + pattern * (size // len(pattern) + 1))[:size]
