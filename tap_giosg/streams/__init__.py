"""The five streams: keys, columns, what reads them, and where giosg documents them."""

from __future__ import annotations

from tap_giosg.streams.base import Discovered, DiscoveredStream, EventStream
from tap_giosg.streams.events import SourceData, StepSourceData
from tap_giosg.streams.workflows import WorkflowInfo, Workflows, WorkflowSidedata

__all__ = [
    "Discovered",
    "DiscoveredStream",
    "EventStream",
    "SourceData",
    "StepSourceData",
    "WorkflowInfo",
    "WorkflowSidedata",
    "Workflows",
]
