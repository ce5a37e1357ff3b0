"""Files that BATCH messages name."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import msgspec

from target_db.errors import LoadError

if TYPE_CHECKING:
    from collections.abc import Iterator


def records(url: str, encoding: dict[str, Any]) -> Iterator[bytes]:
    """The records of a file as JSON.

    Raises:
        LoadError: It is not there, can't be read, or is of another format than jsonl or parquet.
    """
    path = _path(url)
    form, compression = encoding.get("format"), encoding.get("compression")
    try:
        if form == "jsonl" and compression in (None, "none", "gzip"):
            opened: Any = gzip.open if compression == "gzip" else Path.open
            with opened(path, "rb") as lines:
                for line in filter(bytes.strip, lines):
                    line.decode()  # the check of records leaves it open within objects
                    yield line
        elif form == "parquet":
            yield from _parquet(path)
        else:
            msg = f"a BATCH of {form} files ({compression}) can't be read; jsonl and parquet can"
            raise LoadError(msg)
    except UnicodeDecodeError:
        msg = f"the BATCH file {path} is not UTF-8"
        raise LoadError(msg) from None
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "it is cut off or damaged"
        msg = f"the BATCH file {path} can't be read: {reason}"
        raise LoadError(msg) from None


def _path(url: str) -> Path:
    parts = urlsplit(url)
    if parts.scheme not in ("", "file"):
        msg = (
            f"a BATCH names files at {parts.scheme}://, but only local files (file://) can be read"
        )
        raise LoadError(msg)
    return Path(unquote(parts.path) if parts.scheme else url)


def _parquet(path: Path) -> Iterator[bytes]:
    try:
        import pyarrow as pa  # noqa: PLC0415  # an extra
        import pyarrow.parquet as pq  # noqa: PLC0415  # likewise
    except ImportError:
        msg = "BATCH files in Parquet need pyarrow: install frontline-taps[parquet] too"
        raise LoadError(msg) from None
    encode = msgspec.json.Encoder(decimal_format="number").encode
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from map(encode, batch.to_pylist())
    except pa.ArrowInvalid:
        msg = f"the BATCH file {path} is no Parquet file"
        raise LoadError(msg) from None
