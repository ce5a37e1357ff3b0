"""A team with a folder for its files, and what must be in it."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from sandbox.flow import blobs
from tap_flow.tap import TapFlow
from tests.singer import discover, select

if TYPE_CHECKING:
    from tests.singer import Output, Record
    from tests.tap_flow.conftest import Team


JOB_KINDS = ["attachments", "thumbnails", "reports"]


KINDS = [*JOB_KINDS, "report_templates", "collections"]


CONTENTS = {
    "stepresources": blobs.photo,
    "reportpdfs": blobs.report,
    "reporttemplates": blobs.template,
}


class Archive:
    """A team, and a folder for its files."""

    def __init__(self, team: Team, folder: Path) -> None:
        self.team = team
        self.folder = folder
        self.config: dict[str, Any] = {**team.config, "files_to": folder.as_uri()}

    def run(self, *others: str, kinds: list[str] | None = None, **settings: Any) -> Output:  # noqa: ANN401  # settings
        settings = {
            "files_to": self.folder.as_uri(),
            "file_kinds": kinds or ["attachments", "reports"],
            **settings,
        }
        catalog = select(discover(TapFlow, {**self.team.config, **settings}), "files", *others)
        self.team.sandbox.clear_journal()
        return self.team.run(catalog=catalog, **settings)

    def truth(self, *streams: str) -> dict[str, bytes]:
        """The content of all files by link, without its query."""
        found = {}
        for stream in streams:
            for row in self.team.truth(stream):
                for link in re.findall(r'"(http://[^"]*/blob/[^"]*)"', json.dumps(row)):
                    found[link] = self.content(link)
        return found

    def content(self, link: str) -> bytes:
        container, _, name = unquote(urlsplit(link).path).split("/blob/")[1].split("/")
        if container == "collectionuploads":
            flow: Any = self.team.sandbox.vendor("flow")
            return b"".join(flow.team.collections.upload(name).chunks())
        return CONTENTS[container](name)

    def stored(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    def count(self) -> int:
        """How many files stand at their places, while more are on their way."""
        found = self.folder.glob("job_*/*/*/*")
        return sum(1 for _ in found)

    def assert_complete(self, rows: list[Record], *streams: str) -> None:
        """What is stored is what the vendor has, and the rows say so."""
        stored = self.stored()
        truth = self.truth(*streams)
        assert sorted(stored.values()) == sorted(truth.values())
        assert len({row["file_id"] for row in rows}) == len(stored)
        assert {row["stream"] for row in rows} == {*streams}
        for row in rows:
            content = Path(unquote(urlsplit(row["uri"]).path)).read_bytes()
            assert row["size"] == len(content)
            assert row["sha256"] == sha256(content).hexdigest()


def requests(archive: Archive, route: str = "blob") -> int:
    return len(archive.team.requests(route))
