"""Finds the columns of samples, with their types."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tap_kit.tables.columns import name_columns
from tap_kit.tables.types import Column, ColumnType
from tap_kit.text.json import json_type

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tap_kit.tables.block import Block

_log = logging.getLogger(__name__)


class ColumnSurvey:
    """Collects the columns of any number of samples.

    A column of text is a ``string``. A column of JSON values has their type, with ``number`` for
    all numbers, and later values must have it. A column that was always null, or of several types,
    is a ``string`` and accepts any value.
    """

    def __init__(self, envelope: Collection[str]) -> None:
        """Begin without columns.

        Args:
            envelope: The names that the tap puts beside the columns.
        """
        self._envelope = envelope
        self._seen: dict[str, set[str]] = {}

    def add(self, blocks: Iterable[Block]) -> int:
        """Add the columns of a sample.

        Returns:
            The number of rows in the sample.
        """
        rows = 0
        for block in blocks:
            rows += len(block.rows)
            names = name_columns(block.headings, self._envelope)
            types = [self._seen.setdefault(name, set()) for name in names]
            for row in block.rows:
                for kinds, cell in zip(types, row, strict=False):
                    if not block.is_json:
                        kinds.add("text")
                    elif cell != "":  # which stands for "nothing" beside values of any type
                        kinds.add(json_type(cell))
        return rows

    @property
    def columns(self) -> dict[str, Column]:
        """Return all columns found so far, in the order in which they came."""
        return {name: _column(kinds - {"null"}) for name, kinds in self._seen.items()}


def warn_of_twins(stream: str, names: Iterable[str]) -> None:
    """Warn of columns whose names differ only in case, which most loaders take for one."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            _log.warning(
                "discovery: the columns %s and %s of %s differ in case only, which many targets "
                "can't tell apart: deselect one of them in the catalog, or give it another name "
                "with stream_maps",
                other,
                name,
                stream,
            )


def _column(kinds: set[str]) -> Column:
    if kinds and kinds <= {"integer", "number"}:
        return Column(ColumnType.NUMBER, strict=True)
    if len(kinds) == 1 and "text" not in kinds:
        return Column(ColumnType(next(iter(kinds))), strict=True)
    return Column(ColumnType.STRING)
