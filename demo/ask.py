"""``python -m demo.ask 'select ...'``: a question to the demo's database."""

from __future__ import annotations

import sys

import duckdb

from demo.place import DATABASE


def main() -> int:
    """Print the answer to the query given as the one argument."""
    if len(sys.argv) != 2:  # noqa: PLR2004  # the program and the query
        sys.stderr.write("usage: python -m demo.ask 'select ...'\n")
        return 2
    if not DATABASE.exists():
        sys.stderr.write("There is no data yet: run make demo first.\n")
        return 1
    with duckdb.connect(str(DATABASE), read_only=True) as database:
        database.sql(sys.argv[1]).show()
    return 0


if __name__ == "__main__":
    sys.exit(main())
