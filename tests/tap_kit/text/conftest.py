from __future__ import annotations

import pytest

from tap_kit.text.redact_logs import Redactor

SECRET = 's3cr&t /"päss'


@pytest.fixture
def redactor() -> Redactor:
    redactor = Redactor()
    redactor.add(SECRET)
    return redactor
