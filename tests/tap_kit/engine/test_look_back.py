"""The look-back writes what changed, and a target holds what it would hold if all were written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_kit.engine import encoded_page
from tap_kit.engine.look_back import OF_THE_RUN, touching_rows
from tap_kit.errors import StreamError
from tap_kit.inputs.settings import common_settings, settings_schema
from tap_kit.streams.reader import Bookmark, Page, WindowSlice
from tests.singer import Output, discover, select, sync
from tests.tap_kit.example import CONFIG, ExampleTap

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Rows = dict[str, int]
"""What a window holds: values by key."""

MAPPED = {"stream_maps": {"things": {"count": "record['count'] + 1"}}}


def window(
    number: int,
    rows: Mapping[str, int] | Sequence[tuple[str, int]],
    *,
    end: str = "",
    since: int = 0,
    of: str | None = None,
    error: Exception | None = None,
    own_keys: bool = False,
) -> WindowSlice:
    """A window of things, in pages of two, up to where it has been read."""
    pairs = [*(rows.items() if isinstance(rows, dict) else rows)]
    reached = end or f"2024-01-{number + 1:02}"
    partition = None if of is None else {"of": of}

    def pages() -> Iterator[Page]:
        for at in range(0, len(pairs), 2):
            things = [
                {"id": key, "count": value, "changed": reached} for key, value in pairs[at : at + 2]
            ]
            yield Page({"things": things})
        if error:
            raise error
        yield Page(bookmarks=[Bookmark("things", reached, partition)])

    return WindowSlice(
        pages(),
        stream="things",
        partition=partition,
        start=f"2024-01-{number:02}",
        since=f"2024-01-{since:02}",
        reached={"changed": reached},
        own_keys=own_keys,
    )


def run(
    *windows: Any,  # noqa: ANN401  # slices
    state: dict[str, Any] | None = None,
    catalog: dict[str, Any] | None = None,
    **config: Any,  # noqa: ANN401  # any setting
) -> Output:
    ExampleTap.given = {"things": [*windows]}
    chosen = catalog or select(discover(ExampleTap, CONFIG), "things")
    return sync(ExampleTap, {**CONFIG, **config}, catalog=chosen, state=state)


def written(output: Output) -> list[tuple[str, int]]:
    return [(record["id"], record["count"]) for record in output.records["things"]]


@pytest.mark.parametrize("config", [{}, MAPPED], ids=["plain", "mapped"])
def test_what_is_as_it_was_is_not_written_again(config: dict[str, Any]) -> None:
    first = run(window(1, {"a": 1, "b": 2, "c": 3}), window(2, {"d": 4}), **config)
    assert len(written(first)) == 4
    again = run(
        window(1, {"a": 1, "b": 2, "c": 3}), window(2, {"d": 4}), state=first.state, **config
    )
    assert written(again) == []
    assert again.state == first.state
    changed = run(
        window(1, {"a": 1, "b": 2, "c": 3}),
        window(2, {"d": 5, "e": 6, "f": 7}),
        state=again.state,
        **config,
    )
    more = 1 if config else 0
    assert written(changed) == [("d", 5 + more), ("e", 6 + more), ("f", 7 + more)]


def test_a_window_that_was_read_further_without_news_is_as_it_was() -> None:
    first = run(window(1, {"a": 1}, end="2024-01-01T08"))
    further = run(window(1, {"a": 1}, end="2024-01-02"), state=first.state)
    assert written(further) == []
    assert further.state["bookmarks"]["things"]["replication_key_value"] == "2024-01-02"


def test_the_order_of_rows_is_no_content_but_their_number_is() -> None:
    rows = [("a", 1), ("b", 2), ("c", 3)]
    first = run(window(1, rows))
    assert written(run(window(1, rows[::-1]), state=first.state)) == []
    assert len(written(run(window(1, rows[:2]), state=first.state))) == 2
    assert len(written(run(window(1, [*rows, rows[0]]), state=first.state))) == 4
    assert len(written(run(window(1, [*rows, ("d", 1)]), state=first.state))) == 4


def test_behind_a_window_that_is_written_the_later_ones_of_its_partition_are_too() -> None:
    def night(first: int, state: dict[str, Any] | None = None) -> Output:
        return run(
            window(1, {"a": first}, of="x"),
            window(2, {"a": 2}, of="x"),
            window(1, {"b": 1}, of="y"),
            window(2, {"b": 2}, of="y"),
            state=state,
        )

    assert written(night(7, night(1).state)) == [("a", 7), ("a", 2)]


def test_windows_with_keys_of_their_own_are_written_on_their_own() -> None:
    first = run(window(1, {"a": 1}, own_keys=True), window(2, {"b": 2}, own_keys=True))
    changed = run(
        window(1, {"a": 7}, own_keys=True), window(2, {"b": 2}, own_keys=True), state=first.state
    )
    assert written(changed) == [("a", 7)]


def test_what_touches_rows_writes_them_again() -> None:
    catalog = select(discover(ExampleTap, CONFIG), "things")
    rows = {"a": 1}
    state = run(window(1, rows), catalog=catalog).state
    same = {"catalog": catalog, "state": state}
    assert not written(run(window(1, rows), **same, concurrency=2, lookback_days=9))
    assert not written(run(window(1, rows), **same, token="another-t0ken"))  # a test's
    for setting in ({"api_url": "https://example.org"}, {"include_secrets": True}, MAPPED):
        assert written(run(window(1, rows), **same, **setting)), setting
    fewer = select(catalog, "things", without=[("things", "link")])
    assert written(run(window(1, rows), state=state, catalog=fewer))
    other = json.loads(json.dumps(catalog))
    properties = next(s for s in other["streams"] if s["tap_stream_id"] == "things")["schema"]
    properties["properties"]["later"] = {"type": ["string", "null"]}
    assert written(run(window(1, rows), state=state, catalog=other))
    with patch("tap_kit.engine.look_back._FORM", 2):
        assert written(run(window(1, rows), **same))


def test_settings_of_the_run_are_known_and_secrets_stay_out_of_digests() -> None:
    schema = settings_schema(*common_settings(window="week", lookback_days=1))
    assert schema["properties"].keys() >= OF_THE_RUN
    config = {"token": "secret", "window": "week", "concurrency": 3}
    assert touching_rows(config, ExampleTap.config_jsonschema) == {"window": "week"}


def test_switched_off_it_writes_all_and_leaves_no_digest_that_may_be_wrong() -> None:
    first = run(window(1, {"a": 1}))
    off = run(window(1, {"a": 2}), state=first.state, skip_unchanged=False)
    assert written(off) == [("a", 2)]
    assert not any(off.state["bookmarks"]["things"]["digests"].values())
    assert written(run(window(1, {"a": 1}), state=off.state)) == [("a", 1)]


def test_full_tables_have_no_digests() -> None:
    catalog = select(discover(ExampleTap, CONFIG), "things")
    for entry in catalog["streams"]:
        entry["replication_method"] = "FULL_TABLE"
    first = run(window(1, {"a": 1}), catalog=catalog)
    assert first.state == {"bookmarks": {}}
    assert written(run(window(1, {"a": 1}), catalog=catalog, state=first.state)) == [("a", 1)]


def test_a_window_that_fails_keeps_its_digest_and_the_others_theirs() -> None:
    first = run(window(1, {"a": 1}), window(2, {"b": 1}))
    failed = run(
        window(1, {"a": 2}),
        window(2, {"b": 2}, error=StreamError("no more")),
        state=first.state,
    )
    assert failed.failures == {"things": "no more"}
    again = run(window(1, {"a": 2}), window(2, {"b": 1}), state=failed.state)
    assert ("a", 2) not in written(again)


def test_a_window_that_was_interrupted_and_is_as_it_was_before_is_written() -> None:
    first = run(window(1, {"a": 1, "b": 1, "c": 1}), window(2, {"d": 1}))
    cut_off = run(window(1, {"a": 2, "b": 2, "c": 2}), window(2, {"d": 1}), state=first.state).lines
    place = next(at for at, line in enumerate(cut_off) if line["type"] == "RECORD")
    (state,) = (line["value"] for line in cut_off[:place] if line["type"] == "STATE")
    again = run(window(1, {"a": 1, "b": 1, "c": 1}), window(2, {"d": 1}), state=state)
    assert written(again)[:3] == [("a", 1), ("b", 1), ("c", 1)]


def test_a_wrong_value_in_a_window_fails_its_stream() -> None:
    first = run(window(1, {"a": 1}))
    wrong: Any = {"a": "one"}
    output = run(window(1, wrong), state=first.state)
    assert "declared as integer" in output.failures["things"]
    assert output.state["bookmarks"]["things"]["replication_key_value"] == "2024-01-02"


@pytest.mark.parametrize("config", [{}, MAPPED], ids=["plain", "mapped"])
def test_large_windows_wait_on_disk(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, Any]
) -> None:
    monkeypatch.setattr(encoded_page, "_IN_MEMORY", 1000)
    rows = {f"t{number}": number for number in range(500)}
    first = run(window(1, rows), **config)
    assert not written(run(window(1, rows), state=first.state, **config))
    other = {**rows, "t7": 8}
    changed = run(window(1, other), state=first.state, **config)
    assert written(changed) == written(run(window(1, other), **config))


def test_a_full_disk_ends_the_stream_with_a_line_that_says_where() -> None:
    first = run(window(1, {"a": 1}))
    with patch.object(encoded_page, "SpooledTemporaryFile", _FullDisk):
        output = run(window(1, {"a": 1}), state=first.state)
    assert "TMPDIR" in output.failures["things"]


class _FullDisk:
    def __init__(self, **_: object) -> None:
        pass

    def write(self, _: bytes) -> None:
        raise OSError(28, "No space left on device")

    def close(self) -> None:
        pass


def test_the_summary_tells_what_was_left_out(caplog: pytest.LogCaptureFixture) -> None:
    first = run(window(1, {"a": 1, "b": 2}), window(2, {"c": 3}))
    caplog.set_level("INFO")
    run(window(1, {"a": 1, "b": 2}), window(2, {"c": 3}), state=first.state)
    (line,) = (text for text in caplog.messages if text.startswith("summary stream=things"))
    assert " records=0 " in line
    assert " unchanged=3 unchanged_windows=2 " in line


@dataclass
class Vendor:
    """Keys with a value in each of their windows; what counts is the last one's."""

    windows: dict[int, Rows] = field(default_factory=lambda: {1: {}, 2: {}, 3: {}})

    @property
    def truth(self) -> Rows:
        return {key: value for rows in self.windows.values() for key, value in rows.items()}

    def change(self, key: str, places: Sequence[int], value: int) -> None:
        """Put a key into some windows, where it is in none, or give it other values."""
        present = [number for number, rows in self.windows.items() if key in rows]
        if set(present).isdisjoint(places):
            for number in present:  # it moves
                del self.windows[number][key]
        else:
            places = present
        for number in places:
            self.windows[number][key] = value + number

    def slices(self, chance: random.Random) -> Iterable[WindowSlice]:
        for number, rows in self.windows.items():
            pairs = [*rows.items()]
            chance.shuffle(pairs)
            yield window(number, pairs)


