"""Random histories raise no alarm about what explains itself, and one about everything else.

`make measure-alarms seeds=1:200` plays more of them, and prints how many alarms were right.
"""

import os
import sys

import pytest

from tests.support.scenarios.random_books import RandomBooks, Report

pytestmark = pytest.mark.django_db


def test_every_alarm_is_right_and_none_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    first, last = (int(part) for part in os.environ.get("ALARM_SEEDS", "1:3").split(":"))
    report = Report()
    for seed in range(first, last + 1):
        RandomBooks(seed).play(report)
    if "ALARM_SEEDS" in os.environ:
        with capsys.disabled():
            sys.stdout.write(f"\n{report.as_text()}\n")
    assert report.wrong == []
    assert report.counts["true"]
    assert report.counts["quiet"]
