"""Who belongs to the team: users, their permissions and their groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.flow import examples
from sandbox.flow.formats import DAY, HOUR, TEAM, milliseconds, object_id, server_stamp, stamp
from sandbox.flow.register import Register, Version

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from sandbox.company import Company
    from sandbox.world import World

    Body = dict[str, Any]

PERMISSIONS = ("executor", "dataViewer", "editor", "approver", "modifier")
ME = 0
"""The user on whose behalf the client works: the place in the list of workers."""


class Directory:
    """Users and groups."""

    def __init__(self, world: World, company: Company) -> None:
        """Enrol the company's people; the last two join after the epoch."""
        self._world = world
        rng = world.random("flow.users")
        epoch = milliseconds(world.epoch)
        users: list[Version] = []
        for number, person in enumerate(company.people):
            created = epoch - rng.randrange(100, 900) * DAY + rng.randrange(DAY)
            if number >= len(company.people) - 2:
                created = epoch + (3 if number % 2 else 50) * HOUR + rng.randrange(HOUR)
            body: Body = {
                "userId": object_id(created, rng.getrandbits(64)),
                "username": person.email,
                "emailAddress": person.email,
                "name": person.name,
                "created": stamp(created),
                "locked": rng.random() < 1 / 25,
            }
            users.append(Version(created, body["userId"], body))
        self.workers: list[Body] = [user.body for user in users[:-2]]
        """Those who work, all of them since before the history begins."""
        self._permissions = {user.key: _granted(rng) for user in users}
        last = self.workers[-1]
        # Someone is locked out after the epoch: users have no time of their last change.
        users.append(Version(epoch + 6 * HOUR, last["userId"], last | {"locked": True}))
        users += [Version(0, user["userId"], user) for user in examples.USERS]
        self.users = Register(world, "users", users)
        self.groups = Register(world, "groups", self._groups(company, rng, epoch))

    def permissions(self, user_id: str) -> Body | None:
        """What the user was granted, or None for a user that there isn't."""
        if user_id not in self.users.current():
            return None
        granted = self._permissions.get(user_id, examples.USER_PERMISSIONS)
        return self._world.drifted("flow.user_permissions", granted)

    def query_users(self) -> list[Body]:
        """Users as GraphQL has them, with their groups (3.7.7)."""
        names: dict[str, list[Body]] = {}
        for group in self.groups.current().values():
            for user_id in group["users"]:
                names.setdefault(user_id, []).append({"name": group["name"]})
        return [
            {
                "emailAddress": user["emailAddress"],
                "name": user["name"],
                "userGroups": names.get(key, []),
            }
            for key, user in self.users.current().items()
        ]

    def _groups(self, company: Company, rng: random.Random, epoch: int) -> Iterator[Version]:
        for group in examples.GROUPS:
            yield Version(0, group["groupId"], group)
        for number, site in enumerate(company.sites):
            created = epoch - rng.randrange(100, 600) * DAY
            members = [
                user["userId"]
                for user, person in zip(self.workers, company.people, strict=False)
                if person.site is site
            ]
            body: Body = {
                "groupId": object_id(created, rng.getrandbits(64)),
                "teamName": TEAM,
                "name": site.name,
                "lowercaseName": site.name.lower(),
                "created": server_stamp(created),
                "users": members,
                "permissions": _granted(rng),
            }
            yield Version(created, body["groupId"], body)
            if number == 0:
                more = [*members, self.workers[ME]["userId"]]
                yield Version(epoch + 8 * HOUR, body["groupId"], body | {"users": more})


def _granted(rng: random.Random) -> Body:
    return dict.fromkeys(rng.sample(PERMISSIONS, rng.randrange(1, 4)), True)
