"""The one way in which the sandbox's Crewmojo says no."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818  # the vendor's answer, no error of the sandbox
    """An answer of 400, 401, 403 or 404."""

    def __init__(self, status: int, message: str) -> None:
        """Refuse with a status and a message for the client."""
        super().__init__(message)
        self.status = status
