"""dbt connects to the database that the loaders load."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from docs.profiles import PATH
from target_db.postgres import parameters
from tests.dbt.models import Dbt, PostgreSQL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.postgres import Server

OUTPUT = yaml.safe_load(PATH.read_text(encoding="utf-8"))["frontline_taps"]["outputs"]["postgres"]
PARTS = ("user", "password", "host", "port", "dbname", "sslmode")
DEFAULTS = {"host": "localhost", "port": "5432", "dbname": "postgres", "sslmode": "prefer"}

words = st.text(st.characters(exclude_categories=["C"], exclude_characters=":@/?%"), max_size=6)
quoted = st.text(st.characters(exclude_categories=["C"]), max_size=6).map(
    lambda text: quote(text, "")
)


def connection(variables: dict[str, str]) -> dict[str, str]:
    """What dbt makes of the profile: its functions, as its documentation has them."""
    environment = Environment(autoescape=True)
    environment.filters["as_number"] = int
    functions = {
        "modules": SimpleNamespace(re=re),
        "env_var": variables.get,
        "tojson": json.dumps,
        "fromjson": json.loads,
    }
    found = {}
    for part in PARTS:
        expression = re.fullmatch(r"\{\{(.+)\}\}", OUTPUT[part], re.DOTALL)
        assert expression
        value = environment.compile_expression(expression[1])(**functions)
        assert isinstance(value, int if part == "port" else str), part
        found[part] = str(value)
    return found


@given(
    user=quoted | words,
    password=quoted | words | st.just("p@ss:w/o?rd"),
    host=st.sampled_from(["db.example.com", "127.0.0.1", "[::1]", "localhost"]),
    port=st.sampled_from(["", ":6543"]),
    database=st.just("") | quoted.map(lambda name: f"/{name}"),
    rest=st.sampled_from(["", "?sslmode=require", "?connect_timeout=5&sslmode=verify-full"]),
)
def test_a_url_is_taken_apart_as_by_the_loader(  # noqa: PLR0917  # parts of a URL
    user: str, password: str, host: str, port: str, database: str, rest: str
) -> None:
    account = f"{user}:{password}@" if user and password else f"{user}@" if user else ""
    url = f"postgresql://{account}{host}{port}{database}{rest}"
    loader = parameters({"url": url})
    expected = {part: loader.get(part) or DEFAULTS.get(part, "") for part in PARTS}
    assert connection({"TARGET_PG_URL": url}) == expected


@pytest.mark.parametrize("url", [None, "", "postgresql://db", "no url at all"])
def test_single_settings_fill_what_the_url_leaves_open(url: str | None) -> None:
    variables = {"TARGET_POSTGRES_USER": "other", "TARGET_PG_USER": "me", "TARGET_PG_PORT": "77"}
    variables |= {"TARGET_POSTGRES_DATABASE": "warehouse", "DBT_POSTGRES_PASSWORD": "0123"}
    found = connection(variables if url is None else {**variables, "TARGET_PG_URL": url})
    assert (found["user"], found["port"], found["dbname"]) == ("me", "77", "warehouse")
    assert found["password"] == "0123"
    assert found["host"] == ("db" if url == "postgresql://db" else "localhost")


@dataclass(frozen=True)
class ByUrl(PostgreSQL):
    """A database that target-pg loads by ``url``."""

    @property
    def environment(self) -> dict[str, str]:
        server = self.server
        place = f"{server.host}:{server.port}/{quote(server.database)}"
        return {"TARGET_PG_URL": f"postgresql://{server.user}:none%20asked%20for@{place}"}


def test_dbt_connects_by_the_url(server: Server, project: Path) -> None:
    database = ByUrl.created(server, "by_url")
    Dbt(database, project).run("debug", "--connection")
    nowhere = ByUrl(replace(server, database="not there"))
    assert '"not there" does not exist' in Dbt(nowhere, project).run("debug", fails=True).output
