"""How much there is: the sizes of the made-up organization, for tests and for benchmarks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Sizes of the data. Partitions of a tap are ``workflows`` x ``steps`` x targets."""

    workflows: int = 6
    steps: int = 3
    rows_per_day: float = 4
    """Event rows of one step and target; 0.1 is one row in ten days."""
    history_days: int = 90
    """How many days before the epoch's day the first events lie."""
    future_days: int = 30
    """How many days after the epoch's day the last events lie; negative: that many before."""
    even: bool = False
    """True: all workflows are alike, none is new, empty, ended or gapped, days do not differ, and
    the example workflow is left out: what a benchmark wants."""


SHAPES = {
    "scale": Shape(),
    "partitions_10": Shape(1, 10, 0.5, history_days=7, future_days=7, even=True),
    "partitions_100": Shape(10, 10, 0.5, history_days=7, future_days=7, even=True),
    "partitions_1000": Shape(100, 10, 0.5, history_days=7, future_days=7, even=True),
    "partitions_10000": Shape(1000, 10, 0.5, history_days=7, future_days=7, even=True),
    # A single day, old enough that none of its rows is still to come.
    "million_rows": Shape(1, 1, 1_000_000, history_days=4, future_days=-3, even=True),
}
"""The values of the variant ``giosg.shape``; the world's scale multiplies the first."""
