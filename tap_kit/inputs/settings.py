"""The settings that all taps have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_kit.time.windows import LENGTHS

if TYPE_CHECKING:
    from tap_kit.time.windows import Length

MOST_DAYS = 36_525
"""The longest look-back: a hundred years."""
PACE = frozenset(
    {
        "concurrency",
        "requests_per_second",
        "request_timeout",
        "max_attempts",
        "max_wait",
        "summary_json",
        "user_agent",
    }
)
"""Settings on which it does not depend which records come."""


def settings_schema(*properties: th.Property[Any]) -> dict[str, Any]:
    """Return the settings of a tap as a JSON schema."""
    schema: dict[str, Any] = th.PropertiesList(*properties).to_dict()
    return schema


def common_settings(*, window: Length | None, lookback_days: float) -> list[th.Property[Any]]:
    """Return the settings that every tap has.

    Args:
        window: The default of ``window``: the length of the interval of one request.
        lookback_days: The default of ``lookback_days``: how many days before its bookmark a run
            reads again.
    """
    return [
        th.Property(
            "start_date",
            th.StringType,
            title="Start date",
            description=(
                "Earliest data wanted where there is no bookmark yet; a date or date-time. Without "
                "it, everything that the vendor has."
            ),
        ),
        th.Property(
            "end_date",
            th.StringType,
            title="End date",
            description=(
                "Read only data before this date or date-time, for one-off backfills; a bookmark "
                "never passes it."
            ),
        ),
        th.Property(
            "window",
            th.StringType(allowed_values=list(LENGTHS)),
            default=window,
            title="Window",
            description="Length of one request's interval, cut on the UTC calendar.",
        ),
        th.Property(
            "lookback_days",
            th.NumberType(minimum=0, maximum=MOST_DAYS),
            default=lookback_days,
            title="Look-back days",
            description=(
                "How far behind its bookmark each run reads again, for late and edited data; whole "
                "windows are read. 0 reads only the window in which the bookmark stands."
            ),
        ),
        th.Property(
            "concurrency",
            th.IntegerType(minimum=1, maximum=32),
            default=4,
            title="Concurrency",
            description="Requests in flight at once, over all streams of the tap.",
        ),
        th.Property(
            "requests_per_second",
            th.NumberType(exclusive_minimum=0),
            title="Requests per second",
            description=(
                "Ceiling for the whole tap, token requests included; evenly spaced, without bursts."
            ),
        ),
        th.Property(
            "request_timeout",
            th.NumberType(exclusive_minimum=0, maximum=86_400),
            default=120,
            title="Request timeout",
            description="Seconds that a request may take to connect, and between two reads.",
        ),
        th.Property(
            "max_attempts",
            th.IntegerType(minimum=1),
            default=8,
            title="Maximum attempts",
            description="Tries of one request before its stream fails.",
        ),
        th.Property(
            "max_wait",
            th.NumberType(minimum=0),
            default=3600,
            title="Maximum wait",
            description=(
                "Seconds of the longest wait that the vendor may ask for (Retry-After); beyond it "
                "the stream fails at once."
            ),
        ),
        th.Property(
            "skip_unchanged",
            th.BooleanType,
            default=True,
            title="Skip unchanged",
            description=(
                "Do not write again a window that the look-back reads again and finds as it was. "
                "Concerns streams that are read as whole tables, window by window."
            ),
        ),
        th.Property(
            "include_secrets",
            th.BooleanType,
            default=False,
            title="Include secrets",
            description=(
                "Send signed links and other credentials inside vendor data as they are, in "
                "records only. Otherwise links lose their query string and credentials are null."
            ),
        ),
        th.Property(
            "emit_activate_version_messages",
            th.BooleanType,
            default=False,
            title="Emit ACTIVATE_VERSION messages",
            description=(
                "Send an ACTIVATE_VERSION message behind each complete full table, so that targets "
                "that support it remove rows which the vendor no longer has."
            ),
        ),
        th.Property(
            "summary_json",
            th.StringType,
            title="Summary as JSON",
            description=(
                "A file to which each run appends its summary, one JSON object in a line; for "
                "monitors."
            ),
        ),
        th.Property(
            "user_agent",
            th.StringType,
            title="User agent",
            description="Sent with every request; by default the name and version of the tap.",
        ),
    ]
