"""Collections: look-up tables that the team uploads as CSV files."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from sandbox.flow import examples
from sandbox.flow.formats import (
    DAY,
    HOUR,
    TEAM,
    UNSET,
    BlobPath,
    milliseconds,
    object_id,
    stamp,
)
from sandbox.flow.register import Register, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.company import Company
    from sandbox.world import World

    Body = dict[str, Any]
    Row = tuple[str, ...]

HEADINGS = ("AssetTag", "Kind", "Make & model", "Serial", "Site", "Last note")
UPLOADED_AGAIN = 2
NEVER_UPLOADED = 4
"""Which of the generated collections."""
CHUNK = 2000
"""Rows in one piece of a body."""


@dataclass(frozen=True)
class Upload:
    """One CSV file; rows are made when somebody reads it."""

    company: Company
    seed: str
    count: int
    edited: bool = False
    """The second row has another note than in the upload before."""

    headings: tuple[str, ...] = HEADINGS

    def rows(self) -> Iterable[Row]:
        """Its rows, without the headings."""
        rng = random.Random(self.seed)
        for number in range(self.count):
            machine = rng.choice(self.company.machines)
            note = "" if rng.random() < 1 / 4 else self.company.sentence(rng)
            if self.edited and number == 1:
                note = "Replaced — see report"
            model = f"{machine.make} {machine.model}"
            tag = f"{number + 1:06}"
            yield tag, machine.kind, model, machine.serial, machine.site.name, note

    def chunks(self) -> Iterator[bytes]:
        """The file, piece by piece."""
        yield _csv([self.headings])
        rows = iter(self.rows())
        while piece := list(islice(rows, CHUNK)):
            yield _csv(piece)

    @cached_property
    def size(self) -> int:
        """Its length in bytes."""
        return sum(map(len, self.chunks()))


class ExampleUpload(Upload):
    """The file of the guide's collection."""

    def rows(self) -> Iterable[Row]:
        """Three rows, made up: the guide shows none."""
        return examples.COLLECTION_ROWS


def _csv(rows: Iterable[Row]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


class Collections:
    """All collections and the files behind them."""

    def __init__(self, world: World, company: Company, users: list[Body]) -> None:
        """Fill them; two are uploaded again after the epoch, the last one never was at all."""
        rng = world.random("flow.collections")
        epoch = milliseconds(world.epoch)
        example = examples.COLLECTION
        self._uploads: dict[str, Upload] = {
            example["csvFileName"]: ExampleUpload(
                company, "", 3, headings=tuple(example["headerNames"])
            )
        }
        versions = [Version(0, example["collectionId"], self._with_file(example))]
        rows = round(60 * world.scale)
        for number in range(NEVER_UPLOADED + 1):
            created = epoch - rng.randrange(120, 500) * DAY
            changed = epoch - rng.randrange(1, 100) * DAY
            user = rng.choice(users)
            body: Body = {
                "collectionId": object_id(created, rng.getrandbits(64)),
                "userId": user["userId"],
                "userName": user["username"],
                "created": stamp(created),
                "lastUpdated": stamp(created),
                "teamName": TEAM,
                "name": f"Assets {number + 1} / Käyttöomaisuus",
                "dataLastChanged": UNSET,
                "recordCount": 0,
            }
            versions.append(Version(created, body["collectionId"], body))
            if number == NEVER_UPLOADED:
                continue
            seed = f"{world.seed}:flow.collection:{number}"
            first = Upload(company, seed, rows + number)
            body = self._uploaded(body, first, changed)
            versions.append(Version(changed, body["collectionId"], body))
            if number < UPLOADED_AGAIN:
                again = epoch + (5 + 30 * number) * HOUR
                second = Upload(company, seed, rows + number + 2, edited=True)
                body = self._uploaded(body, second, again)
                versions.append(Version(again, body["collectionId"], body))
        self.register = Register(world, "collections", versions)

    def upload(self, file_name: str) -> Upload | None:
        """The file of that name."""
        return self._uploads.get(file_name)

    def _uploaded(self, body: Body, upload: Upload, at: int) -> Body:
        file_name = object_id(at, len(self._uploads))
        self._uploads[file_name] = upload
        return self._with_file(
            body
            | {
                "lastUpdated": stamp(at),
                "dataLastChanged": stamp(at),
                "headerNames": list(upload.headings),
                "recordCount": upload.count,
                "csvFileName": file_name,
                "csvFileNameHistory": {
                    **body.get("csvFileNameHistory", {}),
                    file_name: stamp(at),
                },
            }
        )

    def _with_file(self, body: Body) -> Body:
        file_name = body["csvFileName"]
        return body | {"csvDownloadUrl": BlobPath(f"collectionuploads/{TEAM}/{file_name}")}

    def served(self) -> list[Body]:
        """The collections as they are now, with the sizes of their files."""
        return [
            {"csvFileSize": upload.size} | body
            if (upload := self._uploads.get(body.get("csvFileName", "")))
            else body
            for body in self.register.current().values()
        ]
