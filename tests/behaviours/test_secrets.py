"""No credential reaches stderr at any level, nor stdout; signatures only where they are wanted."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.behaviours.pipeline import Pipeline

SIGNED = re.compile(
    r"[?&](?:sig|key|[\w-]*signature|[\w-]*token)=(?!\*\*\*)[^&\s\"]", re.IGNORECASE
)


def _secrets(pipeline: Pipeline) -> set[str]:
    """What nobody may see: the settings, and the tokens that were sent."""
    settings = {pipeline.config[name] for name in pipeline.case.secrets}
    sent = {
        entry.headers["authorization"].rpartition(" ")[2]
        for entry in pipeline.sandbox.journal
        if "authorization" in entry.headers
    }
    assert sent
    return settings | sent


def test_nothing_secret_is_shown_when_requests_fail(pipeline: Pipeline, tmp_path: Path) -> None:
    assert pipeline.catalog
    told = json.dumps(
        {
            "message": "Refused: Authorization: Bearer abc123def456, "
            + " ".join(str(pipeline.config[name]) for name in pipeline.case.secrets),
            "link": "https://blob.example/x?sig=geheim&key=geheim2",
            "access_token": "geheim3",
        }
    )
    pipeline.fault("status", status=500, body=told, times=3)
    pipeline.fault("reset", midway=True)
    pipeline.fault("revoke_token" if pipeline.case.token else "html")
    pipeline.fault("status", status=400, body=told, times=None)
    with pipeline.started(tmp_path, env={"LOGLEVEL": "DEBUG"}, start_date="2025-05-12") as (
        process,
        stdout,
    ):
        written = stdout.read().decode()
    assert process.exitcode == 1
    stderr = (tmp_path / "stderr").read_text()
    assert "DEBUG" in stderr
    assert "***" in stderr
    secrets = {*_secrets(pipeline), "abc123def456", "geheim", "geheim2", "geheim3"}
    for secret in secrets:
        assert secret not in stderr
        assert secret not in written
    assert not SIGNED.search(stderr)
    assert not SIGNED.search(written)


def test_wrong_credentials_are_not_shown(pipeline: Pipeline, tmp_path: Path) -> None:
    config = {**pipeline.config, **dict.fromkeys(pipeline.case.secrets, "not-the-right-one")}
    output = pipeline.command(tmp_path, "--discover", config=config, env={"LOGLEVEL": "DEBUG"})
    if output.exit_code == 0:  # nothing has to be asked to discover
        output = pipeline.command(tmp_path, config=config, env={"LOGLEVEL": "DEBUG"})
    assert output.exit_code == 1
    assert "not-the-right-one" not in output.stderr
    last = output.stderr.splitlines()[-1]
    assert pipeline.case.secrets[0] in last
    assert "Traceback" not in last


def test_links_are_signed_only_where_that_is_wanted(pipeline: Pipeline) -> None:
    without = json.dumps(pipeline.run(start_date="2025-05-12").records)
    as_sent = json.dumps(pipeline.run(start_date="2025-05-12", include_secrets=True).records)
    assert not SIGNED.search(without)
    assert bool(SIGNED.search(as_sent)) == pipeline.case.signs_links
    assert not any(str(pipeline.config[name]) in as_sent for name in pipeline.case.secrets)
