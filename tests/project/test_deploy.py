"""The files of ``deploy/`` run the schedules of ``meltano.yml``, as far as a test can run them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
DEPLOY = PROJECT / "deploy"
HOME = "/srv/frontline-taps"
DOCUMENT = yaml.safe_load((PROJECT / "meltano.yml").read_text(encoding="utf-8"))
SCHEDULES = {each["name"]: each["interval"] for each in DOCUMENT["schedules"]}
CRONTAB = re.findall(
    r"^((?:\S+ ){4}\S+) taps (.+)$", (DEPLOY / "crontab").read_text("utf-8"), re.MULTILINE
)
WORKFLOW: dict[Any, Any] = yaml.safe_load((DEPLOY / "github-actions.yml").read_text("utf-8"))

pytestmark = pytest.mark.xdist_group("deploy")


def stub(folder: Path, code: int = 0, wait: str = "") -> Path:
    """A Meltano that only tells how it was called."""
    program = folder / ".venv" / "bin" / "meltano"
    program.parent.mkdir(parents=True, exist_ok=True)
    (folder / ".meltano").mkdir(exist_ok=True)
    program.write_text(
        f'#!/bin/sh\necho "meltano $* in $PWD" | tee -a "{folder}/calls"\n{wait}\nexit {code}\n'
    )
    program.chmod(0o755)
    return program


def run(
    *command: str, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own commands
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def tool(package: str, *arguments: str) -> list[str]:
    """A program in an environment of its own."""
    uv = str(Path(sys.executable).with_name("uv"))
    return [uv, "tool", "run", "--quiet", "--python", sys.executable, "--from", package, *arguments]


class TestCron:
    def test_has_the_schedules(self) -> None:
        named = {re.findall(r"schedule run (\S+)", command)[0]: at for at, command in CRONTAB}
        assert named == SCHEDULES

    def test_every_line_is_a_comment_a_variable_or_a_command(self) -> None:
        text = (DEPLOY / "crontab").read_text(encoding="utf-8")
        others = [
            line for line in text.splitlines() if not re.match(r"#|[A-Z]+=|(\S+ ){5}taps \S", line)
        ]
        assert not others
        assert "%" not in text  # a line end, to cron
        assert text.endswith("\n")  # cron takes no last line without it

    @pytest.mark.parametrize("code", [0, 1])
    def test_tells_only_what_failed(self, tmp_path: Path, code: int) -> None:
        stub(tmp_path, code)
        for number, (_, command) in enumerate(CRONTAB, 1):
            done = run("sh", "-c", command.replace(HOME, str(tmp_path)))
            assert (done.returncode, done.stderr) == (0, "")
            assert len(done.stdout.splitlines()) == code
            calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
            assert len(calls) == number
            assert calls[-1].endswith(f" in {tmp_path}")
            if code:
                log = Path(done.stdout.split()[-1])
                assert log.read_text(encoding="utf-8").splitlines() == [calls[-1]]


class TestSystemd:
    def test_has_the_schedules(self) -> None:
        timers = {}
        for path in (DEPLOY / "systemd").glob("*.timer"):
            (at,) = re.findall(r"^OnCalendar=(.+)$", path.read_text("utf-8"), re.MULTILINE)
            timers[path.stem.partition("@")[2]] = at
        expected = {}
        for name, interval in SCHEDULES.items():
            minute, hour, *rest = interval.split()
            assert rest == ["*", "*", "*"]
            expected[name] = f"*-*-* {hour if hour == '*' else hour.zfill(2)}:{minute}:00 UTC"
        assert timers == expected

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not there")
    def test_the_units_are_right(self, tmp_path: Path) -> None:
        program = stub(tmp_path / "project")
        units = tmp_path / "units"
        units.mkdir()
        for path in (DEPLOY / "systemd").iterdir():
            text = path.read_text(encoding="utf-8").replace(HOME, str(program.parents[2]))
            (units / path.name).write_text(text.replace("User=taps", "User=root"), "utf-8")
        timers = sorted(units.glob("*.timer"))
        assert len(timers) == len(SCHEDULES)
        done = run("systemd-analyze", "verify", *(f"./{path.name}" for path in timers), cwd=units)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class TestGitHub:
    def test_has_the_schedules(self) -> None:
        # A key that YAML 1.1 reads as true.
        crons = [each["cron"] for each in WORKFLOW[True]["schedule"]]
        (table,) = re.findall(r"fromJSON\('(.+?)'\)", WORKFLOW["env"]["SCHEDULE"])
        names = yaml.safe_load(table)
        assert names == {interval: name for name, interval in SCHEDULES.items()}
        assert crons == list(names)
        choice = WORKFLOW[True]["workflow_dispatch"]["inputs"]["schedule"]
        assert choice["options"] == [*names.values()]

    def test_actions_are_those_of_our_own_workflows(self) -> None:
        ours = (PROJECT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
        text = (DEPLOY / "github-actions.yml").read_text(encoding="utf-8")
        used = re.findall(r"uses: .+", text)
        assert used
        assert not [line for line in used if line not in ours]

    def test_secrets_are_settings_that_exist(self) -> None:
        variables = WORKFLOW["jobs"]["run"]["steps"][-1]["env"]
        example = (PROJECT / ".env.example").read_text(encoding="utf-8")
        for name, value in variables.items():
            assert value.endswith(f".{name} }}}}")
            assert f"{name}=" in example or name == "MELTANO_DATABASE_URI", name


@pytest.mark.parametrize(
    ("name", "schema"),
    [("github-actions.yml", "github-workflows"), ("compose.yml", "compose-spec")],
)
def test_files_follow_their_schemas(name: str, schema: str) -> None:
    check = tool("check-jsonschema>=0.30,<1", "check-jsonschema", "--builtin-schema")
    done = run(*check, f"vendor.{schema}", str(DEPLOY / name))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Dagster is not for Python 3.14")
class TestDagster:
    FILE = ("-f", str(DEPLOY / "dagster" / "definitions.py"))

    def command(self, *arguments: str) -> list[str]:
        return tool("dagster>=1.10,<2", "--with", "pyyaml", "dagster", *arguments)

    def environment(self, folder: Path, program: Path) -> dict[str, str]:
        (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
        return {"DAGSTER_HOME": str(folder), "MELTANO_EXECUTABLE": str(program)}

    def test_a_job_runs_its_pipeline(self, tmp_path: Path) -> None:
        environment = self.environment(tmp_path, stub(tmp_path))
        job = self.command("job", "execute", *self.FILE, "-j", "flow_hourly")
        done = run(*job, env=environment)
        assert done.returncode == 0, done.stderr[-3000:]
        calls = (tmp_path / "calls").read_text(encoding="utf-8")
        assert calls == f"meltano run flow-to-postgres in {PROJECT}\n"
        listed = run(*self.command("schedule", "list", *self.FILE, "--name"), env=environment)
        names = {each["name"].replace("-", "_") for each in DOCUMENT["schedules"]}
        assert {f"{name}_due" for name in names} <= set(listed.stdout.split())

    def test_a_run_that_is_stopped_stops_meltano(self, tmp_path: Path) -> None:
        ended = tmp_path / "ended"
        wait = f"trap 'echo > {ended}; exit 143' TERM\nwhile :; do sleep 0.1; done"
        environment = self.environment(tmp_path, stub(tmp_path, wait=wait))
        job = self.command("job", "execute", *self.FILE, "-j", "flow_hourly")
        with subprocess.Popen(  # noqa: S603  # our own command
            job,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            patience = time.monotonic() + 120
            while not (tmp_path / "calls").exists() and time.monotonic() < patience:
                time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            process.wait(120)
        assert ended.exists()
