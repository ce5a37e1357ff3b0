"""Hooks of Hatch: packages hold tracked files only, and the README's links work anywhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<path>(?![a-z]+:|#)[^)\s]+)\)")
_SPECIAL = re.compile(r"[\\*?\[\]!# ]")


class TrackedFiles(BuildHookInterface[Any]):
    """Keeps files that git does not track out of what is built: a user's settings, state and data.

    Hatch leaves out what ``.gitignore`` names. Other files of the checkout would be packed.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # Hatch's signature
        """Exclude the untracked files; in an unpacked source distribution there are none."""
        root = Path(self.root)
        if not (root / ".git").exists():
            return
        try:
            listed = subprocess.run(
                ["git", "ls-files", "-z", "--others", "--exclude-standard"],  # noqa: S607  # the user's git
                cwd=root,
                capture_output=True,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError):
            # As in a container without git, or where the checkout is another user's.
            self.app.display_warning("git can't tell which files are tracked: packing all")
            return
        names = listed.stdout.decode("utf-8", "surrogateescape").split("\0")
        excluded = self.build_config.target_config.setdefault("exclude", [])
        excluded += ["/" + _SPECIAL.sub(r"\\\g<0>", name) for name in names if name]


class Readme(MetadataHookInterface):
    """The README for a package index, where links to files of the repository would break."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set ``readme``, from the file and the address of the repository in ``pyproject.toml``."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        repository = metadata["urls"]["Repository"]
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": absolute(text, repository),
        }


def absolute(text: str, repository: str) -> str:
    """A Markdown text with its relative links and images made absolute."""

    def renewed(link: re.Match[str]) -> str:
        view = "raw" if link["image"] else "blob"
        return f"{link['image']}[{link['text']}]({repository}/{view}/main/{link['path']})"

    return _LINK.sub(renewed, text)
