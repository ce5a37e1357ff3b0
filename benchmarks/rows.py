"""What decoding a row of an answer costs: CPU time, and memory over a large answer.

Run ``python benchmarks/rows.py [ROWS]``; every line is a 12-column event row of about 205 bytes.
"""

from __future__ import annotations

import csv
import io
import json
import random
import resource
import sys
import tempfile
import time
import uuid
from typing import IO, TYPE_CHECKING, Any

from tap_kit.tables import Block, ColumnSurvey, TableShape, read_csv, read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COLUMNS = (
    *("timestamp", "event_id", "label", "action", "visitor_id", "session_id"),
    *("value", "country", "width", "trusted", "page_url", "dim1"),
)
ENVELOPE = {
    "organization_id": "o",
    "workflow_id": "w",
    "step_index": 1,
    "target": "default",
    "interval_start": "2023-01-01T00:00:00Z",
    "interval_end": "2023-01-08T00:00:00Z",
}


def rows(count: int) -> Iterator[list[str]]:
    """Event rows, the same in every run: unique ids, two columns with gaps, some odd numbers."""
    draw = random.Random(1)  # noqa: S311  # no cryptography
    for number in range(count):
        yield [
            (
                f"2023-02-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}"
                f":{number % 59:02}.{number % 1000:03}Z"
            ),
            str(uuid.UUID(int=draw.getrandbits(128))),
            str(uuid.UUID(int=number % 5)),
            "trigger",
            f"{draw.getrandbits(128):032x}",
            f"s-{number % 999:03}",
            f"{number % 5000 / 100:.2f}",
            "Finland" if number % 3 else "",
            str(number % 2000),
            ["true", "false"][number % 2],
            f"https://shop.example/p/{number % 77}?ref=a",
            "",
        ]


def write_csv(file: IO[bytes], count: int) -> None:
    """Fill a file with the rows as CSV."""
    text = io.TextIOWrapper(file, newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows(count))
    text.detach()


def write_json(file: IO[bytes], count: int) -> None:
    """Fill a file with the rows as a list of objects."""
    file.write(b'{"data":[')
    for number, row in enumerate(rows(count)):
        member = json.dumps(dict(zip(COLUMNS, row, strict=True))).encode()
        file.write(b"," + member if number else member)
    file.write(b"]}")


def plain(file: IO[bytes]) -> int:
    """Read the rows as dictionaries with the csv module and nothing else, to compare with."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    reader = csv.reader(text)
    names = next(reader)
    count = sum(1 for row in reader if dict(zip(names, row, strict=True)))
    text.detach()
    return count


def decoded(read: Callable[[IO[bytes]], Iterator[Block]], file: IO[bytes]) -> int:
    """Read the rows as records with identity."""
    survey = ColumnSurvey(ENVELOPE)
    survey.add([Block(COLUMNS, [])])
    decoder = TableShape(survey.columns, ENVELOPE).decoder(("w", 1, "default"), ENVELOPE)
    return sum(map(len, decoder.decode(read(file))))


def measure(name: str, write: Any, read: Callable[[IO[bytes]], int], count: int) -> None:  # noqa: ANN401  # a function
    """Print the best of three runs, and how far the process grew."""
    with tempfile.TemporaryFile() as file:
        write(file, count)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        best = float("inf")
        for _ in range(3):
            file.seek(0)
            started = time.process_time()
            if read(file) != count:
                raise RuntimeError(name)
            best = min(best, time.process_time() - started)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"{name:40} {best / count * 1e6:6.1f} us/row   peak +{grown:.0f} MB")


def main() -> None:
    """Measure each way in turn."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    measure("csv, dictionaries only", write_csv, plain, count)
    measure("csv, records with identity", write_csv, lambda file: decoded(read_csv, file), count)
    measure("json, records with identity", write_json, lambda file: decoded(read_json, file), count)


if __name__ == "__main__":
    main()
