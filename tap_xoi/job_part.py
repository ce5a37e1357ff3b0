"""One of several equal parts of the jobs, for runs that share the reports between them."""

from __future__ import annotations

import re
import zlib
from typing import Final, NamedTuple

PATTERN: Final = r"^[1-9]\d*/[1-9]\d*$"


class JobPart(NamedTuple):
    """The jobs whose id has a certain rest; each job is in just one of the parts.

    Attributes:
        number: Which part, from 1.
        of: How many there are.
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> JobPart:
        """From a text such as ``2/8``.

        Raises:
            ValueError: It is no such text, or the part is beyond the last one.
        """
        if not re.match(PATTERN, text):
            raise ValueError(text)
        part = cls(*map(int, text.split("/")))
        if part.number > part.of:
            raise ValueError(text)
        return part

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def has(self, job_id: str) -> bool:
        """Whether a job is in this part."""
        return zlib.crc32(job_id.encode()) % self.of == self.number - 1
