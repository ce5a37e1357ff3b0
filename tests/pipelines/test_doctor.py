"""``--doctor`` through Meltano's own command, with the settings of the project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox import Sandbox
from tests.pipelines.meltano import Project, install

if TYPE_CHECKING:
    from pathlib import Path


def test_meltano_runs_the_doctor(tmp_path: Path) -> None:
    install("tap-flow")
    with Sandbox(vendors=["flow"], scale=0.05) as sandbox:
        settings = {"SANDBOX_URL": sandbox.url, "SANDBOX_START_DATE": "2024-01-01"}
        project = Project(tmp_path, settings)
        fits = project.meltano("invoke", "tap-flow", "--doctor")
        assert fits.code == 0, fits.output
        assert "The settings fit." in fits.output
        other = {"TAP_FLOW_QUERY_PATH": "/api/query/v2/graph"}
        differs = project.meltano("invoke", "tap-flow", "--doctor=json", **other)
        assert differs.code == 1, differs.output
        document, _ = json.JSONDecoder().raw_decode(differs.output, differs.output.index("{\n"))
        assert document["change"] == {"query_path": "/query/v2/graph"}