changes = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True),
        st.integers(0, 2),
    ),
    max_size=4,
)
nights = st.lists(
    st.tuples(changes, st.one_of(st.none(), st.integers(0, 25))), min_size=1, max_size=6
)


@settings(deadline=None, max_examples=60)
@given(nights, changes, st.randoms(use_true_random=False), st.sampled_from([{}, MAPPED]))
def test_however_nights_end_the_next_whole_one_completes_the_target(
    interrupted: list[tuple[list[tuple[str, list[int], int]], int | None]],
    last: list[tuple[str, list[int], int]],
    chance: random.Random,
    config: dict[str, Any],
) -> None:
    vendor = Vendor()
    target: Rows = {}
    state: dict[str, Any] | None = None
    with patch("tap_kit.engine.state.RECORDS_BETWEEN", 0):
        for some, until in [*interrupted, (last, None), ([], None)]:
            for change in some:
                vendor.change(*change)
            output = run(*vendor.slices(chance), state=state, **config)
            lines = output.lines[:until]
            for line in lines:
                if line["type"] == "RECORD":
                    target[line["record"]["id"]] = line["record"]["count"]
                elif line["type"] == "STATE":
                    state = line["value"]
    more = 1 if config else 0
    assert target == {key: value + more for key, value in vendor.truth.items()}
    assert not output.records, "a night without news writes nothing"
