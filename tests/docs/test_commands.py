"""Every command that README and documentation show works as typed, in the order of the pages."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg
import pytest
import yaml

from docs.address import REPOSITORY
from sandbox import Sandbox
from sandbox.vendors import VENDORS
from tests.checkout import check_out
from tests.docs.typed import PAGES, PROJECT, Reader, blocks
from tests.services.postgres import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.services.postgres import Server

pytestmark = pytest.mark.xdist_group("typed")

README, SITE = PAGES[0], PROJECT / "docs" / "pages"
ELSEWHERE = {SITE / "guides" / "recipes.md": PROJECT / "tests" / "recipes" / "test_recipes.py"}
"""Pages whose commands other tests type."""

OF_TARGET_PG = "of_target_pg"
"""Tables of the two loaders into PostgreSQL have other types: each has its own database."""
DATABASE = ("host", "port", "user", "database")
COPY = "/path/of/your/copy"
NOT_TYPED = {
    "docs/pages/guides/running.md: as root; tests/project/test_deploy.py has the files",
    "docs/pages/guides/running.md: needs Docker",
    "docs/pages/guides/running.md: runs until it is stopped",
    "README.md: it runs these tests",
    "docs/pages/guides/scale.md: Airflow runs until it is stopped",
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reader's copy of the repository."""
    return check_out(tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    # Not pytest's folder: the account that runs PostgreSQL may not enter it.
    with TemporaryDirectory() as folder, postgres(Path(folder)) as running:
        with psycopg.connect(running.dsn, autocommit=True) as connection:
            connection.execute(f"create database {OF_TARGET_PG}")
        yield running


@pytest.fixture
def reader(server: Server, tmp_path: Path) -> Iterator[Reader]:
    """A reader who has an account at each vendor, and a database."""
    with Sandbox(scale=0.05) as sandbox:

        def config(text: str) -> str:
            assert '"..."' in text
            return json.dumps(json.loads(text) | sandbox.settings("flow"))

        def environment(_: str) -> str:
            given = {
                f"TAP_{vendor}_{name}": value
                for vendor in VENDORS
                for name, value in sandbox.settings(vendor).items()
            }
            for loader in ("TARGET_PG", "TARGET_POSTGRES"):
                given |= {f"{loader}_{name}": getattr(server, name) for name in DATABASE}
                given[f"{loader}_PASSWORD"] = "none is asked for"
            given["TARGET_PG_database"] = OF_TARGET_PG
            return "".join(
                f"{name.upper()}='{value if isinstance(value, str) else json.dumps(value)}'\n"
                for name, value in given.items()
            )

        yield Reader(tmp_path, REPOSITORY, {"config.json": config, ".env": environment})


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _pages_of_the_site() -> list[Path]:
    """The pages in the order of the site's navigation, as far as they have commands to type."""
    names = re.findall(r"[\w/-]+\.md", yaml.safe_dump(_navigation(), sort_keys=False))
    found = [SITE / name for name in names]
    start = SITE / "start.md"
    return [start, *(page for page in found if page != start and page not in ELSEWHERE)]


def _navigation() -> object:
    text = (PROJECT / "mkdocs.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text.partition("\nnav:")[2])


def test_every_command_of_the_readme_works(reader: Reader, repository: Path) -> None:
    reader.environment["SANDBOX_PORT"] = _free_port()
    reader.follow([README], {COPY: str(repository)})
    assert not reader.untracked()


def test_every_command_of_the_site_works(reader: Reader, repository: Path) -> None:
    reader.environment["SANDBOX_PORT"] = _free_port()
    reader.follow(_pages_of_the_site(), {COPY: str(repository), "8765": _free_port()})
    assert not reader.untracked()


@pytest.mark.parametrize("command", ["false", "exit 3", "false | cat", "no-such-command"])
def test_a_command_that_fails_is_told(tmp_path: Path, command: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        f"""
```shell
echo typed > typed
```

<!-- not typed: it fails -->
```shell
false
```

1. And then:

    ```shell
    {command}
    ```
""",
        encoding="utf-8",
    )
    reader = Reader(tmp_path, REPOSITORY, {})
    with pytest.raises(AssertionError, match=r"page\.md:13"):
        reader.follow([page], {})
    assert (tmp_path / "typed").exists()


def test_what_is_not_typed_is_known() -> None:
    found = {
        f"{block.place.partition(':')[0]}: {block.reason}"
        for page in PAGES
        for block in blocks(page)
        if block.reason
    }
    assert found == NOT_TYPED


def test_every_page_with_commands_is_typed() -> None:
    with_commands = {
        page for page in PAGES if any(block.language == "shell" for block in blocks(page))
    }
    assert with_commands <= {README, *_pages_of_the_site(), *ELSEWHERE}
    assert all(test.is_file() for test in ELSEWHERE.values())


def test_commands_are_marked_as_such() -> None:
    other = {"bash", "sh", "console", "zsh", "shell-session"}
    assert not [block.place for page in PAGES for block in blocks(page) if block.language in other]
