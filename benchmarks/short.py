"""``python -m benchmarks.short``: a gross regression shows within a minute.

Only processor time counts, and only beside the plain singer-sdk tap in the same minute: so neither
a slow machine nor a busy one fails it. The bounds are about half of what the full comparison
shows.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.arena import Arena
from benchmarks.cases import CASES
from benchmarks.contestants import SDK, Ours

LEAST = {
    "nested": (3_000, 2.0),
    "flat": (6_000, 2.2),
    "objects": (1_200, 1.0),
    "csv": (25_000, 1.3),
}
"""By case: records, and how many times our CPU seconds for them the plain tap's must be at least;
both less those for nearly no records."""


_RESOLUTION = 0.05
"""CPU seconds of ours below which a difference of two runs means nothing."""


def main() -> int:
    """Run each case twice at two sizes; 1 if a ratio is below its bound."""
    failed = False
    for case in CASES:
        records, least = LEAST[case.name]
        with tempfile.TemporaryDirectory() as folder:
            seconds = {}
            for size in (case.records[0], records):
                with Arena(case, size, Path(folder) / str(size), concurrency=4) as arena:
                    for one in (Ours(), SDK):
                        # The first run of all compiles what is imported: it does not count.
                        seconds[size, one.name] = min(arena.run(one).cpu for _ in range(2))
        ours, plain = (
            seconds[records, one.name] - seconds[case.records[0], one.name] for one in (Ours, SDK)
        )
        ratio = plain / max(ours, _RESOLUTION)
        failed |= ratio < least
        print(
            f"{case.name:8} plain singer-sdk {plain:.2f} s, ours {ours:.2f} s of CPU: "
            f"{ratio:.1f} times (at least {least})"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
