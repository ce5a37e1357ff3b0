"""What a GET of the vendor's is: path, section of the guide, and what a token needs for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

if TYPE_CHECKING:
    from tap_flow.policies import Policy

_PLACEHOLDER: Final = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint of the REST services.

    Attributes:
        path: Slashes count, the last one too. ``{name}`` stands for the id of an item.
        section: The section of the developer guide.
        policy: What a token needs; None where any valid token will do.
        host: Which base URL the path belongs to.
        wrapper: The member that holds the rows, where a list may come wrapped in an object.
        fields: A single object must have one of these; without any it is some other response.
        is_one: The response is one object, so that an empty list is none.
        may_be_empty: An object without any members is right, too.
        mine: The endpoint for only those of the token's user, used with ``job_scope: my``.
        elsewhere: Where else an item may be, as documents contradict each other.
    """

    path: str
    section: str
    policy: Policy | None = None
    host: Literal["accounts", "gateway"] = "gateway"
    wrapper: str | None = None
    fields: frozenset[str] = frozenset()
    is_one: bool = False
    may_be_empty: bool = False
    mine: Endpoint | None = None
    elsewhere: Endpoint | None = None

    def __str__(self) -> str:
        """As the documentation shows it."""
        return f"GET {self.path} (guide {self.section})"

    def path_of(self, item: str | None) -> str:
        """Return the path with the id of an item in its place, percent-encoded."""
        if item is None:
            return self.path
        return _PLACEHOLDER.sub(lambda _: quote(item, safe=""), self.path)
