"""Readers are made from what the classes declare: one factory a family, in declared order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_kit.errors import UnservedStreamError
from tap_kit.streams.plan import check_declared, plan
from tap_kit.streams.stream import RecordStream
from tests.tap_kit.example import CONFIG, ExampleTap, GivenReader, Lists, Parts, Things

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_kit.streams.reader import Reader


class Single:
    """A reader a stream; leaves out those that are named."""

    def __init__(self, *left_out: str) -> None:
        self._left_out = left_out
        self.asked: list[list[str]] = []

    def __call__(self, tap: ExampleTap, streams: Sequence[RecordStream]) -> Iterator[Reader]:
        self.asked.append([stream.name for stream in streams])
        for stream in streams:
            if stream.name not in self._left_out:
                yield GivenReader([stream], tap.client, tap.stats_of(stream.name))


class Bare(RecordStream):
    name = "bare"
    primary_keys = ("id",)
    schema = Lists.schema


class Wholes(Bare):
    name = "wholes"
    reader = Single()


class Halves(Bare):
    name = "halves"
    read_with = Wholes


class Quarters(Bare):
    name = "quarters"
    read_with = Wholes


class Loose(Lists):
    """Stands in no list of streams, as one that is made from settings."""

    name = "loose"

    def __init__(self, tap: ExampleTap, name: str) -> None:
        super().__init__(tap, name=name)


class Families(ExampleTap):
    stream_types: ClassVar[Sequence[type[RecordStream]]] = (
        Wholes,
        Things,
        Quarters,
        Lists,
        Halves,
        Parts,
    )


ORDER = ["wholes", "quarters", "halves", "things", "parts", "lists"]


@settings(deadline=None)
@given(st.permutations(ORDER), st.integers(0, len(ORDER)))
def test_readers_come_family_by_family_whatever_the_order_of_selection(
    names: list[str], count: int
) -> None:
    tap = Families(config=CONFIG)
    chosen = names[:count]
    streams = [stream for name in chosen if (stream := tap.selected.get(name))]
    served = [stream.name for reader in plan(tap, streams) for stream in reader.streams]
    assert served == [name for name in ORDER if name in chosen]


def test_a_family_is_read_without_the_stream_that_declares_the_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factory = Single()
    monkeypatch.setattr(Wholes, "reader", factory)
    tap = Families(config=CONFIG)
    [reader, other] = plan(tap, [tap.selected["halves"], tap.selected["quarters"]])
    assert factory.asked == [["quarters", "halves"]]
    assert [reader.name, other.name] == ["quarters", "halves"]


def test_streams_made_from_settings_come_last_in_their_own_order() -> None:
    tap = ExampleTap(config=CONFIG)
    loose = [Loose(tap, "b"), Loose(tap, "a")]
    [lists, reader] = plan(tap, [*loose, tap.selected["lists"]])
    assert [stream.name for stream in lists.streams] == ["lists"]
    assert [stream.name for stream in reader.streams] == ["b", "a"]


def test_a_stream_that_its_factory_leaves_out_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Wholes, "reader", Single("halves"))
    tap = Families(config=CONFIG)
    with pytest.raises(UnservedStreamError, match="halves"):
        list(plan(tap, tap.selected.values()))


class WithBare(Bare):
    read_with = Bare


class Both(Lists):
    read_with = Things


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        ([Bare], "Bare declares no reader and no stream that it is read with"),
        ([Bare, WithBare], "Bare declares no reader"),
        ([WithBare], "WithBare declares no reader, and Bare, with which it is read, none either"),
        ([Things, Both], "Both declares reader and read_with"),
        ([Parts, Things], "Parts is read with Things, which must stand before"),
        ([Parts], "Parts is read with Things, which must stand before"),
    ],
)
def test_a_stream_that_nothing_reads_can_not_be_declared(
    kinds: list[type[RecordStream]], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        check_declared(kinds)


def test_a_tap_with_a_stream_that_nothing_reads_can_not_be_written() -> None:
    with pytest.raises(TypeError, match="Bare"):
        type("WrongTap", (ExampleTap,), {"stream_types": (*ExampleTap.stream_types, Bare)})
