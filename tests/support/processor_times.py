"""Prints which test files take the most processor time: `make test args="-p tests.support.processor_times"`.

Seconds on the clock grow with whatever else the machine does; seconds of a processor hardly do. Those of the test's
process and of processes that it started and waited for count; PostgreSQL's, about a seventh more, do not.
"""

import resource
import time
from collections import Counter
from collections.abc import Generator

import pytest

SHOWN = 40
SPENT = pytest.StashKey[float]()


def processor_seconds() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _measured(item: pytest.Item) -> Generator[None, object, object]:
    before = processor_seconds()
    try:
        return (yield)
    finally:
        item.stash[SPENT] = processor_seconds() - before


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _measured(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _measured(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _measured(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    report.processor_seconds = item.stash.get(SPENT, 0.0)  # xdist's workers send it with the report
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    files, phases = Counter[str](), Counter[str]()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if spent := getattr(report, "processor_seconds", 0.0):
                files[report.nodeid.partition("::")[0]] += spent
                phases[report.when] += spent
    terminalreporter.section("processor seconds")
    terminalreporter.write_line(", ".join(f"{phase} {spent:.0f}" for phase, spent in phases.most_common()))
    for name, spent in files.most_common(SHOWN):
        terminalreporter.write_line(f"{spent:8.1f}  {name}")
