"""What Crewmojo's documents leave open, as behaviours to choose from.

docs: taps/crewmojo/facts#open-questions
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VARIANTS: Mapping[str, tuple[str, ...]] = {
    "token_expiry": ("expires_in", "expires_at", "absent"),
    "error_body": ("message", "error", "error_description"),
    "unknown_report": ("400", "404"),
    "formats": ("both", "csv_only"),
    "undated_reports": ("take_dates", "refuse_dates"),
    "dates": ("inclusive", "end_excluded"),
    "json_rows": ("array", "data", "rows"),
    "csv_encoding": ("utf-8", "utf-8-bom", "utf-8-charset", "utf-16-charset"),
    "csv_lines": ("crlf", "lf"),
    "poll_path": ("segment", "query", "both"),
    "poll_format": ("as_asked", "csv"),
    "job_answer": ("bare", "with_status"),
    "job_owner": ("client", "token"),
    "job_gone": ("400", "404"),
    # When a slow report is ready: after polls that found it running, by the sandbox's clock,
    # only when it is asked for again, or never.
    "slow": ("2_polls", "0_polls", "45_seconds", "second_job", "never"),
}


class Habits:
    """The behaviours in force, which may change from one request to the next."""

    def __init__(self, chosen: Callable[[str], str]) -> None:
        """``chosen`` gives the choice in force by the variant's name."""
        self._chosen = chosen

    def status(self, variant: str) -> int:
        """The HTTP status that was chosen."""
        return int(self._chosen(variant))

    @property
    def token_expiry(self) -> str:
        """The key that tells how long a token lives, ``absent`` for none."""
        return self._chosen("token_expiry")

    def error(self, message: str) -> dict[str, Any]:
        """The body of a refusal."""
        key = self._chosen("error_body")
        named = {"error": "invalid_request"} if key == "error_description" else {}
        return {**named, key: message}

    @property
    def gives_json(self) -> bool:
        """A report may be asked for as JSON."""
        return self._chosen("formats") == "both"

    @property
    def refuses_dates(self) -> bool:
        """A report without dates may not be asked for by date."""
        return self._chosen("undated_reports") == "refuse_dates"

    @property
    def excludes_end(self) -> bool:
        """The last day does not belong to a report."""
        return self._chosen("dates") == "end_excluded"

    @property
    def rows_key(self) -> str | None:
        """The key under which JSON rows stand; None for rows at the top level."""
        key = self._chosen("json_rows")
        return None if key == "array" else key

    @property
    def csv_encoding(self) -> tuple[str, str]:
        """Python's name of the encoding, and the content type."""
        encoding, _, mark = self._chosen("csv_encoding").rpartition("-")
        if mark == "charset":
            return encoding, f"text/csv; charset={encoding}"
        return "utf-8-sig" if mark == "bom" else "utf-8", "text/csv"

    @property
    def line_end(self) -> str:
        """What ends a csv line."""
        return "\n" if self._chosen("csv_lines") == "lf" else "\r\n"

    def takes_poll_by(self, form: str) -> bool:
        """Whether a jobId may stand in a path ``segment`` or in the ``query``."""
        return self._chosen("poll_path") in {form, "both"}

    @property
    def polls_give_json(self) -> bool:
        """A poll answers with JSON if the report was asked for as JSON."""
        return self._chosen("poll_format") == "as_asked"

    @property
    def job_companions(self) -> dict[str, Any]:
        """What stands beside the jobId of a report that isn't ready."""
        if self._chosen("job_answer") == "bare":
            return {}
        return {"status": "RUNNING", "message": "The report is being generated"}

    @property
    def jobs_outlive_tokens(self) -> bool:
        """A job may be polled with a newer token than the one that started it."""
        return self._chosen("job_owner") == "client"

    @property
    def slow(self) -> str:
        """When a slow report is ready."""
        return self._chosen("slow")
