"""Every stream brings what XOi has, whatever form XOi chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.xoi.habits import VARIANTS
from tap_xoi.tap import TapXoi
from tests.tap_xoi.conftest import REPORTS, Tenant

if TYPE_CHECKING:
    from collections.abc import Callable

STREAMS = [stream.name for stream in TapXoi.stream_types]
CHOICES = [(name, choice) for name, choices in VARIANTS.items() for choice in choices[1:]]


@pytest.mark.parametrize(("variant", "choice"), [("", ""), *CHOICES])
def test_all_streams_are_complete(
    tenant_of: Callable[..., Tenant], variant: str, choice: str
) -> None:
    tenant = tenant_of(**({variant: choice} if variant else {}))
    # A page that XOi refuses is an error, which names the setting.
    output = tenant.run(*STREAMS, page_size=50 if variant == "largest_page" else 100)
    # Reports that no event leads to are missing, and that is an error, too.
    empty = (variant, choice) == ("webhook_history", "empty")
    assert output.failures.keys() == ({*REPORTS} if empty else set())
    for name in STREAMS:
        tenant.assert_same(output.records[name], tenant.truth(name), name)
        keys = output.schemas[name]["key_properties"]
        assert len(output.by_key(name, *keys)) == len(output.records[name])
    assert not tenant.sandbox.journal.writes()


@pytest.mark.parametrize("source", ["documentation", "job_summary"])
@pytest.mark.parametrize("window", ["day", "year"])
def test_reports_are_complete_from_each_source(tenant: Tenant, source: str, window: str) -> None:
    output = tenant.run(*REPORTS, workflow_job_source=source, window=window)
    for name in REPORTS:
        tenant.assert_same(output.records[name], tenant.truth(name, source), name)
