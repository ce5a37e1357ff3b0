"""Whatever a user gives: it works, or one line says what is wrong; never an unexpected error."""

from __future__ import annotations

import copy
import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tap_kit.errors import TapError
from tap_kit.streams.plan import plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.behaviours.pipeline import Pipeline

_ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 1.5, 1e12, 1e300, 1e-300, 10**30, 800_000),
    *(float("nan"), float("inf"), "", " ", "\n", "x", "true", "false", "four", "3.0", "nan", "[1"),
    *("{}", "\u00e9", "a b", "a\nb", "\x00", "https://", "http://[", "https://a:b@c"),
    *("2024-01-01", "2024-02-30", "2031-01-01", "0001-01-01", "0001-01-01T00:00:00+05:00"),
    *("1900-01-01T00:00:00Z", "9999-12-31", "9999-12-31T23:59:59-05:00"),
    *("INCREMENTAL", "FULL_TABLE", "LOG_BASED", [], {}, [None], [[]], [{}], [1], ["x"]),
    *({"x": None}, {"x": {}}, {"": ""}, {"x": "{"}, {"*": {"a": "b c"}}, {"type": "STATE"}),
    *({"type": "uuid"}, {"type": ["number", "null"], "format": "singer.decimal"}),
    *({"anyOf": [{"type": "number"}, {"type": "null"}]}, {"anyOf": None}),
]
ODD = st.integers(0, len(_ODD) - 1).map(lambda place: copy.deepcopy(_ODD[place]))
quietly = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401  # any JSON
    """The ways to all that a value of JSON holds."""
    if not isinstance(value, (dict, list)):
        return
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield (*at, key)
        yield from _places(inner, (*at, key))


def _changed(data: st.DataObject, value: Any) -> Any:  # noqa: ANN401  # any JSON
    """A value of JSON with something odd in it, at any depth, or with something gone."""
    value = copy.deepcopy(value)
    for _ in range(data.draw(st.integers(1, 2))):
        places = list(_places(value))
        if not places:
            break
        *way, last = places[data.draw(st.integers(0, len(places) - 1))]
        parent = value
        for key in way:
            parent = parent[key]
        if data.draw(st.integers(0, 4)):
            parent[last] = data.draw(ODD)
        else:
            del parent[last]
    return value


def _tried(pipeline: Pipeline, **given: Any) -> None:  # noqa: ANN401  # the tap's own
    """All that happens to what was given before the first request."""
    given = {"config": pipeline.config, "catalog": pipeline.catalog, **given}
    try:
        tap = pipeline.case.tap(**copy.deepcopy(given))
        for reader in plan(tap, tap.selected.values()):
            assert reader.streams
        for name in tap.streams:
            until = tap.until
            bookmark = tap.bookmarks.bookmark(name)
            list(islice(tap.period.windows(bookmark, until, of=name), 3))
    except TapError as error:
        message = str(error)
        assert message
        assert "\n" not in message
        assert "unexpected" not in message
        assert not any(str(pipeline.config[name]) in message for name in pipeline.case.secrets)


def test_any_settings(pipeline: Pipeline) -> None:
    declared = pipeline.case.tap.config_jsonschema["properties"]
    assert pipeline.catalog

    @quietly
    @given(st.data())
    def check(data: st.DataObject) -> None:
        names = data.draw(st.lists(st.sampled_from(sorted(declared)), min_size=1, max_size=2))
        config = {**pipeline.config, **{name: data.draw(ODD) for name in names}}
        _tried(pipeline, config=_changed(data, config) if len(names) > 1 else config)

    check()


def test_any_catalog(pipeline: Pipeline) -> None:
    one = copy.deepcopy(pipeline.catalog)
    one["streams"] = [
        entry
        for entry in one["streams"]
        if entry["tap_stream_id"] in (pipeline.case.broken[0], pipeline.case.others[-1])
    ]

    @quietly
    @given(st.data())
    def check(data: st.DataObject) -> None:
        _tried(pipeline, catalog=_changed(data, one))

    check()


def test_any_state(pipeline: Pipeline) -> None:
    state = json.loads(json.dumps(pipeline.run(start_date="2025-05-12").state))

    @quietly
    @given(st.data())
    def check(data: st.DataObject) -> None:
        _tried(pipeline, state=_changed(data, state))

    check()
