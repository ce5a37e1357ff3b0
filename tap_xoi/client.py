"""The client of XOi's APIs: tokens, pages of GraphQL lists, and reports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tap_kit.doctor.hint import ask_the_account
from tap_kit.errors import BadBodyError, RetriesExhaustedError, VendorError
from tap_kit.http.auth import TokenAuth, oauth2_token
from tap_kit.http.graphql import decode_graphql
from tap_kit.http.request import Request
from tap_kit.http.status_errors import followed_by
from tap_kit.streams.paging import Paging
from tap_kit.text.content import error_in
from tap_kit.text.unstorable import is_suspect, note_replaced, storable_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_kit.http.client import Client
    from tap_kit.http.response import Response
    from tap_kit.stats import StreamStats
    from tap_kit.streams.context import TapContext
    from tap_kit.streams.reader import Record
    from tap_kit.streams.schema import Schema
    from tap_kit.streams.stream import RecordStream
    from tap_xoi.queries import Fields, Query

ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    "production": {
        "token_url": "https://api-users-external.xoi.io/prod/token",
        "jobs_url": "https://gql-jobs-external.xoi.io/graphql",
        "users_url": "https://gql-users-external.xoi.io/graphql",
        "content_url": "https://gql-content-external.xoi.io/graphql",
        "reporting_url": "https://api-jobs-external.xoi.io/prod/reporting-data",
    },
    "staging": {
        "token_url": "https://api-users-external.staging.xoeye.com/stag/token",
        "jobs_url": "https://gql-jobs-external.staging.xoeye.com/graphql",
        "users_url": "https://gql-users-external.staging.xoeye.com/graphql",
        "content_url": "https://gql-content-external.staging.xoeye.com/graphql",
        "reporting_url": "https://api-jobs-external.staging.xoeye.com/stag/reporting-data",
    },
}
"""Hosts by API (authentication, jobs, users, content and reporting guides)."""

OTHER_STAGING: Mapping[str, str] = {
    "token_url": "https://api-users-external.staging.xoi.io/stag/token",
    "reporting_url": "https://api-jobs-external.staging.xoi.io/stag/reporting-data",
}
"""Staging's other spelling: that of the sample in the authentication guide."""

_CREDENTIALS = ("api_key", "api_secret")
_LIFETIME = 60 * 60.0
"""Seconds that a token lives."""
_LEEWAY = 5 * 60.0
"""A token is replaced so many seconds before its end."""
_REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_MOST_EMPTY = 1000
"""Empty pages in a row: a vendor that filters after it has cut its data into pages may send some
before the next item."""
_ABOUT_LIMIT = re.compile(r"\blimit\b(?! exceeded)", re.IGNORECASE)
_LIMIT = f"Check the setting page_size. {ask_the_account('tap-xoi')}"
_REPORT_MARKS = frozenset({"jobId", "workflowJobId", "stepData"})


def address(config: Mapping[str, Any], name: str) -> str:
    """Return a ``*_url`` setting; by default, the environment's."""
    url: str = config.get(name) or ENVIRONMENTS[config["environment"]][name]
    return url


def token_auth(config: Mapping[str, Any]) -> TokenAuth:
    """Return how requests are authorised (docs: taps/xoi/facts#tokens).

    A token lives for 60 minutes, which the response doesn't say, and is the whole
    ``Authorization``. The reporting API may refuse it with 403 as well as 401.
    """
    request = Request(
        "POST",
        address(config, "token_url"),
        label="POST token",
        json={name: config[name] for name in _CREDENTIALS},
        headers={"Accept": "application/json"},
    )
    return TokenAuth(
        oauth2_token(request, member="token", settings=_CREDENTIALS),
        scheme="",
        leeway=_LEEWAY,
        default_lifetime=_LIFETIME,
        renew_on=_REFUSALS,
        settings=_CREDENTIALS,
    )


@dataclass(frozen=True, slots=True)
class Items:
    """A page of a GraphQL list; ``size`` is the response's length in bytes."""

    items: list[Record]
    size: int


