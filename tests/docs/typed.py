"""Types the shell blocks of a page one after the other, as a reader does who follows it.

A block that can't be run here has a comment above it in the page's source::

    <!-- not typed: why, or the test that runs it -->
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

PROJECT = Path(__file__).resolve().parents[2]
PAGES = (PROJECT / "README.md", *sorted((PROJECT / "docs" / "pages").rglob("*.md")))
_PATIENCE_SECONDS = 900
_BLOCK = re.compile(
    r"(?:^ *<!-- not typed: (?P<reason>.+?) -->\n)?"
    r'^(?P<indent> *)```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?[^\n]*\n'
    r"(?P<text>.*?)^ *```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes:
        place: Path within the repository and line of the fence.
        language: What stands behind the fence.
        title: Name of the file that the block is, or of the recipe; empty for none.
        text: The lines, without the indentation of the fence.
        reason: Why tests don't type it; empty where they do.
    """

    place: str
    language: str
    title: str
    text: str
    reason: str


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in its order."""
    source = page.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(source):
        line = source.count("\n", 0, match.start("indent")) + 1
        text = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
        place = f"{os.path.relpath(page, PROJECT)}:{line}"
        found.append(
            Block(place, match["language"], match["title"] or "", text, match["reason"] or "")
        )
    return found


class Reader:
    """Someone with a fresh machine who follows pages in one shell.

    Each page begins in the folder of the clone, once there is one.
    """

    def __init__(
        self,
        folder: Path,
        repository: str,
        fill: Mapping[str, Callable[[str], str]],
    ) -> None:
        """Begin in an empty folder.

        Args:
            folder: Where the reader begins.
            repository: Address that pages name.
            fill: What the reader makes of a file's text that has to be filled in, by its name.
        """
        self._folder = folder
        self._clone = repository.rpartition("/")[2]
        self._fill = fill
        path = [
            place
            for place in os.environ["PATH"].split(os.pathsep)
            if Path(place) != Path(sys.executable).parent
        ]
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MELTANO", "TAP_", "TARGET_", "SANDBOX_", "PG", "VIRTUAL_ENV"))
        } | {
            "PATH": os.pathsep.join(path),
            "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
            "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        }

    def follow(self, pages: Iterable[Path], replace: Mapping[str, str]) -> None:
        """Type the pages' blocks; a command that fails is an error that names its block.

        Args:
            pages: The pages, in the order in which they are read.
            replace: Texts that can't be typed here as they stand, such as a port or a path.
        """
        script = ["set -euo pipefail"]
        for page in pages:
            script.append(f"cd {self._folder}; if [ -d {self._clone} ]; then cd {self._clone}; fi")
            for block in blocks(page):
                script += self._steps(block)
        text = "\n".join(script)
        for shown, typed in replace.items():
            text = text.replace(shown, typed)
        log = self._folder / "typed.log"
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603  # what the pages say
                ["bash", "-c", text],  # noqa: S607  # as users do
                cwd=self._folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(_PATIENCE_SECONDS)
            finally:
                _end(process)
        assert code == 0, log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def untracked(self) -> str:
        """What the pages had made in the clone and git does not ignore, as git tells it."""
        told = subprocess.run(
            ["git", "status", "--porcelain"],  # noqa: S607  # as users do
            cwd=self._folder / self._clone,
            capture_output=True,
            text=True,
            check=True,
        )
        return told.stdout

    def _steps(self, block: Block) -> list[str]:
        """A block as lines of a script: a file is written, a command typed."""
        if block.reason:
            return []
        if block.title in self._fill:
            text = self._fill[block.title](block.text)
            return [f"printf %s {shlex.quote(text)} > {block.title}"]
        if block.language != "shell":
            return []
        steps = [f"echo '--- {block.place}'"]
        for line in block.text.splitlines():
            steps.append(line)
            for name, fill in self._fill.items():
                if re.match(rf"cp \S+ {re.escape(name)}\b", line):
                    steps.append(f"printf %s {shlex.quote(fill(''))} >> {name}")
        return steps


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what a script started in its background, too."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
