"""Smoke test of `make bench-import`: every contender imports fifty invoices twice, then the changed ones."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.benchmarks import report, stub
from tests.benchmarks.contenders import CONTENDERS, limit, peers
from tests.benchmarks.runner import WORKS, Measured

COUNT = 50


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    serving = stub.serve(invoices=COUNT)
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield serving
    serving.shutdown()
    serving.server_close()
    thread.join()


@pytest.mark.django_db
@pytest.mark.parametrize("name", CONTENDERS)
def test_a_contender_imports_every_invoice_once_and_what_changed_since(
    name: str, server: ThreadingHTTPServer, settings: Any
) -> None:
    settings.SANDBOX_PORT = server.server_address[1]
    address = f"http://127.0.0.1:{settings.SANDBOX_PORT}"
    company: stub.Company = server.RequestHandlerClass.company  # type: ignore[attr-defined]
    peers.create_tables()
    limit.create_tables()
    contender = CONTENDERS[name]
    contender.prepare()()
    read = contender.read()

    read(address=address, since=None)
    if "again" in contender.works:
        read(address=address, since=None)
        moment = company.change(5, version=1)
        read(address=address, since=moment - timedelta(seconds=1))

    with connection.cursor() as cursor:
        column = "qbk_id" if "peer" in contender.table else "qbk_invoice_id"
        cursor.execute(f"SELECT count(*), count(DISTINCT {column}) FROM {contender.table}")
        assert cursor.fetchone() == (COUNT, COUNT)
        cursor.execute(f"SELECT count(*) FROM {contender.table} WHERE sync_token = '1'")
        assert cursor.fetchone() == (5 if "changed" in contender.works else 0,)


def test_the_table_is_written_between_its_marks_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    monkeypatch.setattr(report, "DOCUMENT", document)
    report.write([], speed={}, latency=0, flat=None)
    text = document.read_text()
    assert (text.startswith("before\n"), text.endswith("\nafter\n"), "old" in text) == (True, True, False)


def test_the_report_shows_every_work_and_judges_every_goal() -> None:
    measured = [
        Measured(name, work, COUNT, seconds=[0.5], processor_seconds=[0.75], peak_mb=[90.0], calls=4)
        for name, contender in CONTENDERS.items()
        for work in contender.works
    ]
    shown = report.tables(measured, latency=0) + report.goals(measured, flat=measured[-1])
    described = report.markdown(measured, speed={"50 commits": 12.0}, latency=0, flat=None)
    assert "50 commits 12 ms" in described
    assert described.count("\n| ") == len(measured) + 2, "a row for each measurement, under two of the head"
    assert len(json.loads(report.as_json(measured, speed={}, latency=0))["measured"]) == len(measured)
    assert all(title in shown for title in WORKS.values())
    assert "0.75" in shown
    assert "reached      memory under 150 MB: 90 MB" in shown
    assert "NOT REACHED  first: at least 60 x rows: 1.0 x" in shown
