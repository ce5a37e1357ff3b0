"""Triggers: what happens when jobs are done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.flow import examples
from sandbox.flow.formats import DAY, HOUR, milliseconds, object_id, server_stamp
from sandbox.flow.register import Register, Version

if TYPE_CHECKING:
    from sandbox.flow.cast import Cast
    from sandbox.world import World

    Body = dict[str, Any]

DISABLED = 4
ARCHIVED = 5
"""Which of the triggers."""


def triggers(world: World, cast: Cast) -> Register:
    """What happens when jobs are done: mails and HTTP calls, some with credentials in them."""
    rng = world.random("flow.triggers")
    epoch = milliseconds(world.epoch)
    versions = [Version(0, trigger["triggerId"], trigger) for trigger in examples.TRIGGERS]
    for number, design in enumerate(cast.designs[:6]):
        created = epoch - rng.randrange(10, 400) * DAY
        customer = rng.choice(cast.company.customers)
        web = number % 2 == 1
        options = {"recipients": customer.email, "sendCopyToUser": "false"}
        if web:
            options = {
                "url": f"https://hooks.customer{number}.example/flow?code={rng.getrandbits(96):x}",
                "headers": f"Authorization: Bearer {rng.getrandbits(160):040x}",
            }
        body: Body = {
            "triggerId": object_id(created, rng.getrandbits(64)),
            "created": server_stamp(created),
            "updated": server_stamp(created + 3 * HOUR),
            "name": f"{design.title} → {customer.name}",
            "description": None if web else cast.company.sentence(rng),
            "templateTags": list(design.tags),
            "objectIds": [],
            "templateIds": [design.workflow_id],
            # The literal of HTTP triggers is nowhere in the sources.
            "triggerType": "Http" if web else "Email",
            "triggerOptions": options,
            "reportTemplateId": None if web else cast.templates.default_id,
            "pdfRequirement": "NotRequired" if web else "FullImages",
            "disabled": number == DISABLED,
            "archived": number == ARCHIVED,
        }
        versions.append(Version(created + 3 * HOUR, body["triggerId"], body))
        if number == 0:
            off = epoch + 5 * HOUR
            later = body | {"disabled": True, "updated": server_stamp(off)}
            versions.append(Version(off, body["triggerId"], later))
    return Register(world, "triggers", versions)
