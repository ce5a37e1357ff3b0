"""What the passing of time brings at the sandbox's XOi."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.xoi.client import EPOCH, Client, parsed, texts


class TestTime:
    @pytest.mark.parametrize("scale", [0.01, 1.0])
    def test_the_next_day_brings_what_happened_before_the_epoch(self, scale: float) -> None:
        client = Client(scale)
        fields = {"jobs": "createdAt", "documentation": "jobId", "webhook_history": "firedAt"}
        before = {stream: texts(client.truth(stream)) for stream in fields}
        client.clock.advance(days=1)
        for stream, field in fields.items():
            new = [json.loads(text) for text in texts(client.truth(stream)) - before[stream]]
            assert new
            if field != "jobId":
                assert any(parsed(row[field]) < EPOCH for row in new)
        assert all(parsed(row["firedAt"]) <= client.clock.now() for row in new)

    def test_history_goes_on_for_a_month(self) -> None:
        client = Client()
        count = len(client.truth("jobs"))
        client.clock.advance(days=29)
        assert len(client.truth("jobs")) > count * 1.2

    def test_the_same_seed_gives_the_same_data(self, client: Client) -> None:
        assert texts(client.truth("jobs")) == texts(Client().truth("jobs"))
