"""The documents that describe Flow's fields, for the descriptions of properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_kit.streams.fields import documented

if TYPE_CHECKING:
    from tap_kit.streams.fields import Property


def guide(section: str, *properties: Property) -> tuple[Property, ...]:
    """Fields that a section of the developer guide describes."""
    return documented(f"guide {section}", *properties)


def sample(section: str, *properties: Property) -> tuple[Property, ...]:
    """Fields that only a sample in the guide shows; their names suggest the meaning."""
    return documented(f"guide {section}, meaning inferred", *properties)


def upstream(*properties: Property) -> tuple[Property, ...]:
    """Fields described where the guide's copy of the vendor's documentation is broken.

    Source: https://github.com/Intoware/workfloplus-docs
    """
    return documented("upstream", *properties)


def integrations(*properties: Property) -> tuple[Property, ...]:
    """Fields that only the vendor's own integrations read; their names suggest the meaning.

    Source: https://github.com/libreeng (BD-Salesforce, BD-SAP, BD-D365)
    """
    return documented("integrations, meaning inferred", *properties)


def own(*properties: Property) -> tuple[Property, ...]:
    """Fields that the tap adds."""
    return documented("tap-flow", *properties)
