"""Who takes part: how each is started, and how its records are counted."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from benchmarks.environments import PEERS, pinned, python_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.cases import Case

_SINGER = rb'\{"type": ?"RECORD", ?"stream": ?"%s"'


@dataclass(frozen=True, slots=True)
class Peer:
    """A contestant that is not ours.

    Attributes:
        name: As in tables.
        home: Its folder below ``peers``, and its environment's name.
        package: What it shows the speed of.
        script: What is run.
        options: Of the script, before the file with what it is told.
        pattern: What a counted line of its output begins with.
    """

    name: str
    home: str
    package: str
    script: str
    options: Sequence[str]
    pattern: bytes

    @property
    def title(self) -> str:
        """Package and version."""
        return f"{self.name} ({self.package} {pinned(self.home, self.package)})"

    def command(self, spec: Path) -> list[str]:
        """The command, for what a file tells."""
        script = PEERS / self.home / self.script
        return [str(python_of(self.home)), str(script), *self.options, str(spec)]


SDK = Peer("singer-sdk", "singer_sdk", "singer-sdk", "tap.py", ("--config",), _SINGER % b"records")
PEERS_OF_OURS = (
    SDK,
    Peer("singer-python", "singer_python", "singer-python", "tap.py", (), _SINGER % b"records"),
    Peer("dlt", "dlt", "dlt", "extract.py", (), rb"EXTRACTED (?P<n>\d+)"),
    Peer(
        "dlt parallelized",
        "dlt",
        "dlt",
        "extract.py",
        ("--parallelized",),
        rb"EXTRACTED (?P<n>\d+)",
    ),
    Peer("airbyte-cdk", "airbyte_cdk", "airbyte-cdk", "source.py", (), rb'\{"type": ?"RECORD"'),
)


class Ours:
    """The tap of a case."""

    name = "ours"
    title = f"ours (singer-sdk {version('singer-sdk')})"

    @staticmethod
    def command(case: Case, config: Path, catalog: Path) -> list[str]:
        """The command with its settings."""
        return [case.tap, "--config", str(config), "--catalog", str(catalog)]

    @staticmethod
    def pattern(stream: str) -> bytes:
        """Records of the stream that counts."""
        return _SINGER % stream.encode()
