"""Addresses of folders and buckets: what is wrong with one, and the store that it names."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from tap_kit.files.local import LocalStore

if TYPE_CHECKING:
    from tap_kit.files.store import Store

_CLOUDS: Final = {"s3": ("s3fs", "s3"), "gs": ("gcsfs", "gcs"), "az": ("adlfs", "azure")}
"""By scheme: the module that a cloud needs, and the extra that installs it."""
_BUCKET = re.compile(r"[\w.-]+", re.ASCII)
_FORMS = (
    "file:///folder, s3://bucket/folder, gs://bucket/folder or az://container/folder, without "
    "credentials in it"
)


def address_problem(url: str) -> str | None:
    """Say what is wrong with an address of a folder or bucket; None if nothing is.

    Args:
        url: The value of a setting; never shown, since there may be a secret in it.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"must be {_FORMS}"
    plain = not (parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme == "file":
        absolute = parts.path.startswith("/") and "\0" not in unquote(parts.path)
        fits = parts.netloc in {"", "localhost"} and absolute
    else:
        fits = parts.scheme in _CLOUDS and bool(_BUCKET.fullmatch(parts.netloc))
    if not (fits and plain):
        return f"must be {_FORMS}"
    module, extra = _CLOUDS.get(parts.scheme, ("os", ""))
    if find_spec(module) is None:
        return f"needs an extra for {parts.scheme}://; run pip install 'frontline-taps[{extra}]'"
    return None


def open_store(url: str) -> Store:
    """Open the folder or bucket of a checked address; nothing is requested or written yet."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStore(url2pathname(parts.path))
    from tap_kit.files.bucket import BucketStore  # noqa: PLC0415  # fsspec takes a while to load

    return BucketStore(parts.scheme, parts.netloc, unquote(parts.path).strip("/"))
