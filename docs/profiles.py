"""``dbt/profiles.yml``: dbt connects by the variables that the loaders take."""

from __future__ import annotations

from docs.dbt import FOLDER
from target_db.postgres import URL

PATH = FOLDER / "profiles.yml"

_PARTS = {
    "user": ("USER", ""),
    "password": ("PASSWORD", ""),
    "host": ("HOST", "localhost"),
    "port": ("PORT", "5432"),
    "dbname": ("DATABASE", "postgres"),
}
"""Parts of a connection: how the variables of the loaders end, and what holds without them."""

_HEAD = """\
# Written by `make generate`: where the tables are. Variables of dbt's own come first, then those of
# the loaders. TARGET_PG_URL is taken apart as target-pg does it, %.. as a byte of UTF-8.
frontline_taps:
  target: "{{ env_var('DBT_TARGET', 'postgres') }}"
  outputs:
    postgres:
      type: postgres
"""
_TAIL = """\
      sslmode: >-
        {{ (modules.re.search('[?&]sslmode=([a-z-]+)', env_var('TARGET_PG_URL', ''))
        or ['', env_var('TARGET_PG_SSLMODE', 'prefer')])[1] }}
      schema: "{{ env_var('DBT_SCHEMA', 'analytics') }}"
      threads: 4
    duckdb:
      type: duckdb
      path: >-
        {{ env_var('DBT_DUCKDB_PATH', env_var('TARGET_DUCK_PATH',
        env_var('TARGET_DUCKDB_PATH', 'warehouse.duckdb'))) }}
      schema: "{{ env_var('DBT_SCHEMA', 'analytics') }}"
      threads: 4
"""


def text() -> str:
    """The file."""
    return _HEAD + "".join(map(_connection, _PARTS)) + _TAIL


def _connection(part: str) -> str:
    """A part of the connection to PostgreSQL: one expression, so that a port stays a number."""
    variable, otherwise = _PARTS[part]
    pattern = URL.pattern.replace("\\", "\\\\")
    given = (
        f"((modules.re.match('(?:{pattern})?$', env_var('TARGET_PG_URL', ''))"
        f"\n        or {{'{part}': ''}})['{part}'] or '')"
    )
    if part == "host":
        given += ".strip('[]')"
    elif part != "port":
        given = _unquoted(given)
    number = " | as_number" if part == "port" else ""
    return f"""\
      {part}: >-
        {{{{ env_var('DBT_POSTGRES_{variable}',
        {given}
        or env_var('TARGET_PG_{variable}', env_var('TARGET_POSTGRES_{variable}', '{otherwise}'))\
){number} }}}}
"""


def _unquoted(text: str) -> str:
    """Each ``%..`` as its byte: dbt's Jinja has no function for it, but it has JSON's escapes."""
    quoted = f"tojson({text}.encode().decode('latin-1'))"
    escaped = rf"modules.re.sub('%([0-9A-Fa-f]{{2}})', '\\\\u00\\1', {quoted})"
    return f"fromjson({escaped})\n        .encode('latin-1').decode()"
