"""A stock Apache Airflow with the project's DAGs: made once, run with either executor."""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from tests.orchestrate.hosts import service
from tests.pipelines.meltano import BIN, PROJECT, bare_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

DAGS = PROJECT / "orchestrate"
_FOLDER = PROJECT / ".cache" / "airflow"
_PATIENCE_SECONDS = 120
_POLL_SECONDS = 1.0


def airflow_environment() -> Path:
    """The folder of Airflow's programs, in an environment that is made once."""
    uv = os.environ.get("UV") or str(PROJECT / ".cache" / "tools" / "bin" / "uv")
    requirements = DAGS / "requirements.txt"
    _FOLDER.mkdir(parents=True, exist_ok=True)
    mark = _FOLDER / "installed"
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = f"{sys.version_info[:2]} {requirements.read_text(encoding='utf-8')}"
        if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
            venv = str(_FOLDER / "venv")
            for step in (
                ["venv", "--quiet", "--clear", f"--python={sys.executable}", venv],
                ["pip", "install", "--quiet", f"--python={venv}", "-r", str(requirements)],
            ):
                subprocess.run([uv, *step], check=True)  # noqa: S603  # our own installer
            mark.write_text(wanted, encoding="utf-8")
    return _FOLDER / "venv" / "bin"


@dataclass
class Airflow:
    """One Airflow: its settings, and its REST API once it runs.

    Attributes:
        home: Its folder.
        executor: ``LocalExecutor`` or ``CeleryExecutor``.
        database: SQLAlchemy's URL of its database.
        settings: Environment variables of the pipelines.
        options: Further settings of Airflow, such as ``CELERY__BROKER_URL``.
    """

    home: Path
    executor: str
    database: str
    settings: Mapping[str, str]
    options: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_port())  # noqa: PLW0108  # it is defined below

    def __post_init__(self) -> None:
        self.programs = airflow_environment()
        (self.home / "logs").mkdir(parents=True)
        self._session = requests.Session()
        self._session.trust_env = False
        own = {
            "CORE__EXECUTOR": self.executor,
            "CORE__DAGS_FOLDER": str(DAGS),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__PARALLELISM": "8",
            "CORE__FERNET_KEY": "",
            "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{self.port}/execution/",
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "DATABASE__SQL_ALCHEMY_CONN": self.database,
            "API__PORT": str(self.port),
            "API__HOST": "127.0.0.1",
            "API__WORKERS": "1",
            "API__SECRET_KEY": secrets.token_hex(),
            "API_AUTH__JWT_SECRET": secrets.token_hex(),
            "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            "USAGE_DATA_COLLECTION__ENABLED": "False",
            "CORE__DEFAULT_TASK_RETRY_DELAY": "2",
            # A worker that is gone is noticed soon.
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "5",
            "SCHEDULER__TASK_QUEUED_TIMEOUT": "40",
            "SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
            **self.options,
        }
        self.environment = {
            **bare_environment(),
            **{f"AIRFLOW__{name}": value for name, value in own.items()},
            "AIRFLOW_HOME": str(self.home),
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "MELTANO_EXECUTABLE": str(BIN / "meltano"),
            **self.settings,
        }

    def command(self, *arguments: str) -> str:
        """Run a command of Airflow's to its end; what it wrote on stdout."""
        done = subprocess.run(  # noqa: S603  # Airflow, with our own arguments
            [self.programs / "airflow", *arguments],
            env=self.environment,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout

    def prepare(self) -> None:
        """Make the database, and the pools that the DAGs name."""
        self.command("db", "migrate")
        self.command("pools", "import", str(DAGS / "pools.json"))

    @contextmanager
    def running(self) -> Iterator[None]:
        """API server, scheduler and DAG processor at work."""
        with ExitStack() as stack:
            for name in ("api-server", "scheduler", "dag-processor"):
                log = self.home / "logs" / f"{name}.log"
                program = [str(self.programs / "airflow"), name]
                stack.enter_context(service(program, self.environment, log))
            self._wait_for_api()
            yield

    def _wait_for_api(self) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                token = self._session.get(self._url("/auth/token"), timeout=5)
                if token.ok:
                    self._session.headers["Authorization"] = (
                        f"Bearer {token.json()['access_token']}"
                    )
                    return
            except requests.ConnectionError:
                pass
            time.sleep(_POLL_SECONDS)
        log = (self.home / "logs" / "api-server.log").read_text(encoding="utf-8")
        msg = f"Airflow's API server does not listen: {log[-3000:]}"
        raise AssertionError(msg)

    def trigger(self, dag: str, **params: object) -> str:
        """Start a run of a DAG once the DAG is known; its ID."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while self._get(f"/dags/{dag}", missing={}).get("is_paused") is None:
            assert time.monotonic() < end, f"{dag} does not appear"
            time.sleep(_POLL_SECONDS)
        self._send("PATCH", f"/dags/{dag}", {"is_paused": False})
        body = {"logical_date": None, "conf": params}
        run: str = self._send("POST", f"/dags/{dag}/dagRuns", body)["dag_run_id"]
        return run

    def state(self, dag: str, run: str) -> str:
        """A run's state: ``queued``, ``running``, ``success`` or ``failed``."""
        state: str = self._get(f"/dags/{dag}/dagRuns/{run}")["state"]
        return state

    def wait_for(self, dag: str, run: str, seconds: float) -> str:
        """The state of a run when it has ended."""
        end = time.monotonic() + seconds
        while (state := self.state(dag, run)) not in {"success", "failed"}:
            assert time.monotonic() < end, f"{dag} {run} does not end"
            time.sleep(_POLL_SECONDS)
        return state

    def tasks(self, dag: str, run: str) -> list[dict[str, Any]]:
        """All task instances of a run."""
        tasks: list[dict[str, Any]] = self._get(
            f"/dags/{dag}/dagRuns/{run}/taskInstances?limit=1000"
        )["task_instances"]
        return tasks

    def tries(self, dag: str, run: str, task: dict[str, Any]) -> list[dict[str, Any]]:
        """All tries of a task instance, the last one included."""
        path = f"/dags/{dag}/dagRuns/{run}/taskInstances/{task['task_id']}"
        index = f"/{task['map_index']}" if task["map_index"] >= 0 else ""
        tries: list[dict[str, Any]] = self._get(f"{path}{index}/tries")["task_instances"]
        return tries

    def clear_failed(self, dag: str, run: str) -> None:
        """Have the failed tasks of a run done again, and what depends on them."""
        body = {"dry_run": False, "only_failed": True, "dag_run_id": run}
        self._send("POST", f"/dags/{dag}/clearTaskInstances", body)

    def log(self, dag: str, run: str, task: str) -> str:
        """What a task's log holds, over all of its tries."""
        folder = self.home / "logs" / f"dag_id={dag}" / f"run_id={run}"
        return "\n".join(
            path.read_text(encoding="utf-8")
            for path in sorted(folder.rglob("*.log"))
            if f"task_id={task}" in str(path)
        )

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def _get(self, path: str, missing: dict[str, Any] | None = None) -> dict[str, Any]:
        response = self._session.get(self._url(f"/api/v2{path}"), timeout=60)
        if response.status_code == requests.codes.not_found and missing is not None:
            return missing
        assert response.ok, f"{path}: {response.status_code} {response.text}"
        answer: dict[str, Any] = response.json()
        return answer

    def _send(self, method: str, path: str, body: object) -> dict[str, Any]:
        response = self._session.request(method, self._url(f"/api/v2{path}"), json=body, timeout=60)
        assert response.ok, f"{path}: {response.status_code} {response.text}"
        answer: dict[str, Any] = response.json()
        return answer


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
