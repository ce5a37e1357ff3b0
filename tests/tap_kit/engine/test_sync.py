"""A run: order of messages, bookmarks behind records, failures kept apart, drift, types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.engine import record_writer
from tap_kit.engine.record_writer import EncodedRecords
from tap_kit.errors import CredentialsError, SettingsError, StreamError
from tap_kit.streams.reader import Bookmark, Page
from tap_kit.threads.schedule import Schedule
from tests.singer import Output, discover, select, sync
from tests.tap_kit.example import CONFIG, ExampleTap, things

if TYPE_CHECKING:
    from tap_kit.engine.spool import Spool


def run(
    given: dict[str, list[list[Any]]],
    *,
    config: dict[str, Any] | None = None,
    catalog: dict[str, Any] | None = None,
    state: dict[str, Any] | None = None,
) -> Output:
    ExampleTap.given = given
    return sync(ExampleTap, {**CONFIG, **(config or {})}, catalog=catalog, state=state)


def test_records_follow_their_schema_and_states_follow_records() -> None:
    output = run(
        {
            "things": [
                [
                    Page({"things": things(2), "parts": [{"id": "t0", "number": 1}]}),
                    Page(
                        bookmarks=[
                            Bookmark("things", "2024-01-02"),
                            Bookmark("parts", "2024-01-02"),
                        ]
                    ),
                ]
            ],
            "lists": [[Page({"lists": [{"id": "l"}]})]],
        }
    )
    kinds = [(line["type"], line.get("stream")) for line in output.lines]
    assert kinds == [
        ("SCHEMA", "things"),
        ("SCHEMA", "parts"),
        ("RECORD", "things"),
        ("RECORD", "things"),
        ("RECORD", "parts"),
        ("SCHEMA", "lists"),
        ("RECORD", "lists"),
        ("STATE", None),
    ]
    assert output.state["bookmarks"] == {
        "things": {"replication_key": "changed", "replication_key_value": "2024-01-02"},
        "parts": {"replication_key_value": "2024-01-02"},
    }
    assert output.schemas["things"]["bookmark_properties"] == ["changed"]
    assert output.schemas["things"]["key_properties"] == ["id"]


def test_state_is_written_after_ten_thousand_records() -> None:
    pages = [
        Page({"things": things(4000, start)}, bookmarks=[Bookmark("things", f"2024-01-0{day}")])
        for day, start in enumerate((0, 4000, 8000, 12000), 1)
    ]
    output = run({"things": [pages]})
    assert [state["bookmarks"]["things"]["replication_key_value"] for state in output.states] == [
        "2024-01-03",
        "2024-01-04",
    ]
    before_first = next(n for n, line in enumerate(output.lines) if line["type"] == "STATE")
    assert sum(line["type"] == "RECORD" for line in output.lines[:before_first]) == 12000


def test_records_that_waited_on_disk_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    given_ = {"things": [[Page({"things": things(3, 3 * number)})] for number in range(200)]}
    before = run(given_, config={"concurrency": 4}).records
    monkeypatch.setattr(Schedule, "is_short", property(lambda _: True))
    monkeypatch.setattr(record_writer, "LEAST", 1)
    put: list[int] = []
    spooled = EncodedRecords.spooled

    def note(records: EncodedRecords, spool: Spool) -> EncodedRecords:
        put.append(records.count)
        return spooled(records, spool)

    monkeypatch.setattr(EncodedRecords, "spooled", note)
    assert run(given_, config={"concurrency": 4}).records == before
    assert put


def test_a_failing_stream_keeps_its_bookmark_and_the_others_finish() -> None:
    page = Page({"things": things(1)}, bookmarks=[Bookmark("things", "2024-01-01")])
    output = run(
        {"things": [[page, StreamError("no more")]], "lists": [[Page({"lists": [{"id": "l"}]})]]}
    )
    assert output.failures == {"things": "no more", "parts": "no more"}
    assert output.records["lists"] == [{"id": "l"}]
    assert output.state["bookmarks"]["things"]["replication_key_value"] == "2024-01-01"


def test_the_sdks_metrics_tell_of_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    run({"things": [[StreamError("no more")]], "lists": [[Page({"lists": [{"id": "l"}]})]]})
    statuses = {
        metric["tags"]["stream"]: metric["tags"]["status"]
        for message in caplog.messages
        if "sync_duration" in message
        for metric in [json.loads(message.removeprefix("METRIC: "))]
    }
    assert statuses == {"things": "failed", "parts": "failed", "lists": "succeeded"}


def test_an_unexpected_error_is_a_failure_of_its_stream() -> None:
    output = run({"things": [[KeyError("oops")]], "lists": [[Page({"lists": [{"id": "l"}]})]]})
    assert "unexpected KeyError" in output.failures["things"]
    assert output.records["lists"] == [{"id": "l"}]


def test_wrong_credentials_stop_the_tap() -> None:
    with pytest.raises(CredentialsError):
        run({"things": [[CredentialsError("no")]], "lists": [[Page({"lists": [{"id": "l"}]})]]})


def test_a_wrong_type_fails_its_stream_but_not_the_one_that_shares_its_pages() -> None:
    marks = [Bookmark("things", "2024-01-01"), Bookmark("parts", "2024-01-01")]
    output = run(
        {
            "things": [
                [
                    Page(
                        {
                            "things": [{"id": "a", "count": "3"}],
                            "parts": [{"id": "a", "number": 1}],
                        },
                        bookmarks=marks,
                    ),
                    Page({"things": things(1), "parts": [{"id": "a", "number": 2}]}),
                ]
            ]
        }
    )
    assert output.failures == {
        "things": "stream things: field count is declared as integer, but the vendor sent string"
    }
    assert len(output.records["parts"]) == 2
    assert "things" not in output.records
    assert set(output.state["bookmarks"]) == {"parts"}


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (
            {"id": "a", "ratio": True},
            "field ratio is declared as number, but the vendor sent boolean",
        ),
        ({"id": "a", "done": 1}, "field done is declared as boolean, but the vendor sent integer"),
        ({"id": "a", "place": []}, "field place is declared as object, but the vendor sent array"),
        ({"id": "a", "place": {"zip": 8}}, "field place.zip is declared as string"),
        ({"id": "a", "files": [{"link": 8}]}, "field files[].link is declared as string"),
        ({"id": None}, "field id is part of the primary key, but the vendor sent none"),
        ({"count": 1}, "field id is part of the primary key, but the vendor sent none"),
    ],
)
def test_type_errors_name_stream_field_and_types(record: dict[str, Any], told: str) -> None:
    output = run({"things": [[Page({"things": [record]})]]})
    assert told in output.failures["things"]


def test_integers_are_numbers_and_whole_numbers_are_integers() -> None:
    records: list[dict[str, Any]] = [{"id": "a", "ratio": 3}, {"id": "b", "count": 3.0}]
    output = run({"things": [[Page({"things": records})]]})
    assert output.records["things"] == records


def test_new_fields_go_to_extra_columns_and_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    records: list[dict[str, Any]] = [
        {"id": "a", "new": {"x": 1}},
        {"id": "b", "new": None, "place": {"deep": 1}},
    ]
    output = run({"things": [[Page({"things": records})]]})
    assert output.records["things"] == [
        {"id": "a", "extra_columns": {"new": {"x": 1}}},
        {"id": "b", "place": {"deep": 1}, "extra_columns": {"new": None}},
    ]
    assert len([r for r in caplog.messages if "does not know: new" in r]) == 1
    assert any("drifted_fields=new" in message for message in caplog.messages)


def test_a_column_that_the_catalog_does_not_know_is_drift() -> None:
    catalog = discover(ExampleTap, CONFIG)
    for entry in catalog["streams"]:
        entry["schema"]["properties"].pop("count", None)
    output = run({"things": [[Page({"things": things(1)})]]}, catalog=catalog)
    assert output.records["things"] == [{"id": "t0", "extra_columns": {"count": 0}}]


def test_links_lose_their_query_and_secrets_are_null_unless_wanted() -> None:
    def record() -> dict[str, Any]:
        return {
            "id": "a",
            "link": "https://blob.example/x?v=1&sig=abc",
            "secret": "pssst",
            "options": {"url": "https://hook.example/?a=b"},
            "files": [{"link": "https://blob.example/y?sig=abc"}, {"link": None}],
            "place": {"elsewhere": "see https://blob.example/z?sv=1&sig=abc for more"},
            "changed": "0001-01-01T00:00:00",
        }

    output = run({"things": [[Page({"things": [record()]})]]})
    assert output.records["things"] == [
        {
            "id": "a",
            "link": "https://blob.example/x",
            "secret": None,
            "options": {"url": None},
            "files": [{"link": "https://blob.example/y"}, {"link": None}],
            "place": {"elsewhere": "see https://blob.example/z for more"},
            "changed": None,
        }
    ]
    output = run({"things": [[Page({"things": [record()]})]]}, config={"include_secrets": True})
    assert output.records["things"] == [{**record(), "changed": None}]


def test_deselected_properties_stay_away_at_any_depth() -> None:
    catalog = discover(ExampleTap, CONFIG)
    record = {"id": "a", "count": 1, "place": {"city": "Oulu", "zip": "90100"}}
    chosen = select(catalog, "things", without=[("things", "count")])
    output = run({"things": [[Page({"things": [dict(record)]})]]}, catalog=chosen)
    assert output.records["things"] == [{"id": "a", "place": {"city": "Oulu", "zip": "90100"}}]
    chosen = select(catalog, "things", without=[("things", "count"), ("things", "zip")])
    output = run({"things": [[Page({"things": [dict(record)]})]]}, catalog=chosen)
    assert output.records["things"] == [{"id": "a", "place": {"city": "Oulu"}}]
    assert "count" not in output.schemas["things"]["schema"]["properties"]


def test_what_was_gone_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    run({"things": [[Page(skipped=1)], [Page({"things": things(1)}, skipped=2)]]})
    [summary] = [message for message in caplog.messages if "summary stream=things" in message]
    assert "records=1" in summary
    assert "skipped=3" in summary


def test_full_table_in_the_catalog_leaves_bookmarks_alone() -> None:
    catalog = discover(ExampleTap, CONFIG)
    entry = next(e for e in catalog["streams"] if e["tap_stream_id"] == "things")
    entry["replication_method"] = "FULL_TABLE"
    page = Page({"things": things(1)}, bookmarks=[Bookmark("things", "2024-01-01")])
    output = run({"things": [[page]]}, catalog=catalog)
    assert "things" not in output.state["bookmarks"]


def in_metadata(catalog: dict[str, Any], stream: str, **chosen: str) -> dict[str, Any]:
    [entry] = [e for e in catalog["streams"] if e["tap_stream_id"] == stream]
    [root] = [item for item in entry["metadata"] if not item["breadcrumb"]]
    root["metadata"].update({name.replace("_", "-"): value for name, value in chosen.items()})
    return catalog


@pytest.mark.parametrize("name", ["replication_method", "forced_replication_method"])
def test_full_table_may_be_chosen_in_the_metadata(name: str) -> None:
    catalog = in_metadata(discover(ExampleTap, CONFIG), "things", **{name: "FULL_TABLE"})
    page = Page({"things": things(1)}, bookmarks=[Bookmark("things", "2024-01-01")])
    output = run({"things": [[page]]}, catalog=catalog)
    assert "things" not in output.state["bookmarks"]


@pytest.mark.parametrize(
    ("stream", "method", "right"),
    [
        ("things", "LOG_BASED", "INCREMENTAL or FULL_TABLE"),
        ("lists", "INCREMENTAL", "replication-method is FULL_TABLE"),
    ],
)
def test_a_method_that_the_stream_does_not_have_is_an_error(
    stream: str, method: str, right: str
) -> None:
    catalog = in_metadata(discover(ExampleTap, CONFIG), stream, replication_method=method)
    with pytest.raises(SettingsError, match=right):
        run({}, catalog=catalog)


def test_a_replication_key_that_the_stream_does_not_have_is_an_error() -> None:
    catalog = select(discover(ExampleTap, CONFIG), "things", replication_key="count")
    with pytest.raises(SettingsError, match="things can't be replicated by 'count'"):
        run({}, catalog=catalog)


def test_activate_version_follows_complete_full_tables_only() -> None:
    given = {"things": [[Page({"things": things(1)})]], "lists": [[Page({"lists": [{"id": "l"}]})]]}
    output = run(given, config={"emit_activate_version_messages": True})
    versions = [line for line in output.lines if line["type"] == "ACTIVATE_VERSION"]
    assert [line["stream"] for line in versions] == ["lists"]
    [record] = [line for line in output.lines if line.get("stream") == "lists" and "record" in line]
    assert record["version"] == versions[0]["version"]
    output = run(
        {"lists": [[Page({"lists": [{"id": "l"}]}), StreamError("no")]]},
        config={"emit_activate_version_messages": True},
    )
    assert not [line for line in output.lines if line["type"] == "ACTIVATE_VERSION"]


def test_the_sdks_own_loop_takes_streams_without_a_replication_key(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ExampleTap.given = {
        "things": [[Page({"things": things(1), "parts": [{"id": "t0", "number": 1}]})]]
    }
    ExampleTap(config=CONFIG).run_sync_dry_run(dry_run_record_limit=None)
    out = capsys.readouterr().out
    assert '"stream":"parts","record":{"id":"t0","number":1}' in out
