"""``make docs``: the documentation as a site, and in it dbt's own site of the models.

dbt has an environment of its own, as under Meltano. It needs no data: what it tells of the models
is what the package declares.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from docs.dbt import FOLDER

PROJECT = FOLDER.parent
_SITE = PROJECT / "site"
_NO_DBT = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>dbt models</title>
<p>dbt does not run on this version of Python, so its pages were left out. Build the site with an
earlier one: <code>make clean docs PYTHON=python3.13</code>.</p></html>
"""


def build(site: Path) -> int:
    """Write the site into a folder; the exit code of what failed, else 0."""
    done = subprocess.run(  # noqa: S603  # MkDocs, of this environment
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)],
        cwd=PROJECT,
        check=False,
    )
    return done.returncode or _models(site / "models" / "index.html")


def _models(page: Path) -> int:
    page.parent.mkdir()
    if sys.version_info >= (3, 14):
        page.write_text(_NO_DBT, encoding="utf-8")
        return 0
    with TemporaryDirectory() as folder:
        done = subprocess.run(  # noqa: S603  # dbt, in an environment of its own
            [*_dbt(), "--quiet", "docs", "generate", "--static", "--empty-catalog"],
            cwd=FOLDER,
            env={
                **os.environ,
                "DBT_TARGET": "duckdb",
                "DBT_DUCKDB_PATH": str(Path(folder, "none.duckdb")),
                "DBT_PROFILES_DIR": str(FOLDER),
                "DBT_TARGET_PATH": folder,
                "DBT_LOG_PATH": folder,
            },
            check=False,
        )
        if done.returncode == 0:
            shutil.copy(Path(folder, "static_index.html"), page)
    return done.returncode


def _dbt() -> list[str]:
    """The command, with the requirements that Meltano installs."""
    project = yaml.safe_load((PROJECT / "meltano.yml").read_text(encoding="utf-8"))
    plugins = {plugin["name"]: plugin for plugin in project["plugins"]["utilities"]}
    core, *others = shlex.split(plugins["dbt-duckdb"]["pip_url"])
    uv = os.environ.get("UV") or str(Path(sys.executable).with_name("uv"))
    needed = ["--from", core, *(word for other in others for word in ("--with", other))]
    return [uv, "tool", "run", "--quiet", "--python", sys.executable, *needed, "dbt"]


if __name__ == "__main__":
    sys.exit(build(_SITE))
