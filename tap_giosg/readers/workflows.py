"""``workflows`` and ``workflow_info``: what giosg says of each workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_giosg.readers.base import GiosgReader
from tap_kit.streams.reader import Page

if TYPE_CHECKING:
    from collections.abc import Iterator


class DefinitionsReader(GiosgReader):
    """``workflows``: what the organization lists, or each configured workflow."""

    def slices(self) -> Iterator[Iterator[Page]]:
        """All pages, one after the other: each leads to the next."""
        yield self._pages()

    def _pages(self) -> Iterator[Page]:
        for definitions in self.organization.definitions(self.stats):
            yield Page({self.name: [dict(definition) for definition in definitions]})
        self.organization.check_configured(self.stats)


class InfoReader(GiosgReader):
    """``workflow_info``."""

    def slices(self) -> Iterator[Iterator[Page]]:
        """One page a workflow."""
        for workflow in self.organization.workflows(self.stats):
            yield iter([Page({self.name: [{"id": workflow.id, **workflow.info}]})])
        self.organization.check_configured(self.stats)
