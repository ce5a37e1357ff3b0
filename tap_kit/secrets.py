"""Nothing secret reaches a log, an error or a record that should not have it."""

from __future__ import annotations

import threading


class Redactor:
    """Replaces secrets in texts by ``***``; all threads may use it."""

    def __init__(self) -> None:
        """Know no secret values yet, only what secrets look like."""
        self._values: set[str] = set()
        self._lock = threading.Lock()

    def add(self, value: str) -> None:
        """Learn a secret value; values of less than four characters are too common."""
        if len(value) >= 4:  # noqa: PLR2004
            with self._lock:
                self._values.add(value)

    def redact(self, text: str) -> str:
        """The text without secrets."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, "***")
        return text
