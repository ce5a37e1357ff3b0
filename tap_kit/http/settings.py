"""The settings on requests, the same for all taps."""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def _default_user_agent() -> str:
    return f"frontline-taps/{version('frontline-taps')}"


@dataclass(frozen=True)
class HttpSettings:
    """The settings on requests.

    Attributes:
        concurrency: How many requests may be in flight at once, over all streams.
        requests_per_second: How many may begin in a second, evenly spaced; None: any number.
        request_timeout: Seconds to wait for a connection, and for more bytes while reading.
        max_attempts: How often one request is tried.
        max_wait: The longest ``Retry-After`` that is accepted, in seconds.
        user_agent: Sent with every request.
    """

    concurrency: int = 4
    requests_per_second: float | None = None
    request_timeout: float = 120.0
    max_attempts: int = 8
    max_wait: float = 3600.0
    user_agent: str = ""

    def __post_init__(self) -> None:
        """Fill in the default that is known only at run time."""
        if not self.user_agent:
            object.__setattr__(self, "user_agent", _default_user_agent())

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> HttpSettings:
        """From a tap's validated settings; what is absent or null is the default."""
        given = {field.name: config.get(field.name) for field in fields(cls)}
        return cls(**{name: value for name, value in given.items() if value is not None})
