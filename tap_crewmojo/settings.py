"""The settings of tap-crewmojo: access, and the reports to read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_crewmojo.report import ENVELOPE, Report
from tap_kit.inputs.settings import MOST_DAYS, common_settings, settings_schema
from tap_kit.tables import DECLARABLE, EXTRA_COLUMNS, ROW_ID
from tap_kit.time.windows import LENGTHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

API_URLS = {
    "production": "https://api.crewmojo.com/v1",
    "test": "https://api.test.crewmojo.com/v1",
}
"""API roots, by https://docs.crewmojo.com/download/api."""

_REPORT = th.ObjectType(
    th.Property(
        "report",
        th.StringType(min_length=1),
        required=True,
        title="Report",
        description="Identifier of the report, as Crewmojo gives it out: oneonone.summary.",
    ),
    th.Property(
        "name",
        th.StringType(min_length=1),
        title="Stream name",
        description="By default the identifier with _ for all that is not a letter or digit.",
    ),
    th.Property(
        "primary_keys",
        th.ArrayType(th.StringType(min_length=1)),
        title="Primary keys",
        description=(
            "Columns of the report that make a row unique, or start_date and end_date of its "
            "window; by default row_id, a hash of the row."
        ),
    ),
    th.Property(
        "date_range",
        th.BooleanType,
        title="Date range",
        description=(
            "Whether the report is asked for by date (needs start_date); false: as a whole, "
            "without dates. By default true."
        ),
    ),
    th.Property(
        "window",
        th.StringType(allowed_values=list(LENGTHS)),
        title="Window",
        description="Days of one request, in place of the tap's setting.",
    ),
    th.Property(
        "lookback_days",
        th.NumberType(minimum=0, maximum=MOST_DAYS),
        title="Look-back days",
        description="In place of the tap's setting.",
    ),
    th.Property(
        "format",
        th.StringType(allowed_values=["json", "csv"]),
        title="Format",
        description="What to ask Crewmojo for: json (the default) or csv.",
    ),
    th.Property(
        "columns",
        th.ObjectType(
            additional_properties=th.StringType(
                allowed_values=[type_.value for type_ in DECLARABLE]
            )
        ),
        title="Column types",
        description=(
            "JSON types of columns, by name: integer, number, boolean, date, date-time or string. "
            "Otherwise JSON values are what they are, and cells of csv are strings."
        ),
    ),
    additional_properties=False,
)

SETTINGS = settings_schema(
    th.Property(
        "client_id",
        th.StringType(min_length=1),
        required=True,
        title="Client ID",
        description="Company Settings > Integrations > API Authentication, in Crewmojo.",
    ),
    th.Property(
        "client_secret",
        th.StringType(min_length=1),
        required=True,
        secret=True,
        title="Secret key",
        description="On the same card as the client ID.",
    ),
    th.Property(
        "environment",
        th.StringType(allowed_values=list(API_URLS)),
        default="production",
        title="Environment",
        description="production or test; each has credentials of its own.",
    ),
    th.Property(
        "api_url",
        th.StringType,
        title="API URL",
        description=(
            "Root of the API, in place of the environment's; in production that is "
            f"{API_URLS['production']}."
        ),
    ),
    th.Property(
        "reports",
        th.ArrayType(_REPORT),
        required=True,
        title="Reports",
        description="The reports to read, one stream each.",
    ),
    th.Property(
        "poll_interval",
        th.NumberType(exclusive_minimum=0, maximum=3600),
        default=5,
        title="Poll interval",
        description="Seconds between two questions whether a slow report is ready.",
    ),
    th.Property(
        "report_timeout",
        th.NumberType(exclusive_minimum=0, maximum=86_400),
        default=300,
        title="Report timeout",
        description=(
            "Seconds after which a slow report is abandoned and asked for again. Crewmojo advises "
            "5 minutes and forgets a report after 10."
        ),
    ),
    th.Property(
        "max_report_restarts",
        th.IntegerType(minimum=0),
        default=3,
        title="Maximum report restarts",
        description=(
            "How often a report that was abandoned, or that Crewmojo forgot, is asked for again "
            "before its stream fails."
        ),
    ),
    th.Property(
        "force_long_running",
        th.BooleanType,
        default=False,
        title="Force long-running reports",
        description=(
            "Send Crewmojo's test switch jobId: true, which makes every report a slow one; for "
            "trying that path out."
        ),
    ),
    *common_settings(window="month", lookback_days=7),
)


def problems(config: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with settings that their schema takes, in the reports' order."""
    reports = [Report.of(item) for item in config["reports"]]
    if not reports:
        yield "reports needs at least 1 item"
    for report in reports:
        yield from _problems(report, has_start="start_date" in config)
    names = Counter(report.stream for report in reports)
    for name, count in names.items():
        if count > 1:
            same = ", ".join(report.identifier for report in reports if report.stream == name)
            yield f"reports: {same} have the same stream name {name}; set name for one of them"


def _problems(report: Report, *, has_start: bool) -> Iterator[str]:
    about = f"reports: {report.identifier}"
    keys = report.primary_keys
    if report.dated and not has_start:
        yield (
            f"start_date is missing: {report.identifier} is asked for by date (or set its "
            "date_range to false)"
        )
    if not keys:
        yield f"{about}: primary_keys must name a column; leave it out for {ROW_ID}"
    if len({*keys}) < len(keys):
        yield f"{about}: primary_keys must name each column once"
    if EXTRA_COLUMNS in keys:
        yield f"{about}: primary_keys can't have {EXTRA_COLUMNS}, which is no column"
    for name in report.columns:
        if name in ENVELOPE["properties"]:
            yield f"{about}: columns can't have {name}; the report's own is called column_{name}"
    if not report.dated and {"start_date", "end_date"} & {*keys}:
        yield f"{about}: primary_keys can't have dates where date_range is false"