class Xoi:
    """Sends the requests of one reader."""

    def __init__(self, client: Client, config: Mapping[str, Any], stats: StreamStats) -> None:
        self.client = client
        self._config = config
        self.stats = stats
        self._reporting_url = address(config, "reporting_url").rstrip("/")

    @classmethod
    def of(cls, tap: TapContext, stream: RecordStream) -> Xoi:
        """The API for a stream's reader."""
        return cls(tap.client, tap.config, tap.stats_of(stream.name))

    def pages(self, query: Query, fields: Fields, given: Mapping[str, Any]) -> Iterator[Items]:
        """Yield all pages of a query; their ``input`` differs only in ``nextToken``.

        A list may have empty pages before the last one: it ends where there is no token.

        Raises:
            StreamError: The list does not move: a token that came before, or items that did.
        """
        paging = Paging(
            f"POST {query.name}",
            link="nextToken",
            advice="Run again later, or ask XOi's support",
            most_empty=_MOST_EMPTY,
            identified_by=query.identified_by,
        )
        token = ""
        while True:
            items, following, size = self._page(query, fields, {**given, "nextToken": token})
            if following:
                paging.took(items)
            yield Items(items, size)
            if not following:
                return
            paging.follow(following)
            token = following

    def items(self, query: Query, fields: Fields, given: Mapping[str, Any]) -> Items:
        """Return the items of a query without pages.

        Raises:
            GoneError: XOi doesn't know what was asked for.
        """
        items, _, size = self._page(query, fields, given)
        return Items(items, size)

    def report(self, job_id: str, workflow_job_id: str, schema: Schema) -> tuple[Record, int]:
        """Request the report of a job's workflow; returns it with its length in bytes.

        Args:
            job_id: The job.
            workflow_job_id: The workflow of the job.
            schema: The schema of reports.

        Raises:
            GoneError: XOi doesn't know the pair.
            PermissionDeniedError: XOi refuses it, with a new token, too.
        """
        path = f"job/{quote(job_id, safe='')}/workflow-job/{quote(workflow_job_id, safe='')}"
        request = Request(
            "GET",
            f"{self._reporting_url}/{path}",
            label="GET reporting-data",
            headers={"Accept": "application/json"},
            explain=_explain,
        )
        return self.client.fetch(
            request, lambda response: self._read_report(response, schema), self.stats
        )

    def _page(
        self, query: Query, fields: Fields, given: Mapping[str, Any]
    ) -> tuple[list[Record], str, int]:
        while True:
            asked = str(fields)
            try:
                return self._ask(query, fields, given)
            except VendorError as error:
                fields.drop_unknown(error.detail)
                if str(fields) == asked:
                    raise

    def _ask(
        self, query: Query, fields: Fields, given: Mapping[str, Any]
    ) -> tuple[list[Record], str, int]:
        request = Request(
            "POST",
            address(self._config, query.url),
            label=f"POST {query.name}",
            json={"query": query.document(str(fields)), "variables": {"input": given}},
            headers={"Accept": "application/json"},
            # A response that is nothing but errors may come with 400 too.
            accept=frozenset({HTTPStatus.BAD_REQUEST}),
            explain=_explain,
        )

        def decode(response: Response) -> tuple[list[Record], str, int]:
            if response.is_no_content:
                return [], "", 0
            items, token = query.read(decode_graphql(response))
            return self._storable(items, fields.schema, response), token, len(response.content)

        try:
            return self.client.fetch(request, decode, self.stats)
        except RetriesExhaustedError as error:
            # XOi may call what it refuses an error of its own (Lambda:Unhandled).
            if _ABOUT_LIMIT.search(str(error)):
                error.args = (followed_by(str(error), _LIMIT),)
            raise

    def _storable(self, records: list[Record], schema: Schema, response: Response) -> list[Record]:
        """Replace what no target can store, before ids are made of records."""
        if not is_suspect(response.content):
            return records
        clean, replaced = storable_records(records, schema)
        note_replaced(self.stats, replaced - self.stats.replaced)
        return clean

    def _read_report(self, response: Response, schema: Schema) -> tuple[Record, int]:
        report = response.json()
        error = error_in(report)
        promised = isinstance(report, dict) and bool(_REPORT_MARKS & report.keys())
        if not promised or (error and "stepData" not in report):
            msg = f"HTTP {response.status}, but no report{f': {error}' if error else ''}"
            raise BadBodyError(msg, status=response.status)
        (report,) = self._storable([report], schema, response)
        return report, len(response.content)


def _explain(status: int, detail: str) -> str | None:
    if _ABOUT_LIMIT.search(detail):
        return _LIMIT
    if status == HTTPStatus.FORBIDDEN:
        return "The API key lacks access to this API, or the data are another organization's"
    return None
