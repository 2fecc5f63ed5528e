"""A process that keeps dying starts again ever later, but never later than half a minute."""

import sys
from pathlib import Path

from infactor.devserver.supervisor import STEADY, Supervised, wait_before_start


def test_each_death_in_a_row_doubles_the_wait() -> None:
    assert [wait_before_start(deaths) for deaths in (1, 2, 3, 5, 6, 50)] == [1, 2, 4, 16, 30, 30]


def test_a_process_that_ran_for_long_begins_with_the_first_wait_again(tmp_path: Path) -> None:
    printed: list[bytes] = []
    process = Supervised("worker", f"exec {sys.executable} -c 'print(1)'", environment={}, folder=tmp_path)
    for began, ended, starts_at in ((0.0, 1.0, 2.0), (2.0, 3.0, 5.0), (5.0, 6.0 + STEADY, 7.0 + STEADY)):
        process.start(now=began, write=lambda name, line: printed.append(line))
        assert process.wait(30)
        assert process.reap(now=ended) == 0
        assert process.start_at == starts_at
