"""`.env.example` has all that a tap needs: filled in, and nothing besides, the tap can read."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dotenv import dotenv_values

from sandbox import Sandbox
from sandbox.vendors import VENDORS
from tests.singer import BIN

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(scale=0.05) as sandbox:
        yield sandbox


def _variables(vendor: str) -> dict[str, str | None]:
    """The variables of a vendor's section, its first way of access only, as Meltano reads them."""
    text = EXAMPLE.read_text(encoding="utf-8")
    section = text.partition(f"# tap-{vendor}:")[2].partition("\n\n")[0].partition("# or\n")[0]
    lines = (line.removeprefix("#") for line in section.splitlines()[1:])
    return dotenv_values(stream=io.StringIO("\n".join(lines)))


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_tap_works_with_the_example_filled_in(sandbox: Sandbox, vendor: str) -> None:
    known = {f"TAP_{vendor}_{k}".upper(): v for k, v in sandbox.settings(vendor).items()}
    example = _variables(vendor)
    assert example
    given = {name: value or known[name] for name, value in example.items()}
    given |= {name: value for name, value in known.items() if name.endswith("_URL")}
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TAP_")}
    done = subprocess.run(  # noqa: S603  # our own command
        [BIN / f"tap-{vendor}", "--config=ENV", "--test"],
        env=inherited | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
