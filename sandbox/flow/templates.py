"""Report templates: the list of them, and the content of each."""

from __future__ import annotations

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
    server_stamp,
    uuid,
)
from sandbox.flow.register import Register, Version

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from sandbox.world import World

    Body = dict[str, Any]

TITLES = ("Service report", "Kunnossapitoraportti", "HSSE summary", "Customer copy")
NEVER_TOUCHED = 1
"""The template without a time of its last change."""
LISTED_ONLY = ("template",)
CONTENT_ONLY = ("headerContent", "bodyContent", "userId")


class Templates:
    """Report templates: each a list row and a content."""

    def __init__(self, world: World, users: list[Body]) -> None:
        """Write them."""
        rng = world.random("flow.templates")
        rows: list[Version] = []
        contents: list[Version] = []
        for row, content, visible in _templates(rng, milliseconds(world.epoch), users):
            rows.append(Version(visible, row["reportTemplateId"], row))
            contents.append(Version(visible, row["reportTemplateId"], content))
        self.titles = TITLES
        self.default_id: str = next(version.key for version in rows if version.body["isDefault"])
        self.rows = Register(world, "report_templates", rows)
        self.contents = Register(world, "report_template_contents", contents)


def _templates(
    rng: random.Random, epoch: int, users: list[Body]
) -> Iterator[tuple[Body, Body, int]]:
    for row in examples.REPORT_TEMPLATES:
        yield row, _content(row, row["template"]["userId"]), 0
    for content in examples.REPORT_TEMPLATE_CONTENTS:
        listed = {name: item for name, item in content.items() if name not in CONTENT_ONLY}
        yield listed | {"template": None}, content, 0
    for number, title in enumerate(TITLES):
        created = epoch - rng.randrange(100, 600) * DAY + number * HOUR
        user = rng.choice(users)
        row = {
            "reportTemplateId": object_id(created, rng.getrandbits(64)),
            "name": title,
            "description": None,
            "template": {
                "templateId": object_id(created, rng.getrandbits(64)),
                "templateBodyFile": _file(rng, "Body template"),
                "templateHeaderFile": _file(rng, "Header template"),
                "uploadedDate": UNSET if number == NEVER_TOUCHED + 1 else server_stamp(created),
                "userId": user["userId"],
            },
            # 9.3 has times without a Z.
            "lastUpdated": UNSET if number == NEVER_TOUCHED else server_stamp(created).rstrip("Z"),
            "options": {
                "isLandscape": number % 2 == 1,
                "title": title,
                "headerHeight": 48,
                "hideFooter": False,
            },
            "isDefault": number == 0,
            "isArchived": number == len(TITLES) - 1,
            "metadata": {},
        }
        yield row, _content(row, user["userId"]), created
        if number == 0:
            edited = epoch + 4 * HOUR
            later = row | {"description": "Now with photos", "lastUpdated": server_stamp(edited)}
            yield later, _content(later, user["userId"]), edited


def _content(row: Body, user_id: str) -> Body:
    shared = {name: item for name, item in row.items() if name not in LISTED_ONLY}
    body = f'<!doctype html>\n<html lang="fi">\n  <body>{row["name"]}</body>\n</html>'
    return shared | {
        "headerContent": "<header>\n</header>",
        "bodyContent": body,
        "userId": user_id,
    }


def _file(rng: random.Random, name: str) -> Body:
    uri = uuid(rng.getrandbits(128))
    return {
        "name": name,
        "uri": uri,
        "contentType": "text/html",
        "downloadUrl": BlobPath(f"reporttemplates/{TEAM}/{uri}"),
    }
