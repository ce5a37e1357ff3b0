"""The settings of the tap: their schema, and what must be right beyond it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from singer_sdk import typing as th

from tap_flow.client import QUERY_PATHS
from tap_flow.filters import FILTERS, filter_problems
from tap_flow.flow_files import KINDS, LISTED_KINDS
from tap_kit.files.address import address_problem
from tap_kit.inputs.settings import common_settings, settings_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CREDENTIALS = (
    "client_id and client_secret, access_token or query_key must be given: the first two read all "
    "streams, a query_key only those of the Query API"
)

SETTINGS: Final[dict[str, Any]] = settings_schema(
    th.Property(
        "client_id",
        th.StringType(min_length=1),
        title="Client ID",
        description="Of an OAuth2 client of the team (guide 2.3). Reads all streams.",
    ),
    th.Property(
        "client_secret",
        th.StringType(min_length=1),
        secret=True,
        title="Client secret",
        description="Belongs to the client_id.",
    ),
    th.Property(
        "access_token",
        th.StringType(min_length=1),
        secret=True,
        title="Access token",
        description=(
            "A token that you have already, instead of client_id and client_secret. Tokens "
            "end after an hour (guide 2.3.4)."
        ),
    ),
    th.Property(
        "query_key",
        th.StringType(min_length=1),
        secret=True,
        title="Query API key",
        description=(
            "Key from the Query Designer (guide 3.3.2). Used for the GraphQL streams when "
            "given; alone, the tap offers only those."
        ),
    ),
    th.Property(
        "accounts_url",
        th.StringType,
        default="https://accounts.flow.librestream.com",
        title="Accounts URL",
        description="Base URL of the identity server, users and groups.",
    ),
    th.Property(
        "gateway_url",
        th.StringType,
        default="https://gateway.flow.librestream.com",
        title="Gateway URL",
        description="Base URL of the Query API and all other services.",
    ),
    th.Property(
        "query_path",
        th.StringType(pattern="^/"),
        default=QUERY_PATHS[0],
        title="Query API path",
        description="The guide's text also names /api/query/v2/graph.",
    ),
    th.Property(
        "scope",
        th.StringType(min_length=1),
        title="Scope",
        description=(
            "Scopes to ask for with the token, separated by blanks; by default all that the "
            "client is registered for (guide 2.2.4)."
        ),
    ),
    th.Property(
        "page_size",
        th.IntegerType(minimum=1, maximum=100),
        default=100,
        title="Page size",
        description="Jobs in one response (guide 3.5.2.5).",
    ),
    th.Property(
        "jobs_page_size",
        th.IntegerType(minimum=1, maximum=1000),
        default=500,
        title="Page size of REST jobs",
        description=(
            "Jobs in one response of the REST list (guide 6.1). A vendor that sends fewer loses "
            "nothing: reading goes on after the rows that came."
        ),
    ),
    th.Property(
        "job_details_of",
        th.StringType(allowed_values=["open", "all"]),
        default="open",
        title="Job details of",
        description=(
            "Which jobs job_details has: open ones, or all. With all it goes on from a bookmark, "
            "and requests a completed job again only when the list shows that it has changed."
        ),
    ),
    th.Property(
        "job_filters",
        FILTERS,
        default={},
        title="Job filters",
        description=(
            "Filters of completed jobs, by the names that the guide gives them (guide 3.5.2): "
            "of those for workflow, user and job, one each."
        ),
    ),
    th.Property(
        "job_scope",
        th.StringType(allowed_values=["team", "my"]),
        default="team",
        title="Job scope",
        description=(
            "REST jobs and scheduled jobs of the whole team, or only those of the user behind "
            "the token (guide 6.6, 10.3)."
        ),
    ),
    th.Property(
        "date_format",
        th.StringType(allowed_values=["dash", "slash"]),
        default="dash",
        title="Date format",
        description=(
            "How the Query API's time filters are written: 2019-06-01T08:00:00.000Z or, as in "
            "the guide's samples, 2019/06/01T08:00:00.000Z (guide 3.5.2.4)."
        ),
    ),
    th.Property(
        "files_to",
        th.StringType(min_length=1),
        title="Files to",
        description=(
            "Folder or bucket for photos, reports and other files: file:///folder, "
            "s3://bucket/folder, gs://bucket/folder or az://container/folder. With it there is "
            "the stream files. Credentials are those that the cloud's own tools find."
        ),
    ),
    th.Property(
        "file_kinds",
        th.ArrayType(th.StringType(allowed_values=[*KINDS])),
        default=["attachments", "reports"],
        title="Kinds of files",
        description=f"Which files to keep: {', '.join(KINDS)}.",
    ),
    th.Property(
        "max_file_bytes",
        th.IntegerType(minimum=1),
        title="Largest file",
        description=(
            "Larger files, in bytes, are left out: a warning says so, and their row has no uri."
        ),
    ),
    *common_settings(window="month", lookback_days=1),
)


def problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Find credentials that do not belong together, and filters that exclude each other.

    Args:
        config: Settings that fit :data:`SETTINGS`, with their defaults.

    Yields:
        One line for each problem: the settings concerned, and what is right.
    """
    pair = [name for name in ("client_id", "client_secret") if name in config]
    if "access_token" in config and pair:
        yield f"access_token must not be given together with {' and '.join(pair)}"
    elif pair == ["client_id"]:
        yield "client_secret is missing: it belongs to the client_id"
    elif pair == ["client_secret"]:
        yield "client_id is missing: it belongs to the client_secret"
    elif not pair and "access_token" not in config and "query_key" not in config:
        yield _CREDENTIALS
    yield from filter_problems(config["job_filters"])
    if "files_to" in config:
        yield from _file_problems(config)


def _file_problems(config: Mapping[str, Any]) -> Iterator[str]:
    problem = address_problem(config["files_to"])
    if problem:
        yield f"files_to {problem}"
    listed = [kind for kind in LISTED_KINDS if kind in config["file_kinds"]]
    if not config["file_kinds"]:
        yield f"file_kinds must name some of: {', '.join(KINDS)}"
    elif listed and "client_id" not in config and "access_token" not in config:
        yield (
            f"file_kinds {' and '.join(listed)} need client_id and client_secret, or access_token: "
            "a query_key reads only attachments, thumbnails and reports"
        )
