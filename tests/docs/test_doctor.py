"""The examples on the doctor's page, and the tables of known unknowns."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from docs import doctor
from docs.generate import PROJECT, TAPS
from docs.reference import settings_of

if TYPE_CHECKING:
    from tap_kit.doctor.report import Report
    from tap_kit.tap import KitTap

EACH = pytest.mark.parametrize("tap", TAPS, ids=lambda tap: tap.name)


def findings(report: Report) -> dict[str, str]:
    return {answer.question.name: answer.finding.text for answer in report.answers}


@EACH
def test_the_example_differs_in_three_ways_and_is_told_so(
    tap: type[KitTap], monkeypatch: pytest.MonkeyPatch
) -> None:
    account = doctor.ACCOUNTS[tap.name]
    assert len(account.variants) == 3
    found = doctor.report(tap)
    usual = replace(account, variants={})
    monkeypatch.setitem(doctor.ACCOUNTS, tap.name, usual)
    as_ever = findings(doctor.report(tap))
    differing = [name for name, text in findings(found).items() if as_ever[name] != text]
    assert len(differing) >= 3
    assert found.changes
    assert found.exit_code == 1
    assert all(verdict.works for verdict in found.verdicts)


@EACH
def test_questions_are_told_apart_and_name_settings_that_exist(tap: type[KitTap]) -> None:
    names = [question.name for question in tap.questions]
    assert len(names) == len(set(names))
    for question in tap.questions:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", question.name)
        assert question.text.endswith("?")
        assert question.setting is None or question.setting in settings_of(tap)
        assert question.ask is not None or question.setting is None


def test_the_form_asks_for_the_report() -> None:
    text = (PROJECT / ".github" / "ISSUE_TEMPLATE" / "live-account.yml").read_text("utf-8")
    form = yaml.safe_load(text)
    fields = {field.get("id"): field for field in form["body"]}
    assert fields["tap"]["attributes"]["options"] == [tap.name for tap in TAPS]
    assert "--doctor=json" in fields["report"]["attributes"]["description"]
    page = (PROJECT / "docs" / "pages" / "guides" / "doctor.md").read_text("utf-8")
    assert form["name"] in " ".join(page.split())
