"""Onsight Flow as a local server: accounts, gateway and blob storage below one prefix."""

from sandbox.flow.vendor import Flow

VENDOR = Flow

__all__ = ["VENDOR", "Flow"]
