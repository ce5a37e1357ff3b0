"""Known unknowns: a question that the vendor's documents leave open, and what an account answers.

One declaration serves twice: ``--doctor`` asks it, and the page of known unknowns lists it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T_co = TypeVar("T_co", covariant=True)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a request has shown: counts, statuses, names of fields and settings, never data.

    Attributes:
        text: One or two sentences.
        value: What the question's setting must be; None where every value fits.
        leave_out: The question's setting must be left out.
        state: ``open``: the account has nothing that would show it, and any setting may be right.
            ``failed``: it could not be found out.
    """

    text: str
    value: object = None
    leave_out: bool = False
    state: Literal["answered", "open", "failed"] = "answered"

    @classmethod
    def open(cls, text: str) -> Finding:
        """The account has nothing that would show it."""
        return cls(text, state="open")

    @classmethod
    def failed(cls, text: str) -> Finding:
        """It could not be found out."""
        return cls(text, state="failed")


class Trial(Protocol[T_co]):
    """The tap with its present settings and with others, as a question may try it.

    All taps of a trial share their limits, their connections and the number of requests that are
    left. What an earlier question found is in the settings already.
    """

    @property
    def tap(self) -> T_co:
        """The tap with the settings that are right as far as is known."""

    def having(self, **settings: Any) -> T_co:  # noqa: ANN401  # settings have all types
        """The tap with other settings, and the same token."""

    def authorized_by(self, **settings: Any) -> T_co:  # noqa: ANN401  # settings have all types
        """The tap with other credentials, or another way to send them."""

    def once(self, fetch: Callable[[Any], R]) -> R:
        """What ``fetch`` returns for this trial; several questions may share its requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A known unknown.

    Attributes:
        name: For reports and as the anchor of the page, such as ``query-path``.
        text: The question, with its question mark.
        source: Why it is open: who says what, in Markdown.
        handling: What the tap does as long as nobody knows, in Markdown.
        setting: The setting that follows from the answer; None where none does.
        ask: Sends requests and returns what they show; None where no request can answer.
        authorizes: The setting changes how requests are authorised.
    """

    name: str
    text: str
    source: str
    handling: str
    setting: str | None = None
    ask: Callable[[Trial[Any]], Finding] | None = None
    authorizes: bool = False
