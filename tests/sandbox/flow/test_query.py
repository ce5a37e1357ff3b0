"""Pages, filters and documents of the Query API."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from graphql import build_schema, graphql_sync

from sandbox.flow.formats import milliseconds, parsed
from sandbox.flow.graph import SCHEMA
from tests.sandbox.flow.client import (
    ALL_OF_A_JOB,
    BASE,
    EPOCH,
    GRAPH,
    Client,
    Record,
    as_truth,
    message,
    texts,
    without,
)


class TestPaging:
    def test_ascending_pages_bring_all_completed_jobs_once(self, client: Client) -> None:
        pages = list(client.pages("", ALL_OF_A_JOB))
        assert [len(page) for page in pages] == [100, 100, 55]
        jobs = [as_truth(job) for page in pages for job in page]
        cursors = [job["completedJobCursor"] for job in jobs]
        assert cursors == sorted(set(cursors))
        lists = ("steps", "attachments", "reports")
        assert texts(without(job, *lists) for job in jobs) == texts(client.truth("completed_jobs"))
        children = {
            "job_steps": [
                {**without(step, "substeps"), "jobId": job["jobId"]}
                for job in jobs
                for step in job["steps"] or ()
            ],
            "job_substeps": [
                {**sub, "jobId": job["jobId"], "parentUniqueStepId": step["uniqueStepId"]}
                for job in jobs
                for step in job["steps"] or ()
                for sub in step["substeps"]
            ],
            "job_attachments": [
                {**without(file, "thumbnails"), "jobId": job["jobId"]}
                for job in jobs
                for file in job["attachments"] or ()
            ],
            "job_attachment_thumbnails": [
                {**picture, "jobId": job["jobId"], "attachmentId": file["attachmentId"]}
                for job in jobs
                for file in job["attachments"] or ()
                for picture in file["thumbnails"]
            ],
            "job_reports": [
                {**report, "jobId": job["jobId"]} for job in jobs for report in job["reports"] or ()
            ],
        }
        for stream, rows in children.items():
            assert len(rows) > 50, stream
            assert texts(rows) == texts(client.truth(stream)), stream

    def test_descending_pages_are_the_same_backwards(self, client: Client) -> None:
        assert client.every('order: "desc"') == client.every('order: "asc"')[::-1]

    def test_the_default_page_is_the_first_fifty(self, client: Client) -> None:
        answer = client.query("{ jobs { jobId } }")
        assert answer["data"]["jobs"] == client.jobs()[:50]

    def test_ids_hold_the_seconds_of_their_times(self, client: Client) -> None:
        job = client.every(fields="jobId created")[-1]
        assert int(job["jobId"][:8], 16) == parsed(job["created"]) // 1000
        assert len(job["jobId"]) == len(job["completedJobCursor"]) == 24

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ("limit: 0", "between 1 and 100"),
            ("limit: 101", "between 1 and 100"),
            ('order: "up"', "'asc' or 'desc'"),
            ('cursor: "5e3036f5e456fc00012e2b89"', "Cursor '5e3036f5e456fc00012e2b89'"),
            ('userName: "a" userId: "b"', "Only one of userName, userId"),
            ('updatedSince: "yesterday"', "'yesterday' is not a valid date"),
            ('updatedSince: "2025-02-30T00:00:00Z"', "updatedSince"),
            ('jobId: "5" updatedBefore: "2025-13-01"', "updatedBefore"),
            ('limit: "9"', "Int cannot represent"),
            ('status: "Completed"', "Unknown argument 'status'"),
        ],
    )
    def test_bad_arguments_are_errors(self, client: Client, arguments: str, words: str) -> None:
        assert words in message(client.query(f"{{ jobs({arguments}) {{ jobId }} }}"))

    def test_the_undocumented_completed_fails_the_query(self, client: Client) -> None:
        answer = client.query('{ jobs(cursor: "x") { completed } }')
        assert "Cannot query field 'completed'" in message(answer)

    def test_errors_may_have_a_status_of_their_own(self) -> None:
        client = Client(graphql_status="400")
        assert client.send("GET", f"{GRAPH}?query=x").status == 400
        client.world.variants["flow.graphql_status"] = "200"
        assert client.send("GET", f"{GRAPH}?query=x").status == 200

    @pytest.mark.parametrize(
        ("choice", "found"), [("v2", (200, 404)), ("api", (404, 200)), ("both", (200, 200))]
    )
    def test_either_path_or_both(self, choice: str, found: tuple[int, int]) -> None:
        client = Client(graph_path=choice)
        paths = (GRAPH, "/gateway/api/query/v2/graph")
        query = quote("{users{name}}")
        answers = tuple(client.send("GET", f"{path}?query={query}").status for path in paths)
        assert answers == found
        settings = client.vendor.settings(BASE)
        assert settings.get("query_path") == ("/api/query/v2/graph" if choice == "api" else None)


class TestFilters:
    @pytest.mark.parametrize(
        "trait", ["workflowId", "userName", "userId", "jobTitle", "jobId", "workflowTitle"]
    )
    def test_equal_to_one_or_any_of_several(self, client: Client, trait: str) -> None:
        jobs = client.every(fields=f"jobId {trait}")
        one, other = (job[trait] for job in jobs[-2:])
        found = client.every(f'{trait}: "{one}"', f"jobId {trait}")
        # A workflow's title is null where the job is called the same.
        assert {job[trait] for job in found} <= {one, None}
        assert [job for job in jobs if job[trait] == one] == [job for job in found if job[trait]]
        both = client.every(f'{trait}: ["{one}", "{other}"]', f"jobId {trait}")
        assert {job[trait] for job in both} - {None} == {one, other}

    def test_tags(self, client: Client) -> None:
        jobs = client.every(fields="jobId workflowTags")
        tags = next(job["workflowTags"] for job in jobs if len(job["workflowTags"] or ()) > 1)
        listed = json.dumps(tags, ensure_ascii=False)
        for arguments, matches in (
            (f'workflowTag: "{tags[0]}"', lambda own: tags[0] in own),
            (f"workflowTagsOr: {listed}", lambda own: set(tags) & set(own)),
            (f"workflowTagsAnd: {listed}", lambda own: set(tags) <= set(own)),
        ):
            expected = [job["jobId"] for job in jobs if matches(job["workflowTags"] or ())]
            found = [job["jobId"] for job in client.every(arguments)]
            assert found == expected
            assert 0 < len(found) < len(jobs)

    @pytest.mark.parametrize("bounds", ["half_open", "inclusive", "exclusive"])
    def test_a_job_on_the_edge_of_a_month(self, bounds: str) -> None:
        client = Client(bounds=bounds)
        edge = "2025-06-01T00:00:00Z"
        on_edge = {
            job["jobId"] for job in client.every(fields="jobId updated") if job["updated"] == edge
        }
        assert on_edge
        after = {job["jobId"] for job in client.every('updatedSince: "2025-06-01T00:00:00.000Z"')}
        before = {job["jobId"] for job in client.every('updatedBefore: "2025/06/01T00:00:00.000Z"')}
        assert bool(on_edge & after) == (bounds != "exclusive")
        assert bool(on_edge & before) == (bounds == "inclusive")
        assert len((after | before) - on_edge) == len(client.every()) - len(on_edge)

    def test_times_combine(self, client: Client) -> None:
        since, before = "2025-04-01T00:00:00Z", "2025-06-01T00:00:00Z"
        found = client.every(
            f'createdSince: "{since}" createdBefore: "{before}" updatedSince: "{since}"',
            "jobId created updated",
        )
        expected = [
            job
            for job in client.every(fields="jobId created updated")
            if parsed(since) <= parsed(job["created"]) < parsed(before) <= parsed("2100-01-01")
            and parsed(job["updated"]) >= parsed(since)
        ]
        assert found == expected
        assert len(found) > 100

    @pytest.mark.parametrize(
        ("choice", "works"),
        [("both", (True, True)), ("dash_only", (True, False)), ("slash_only", (False, True))],
    )
    def test_dates_with_dashes_or_slashes(self, choice: str, works: tuple[bool, bool]) -> None:
        client = Client(dates=choice)
        answers = [
            client.query(f'{{ jobs(updatedSince: "{text}") {{ jobId }} }}')
            for text in ("2025-04-01T00:00:00.000Z", "2025/04/01T00:00:00.000Z")
        ]
        assert tuple("errors" not in answer for answer in answers) == works
        expected = "slash" if choice == "slash_only" else None
        assert client.vendor.settings(BASE).get("date_format") == expected

    def test_filters_with_a_cursor_may_be_refused(self) -> None:
        client = Client()
        filters = 'updatedSince: "2025-01-01T00:00:00Z"'
        assert len(client.every(filters)) == 250
        client.world.variants["flow.cursor_filters"] = "error"
        (first, *_) = client.pages()
        cursor = f'cursor: "{first[-1]["completedJobCursor"]}"'
        answer = client.query(f"{{ jobs({cursor} {filters}) {{ jobId }} }}")
        assert "can't be combined with updatedSince" in message(answer)

    def test_rivals_may_take_precedence_silently(self) -> None:
        client = Client(exclusive_filters="first_wins")
        user = client.jobs('order: "desc"', "userId")[0]["userId"]
        assert client.jobs(f'userId: "{user}" userName: "nobody"') == []
        workflow = client.jobs('order: "desc"', "workflowId")[0]["workflowId"]
        wins = f'workflowId: "{workflow}"'
        assert client.jobs(f'{wins} workflowTag: "none"') == client.jobs(wins)


class TestDocuments:
    DOCUMENT = """
        # A comment with a "quote" in it.
        query Two($limit: Int = 3, $with: Boolean!, $title: String) {
          some: jobs(limit: $limit, order: "desc") { ...Facts steps @include(if: $with) { stepId } }
          jobs(limit: 2, jobTitle: [$title, "(Draft) - Quick n Easy Numeric"]) { jobId __typename }
          users { ... on User { name userGroups { name __typename } } }
          __type(name: "Pair") { fields { name } }
        }
        fragment Facts on Job {
          jobId, again: jobId metadata { name } metadata { value }
          first: step(search: ["nothing", "Instruction"]) { stepTitle }
          tagged: step(regexSearch: "HS+E") { stepTitle __typename }
          none: step(search: "no such step") { stepTitle }
        }
    """

    def test_fragments_aliases_and_directives(self, client: Client) -> None:
        """Whatever of a job's parts a document names, they are made."""
        jobs = client.every(fields="jobTitle")
        variables = {"with": True, "title": jobs[-1]["jobTitle"]}
        answer = client.query(self.DOCUMENT, variables)
        data = client.vendor.team
        now = milliseconds(EPOCH)
        state = data.jobs.catalogue.at(now)

        def resolved(_: object, *, limit: int, **given: object) -> list[Record]:
            every = [
                data.jobs.render(key & 0xFFFFFF, state, now, ("steps",)) for key in state.order
            ]
            if given.get("order"):
                every.reverse()
            titles = given.get("jobTitle")
            chosen = [job for job in every if not titles or job["jobTitle"] in titles]  # type: ignore[operator]
            return [{**job, "step": _step_of(job)} for job in chosen[:limit]]

        expected = graphql_sync(
            build_schema(SCHEMA.replace("DateTime", "String")),
            self.DOCUMENT,
            {"jobs": resolved, "users": data.directory.query_users()},
            variable_values=variables,
        )
        assert expected.errors is None
        assert answer == {"data": expected.data}
        assert list(answer["data"]) == list(expected.data or ())

    def test_a_pattern_that_is_none_is_an_error(self, client: Client) -> None:
        answer = client.query('{ jobs { step(regexSearch: "(") { stepId } } }')
        assert "regexSearch" in message(answer)

    def test_strings_may_hold_anything(self, client: Client) -> None:
        for text in ('say "no"', "back\\slash", "# not a comment", "ä\n\u2028"):
            literal = json.dumps(text)
            answer = client.query(f"{{ jobs(jobTitle: {literal}) {{ jobId }} }}")
            assert answer == {"data": {"jobs": []}}
            typed = "query ($title: [String]) { jobs(jobTitle: $title) { jobId } }"
            assert client.query(typed, {"title": text}) == answer

    @pytest.mark.parametrize(
        "text", ["", "{", "{ jobs }", "{ jobs { } }", '{ jobs(cursor: "\\q") { jobId } }']
    )
    def test_what_is_no_document_is_an_error(self, client: Client, text: str) -> None:
        assert client.query(text)["errors"]

    def test_variables_are_checked(self, client: Client) -> None:
        text = "query ($limit: Int!) { jobs(limit: $limit) { jobId } }"
        assert "of required type" in message(client.query(text))
        typed = "query ($at: String) { jobs(updatedSince: $at) { jobId } }"
        assert "errors" not in client.query(typed, {"at": "2025-01-01"})
        strict = Client(datetime_arguments="DateTime")
        assert "expecting type 'DateTime'" in message(strict.query(typed, {"at": "2025-01-01"}))
        assert len(strict.jobs('updatedSince: "2025-01-01T00:00:00Z"')) == 100

    def test_introspection_may_be_off(self) -> None:
        client = Client()
        text = "{ __schema { queryType { name } } }"
        assert client.query(text) == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
        client.world.variants["flow.introspection"] = "off"
        assert "introspection has been disabled" in message(client.query(text))

    def test_a_post_must_be_json(self, client: Client) -> None:
        for body, kind, status in (
            (b'{"query": "{ users { name } }"}', "application/graphql", 415),
            (b"query", "application/json", 400),
            (b"[]", "application/json", 400),
        ):
            answer = client.send("POST", GRAPH, body, headers={"content-type": kind})
            assert answer.status == status


def _step_of(job: Record) -> Any:  # noqa: ANN401  # a resolver
    def step(_: object, search: list[str] | None = None, **given: str) -> Record | None:
        for trait in ("stepId", "stepTag", "stepTitle"):
            for one in job["steps"]:
                pattern = given.get("regexSearch")
                if one[trait] in (search or ()) or (pattern and re.search(pattern, one[trait])):
                    found: Record = one
                    return found
        return None

    return step
