"""After random changes of random books, a narrow recalculation leaves every result as a full one would.

`make fuzz-eligibility seeds=1:500` plays more of them.
"""

import os
import sys

import pytest

from tests.support.scenarios.random_changes import RandomChanges, Report

pytestmark = pytest.mark.django_db
STEPS = 8


def test_a_narrow_recalculation_equals_a_full_one(capsys: pytest.CaptureFixture[str]) -> None:
    first, last = (int(part) for part in os.environ.get("CHANGE_SEEDS", "1:12").split(":"))
    report = Report()
    for seed in range(first, last + 1):
        RandomChanges(seed).play(report, steps=STEPS)
    if "CHANGE_SEEDS" in os.environ:
        with capsys.disabled():
            sys.stdout.write(f"\n{dict(report.counts.most_common())}\n")
    assert report.wrong == []
    assert report.counts["narrow"] > report.counts["full"] / 2
    assert report.counts["part"] > report.counts["not enough"] / 2
    for happened in ("cut by concentration", "cut by buyer_limit", "duplicate fails", "in_financing fails"):
        assert report.counts[happened], happened
