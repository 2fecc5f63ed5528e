"""No token and no book data appear in logs, call records, issues or a run's error."""

import logging
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import structlog
from django.db import IntegrityError

from infactor.core.models import AuditEvent
from infactor.invoices.models import Invoice
from quickbooks_app import runs
from quickbooks_app.models import ApiCall, Connection, ImportIssue
from quickbooks_app.sync import run_worker
from tests.support.fakes.intuit_server import Intuit, Reply
from tests.support.payloads import NOON, fault, gateway_fault
from tests.support.scenarios.imports import add_books, now_of, work

pytestmark = pytest.mark.django_db


HTML = {"Content-Type": "text/html"}
CANARIES = ["Canary Customer GmbH", "canary@example.com", "7654321.98", "CANARY-NO-1", "eyJ-access-0", "RT1-refresh-0"]


class TestSecrets:
    @pytest.fixture
    def lines(self, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
        """Every log line, at every level, as it would be written."""
        caplog.set_level(logging.DEBUG)
        with structlog.testing.capture_logs() as events:
            yield lambda: " ".join([repr(events), caplog.text, *(repr(vars(record)) for record in caplog.records)])

    @pytest.mark.parametrize(
        "reply",
        [
            None,
            Reply(status=401, body=gateway_fault("3200") + b" eyJ-access-0 Canary Customer GmbH"),
            Reply(status=400, body=fault("4000") + b"eyJ-access-0 canary@example.com"),
            Reply(status=503, body=b"eyJ-access-0 CANARY-NO-1"),
            Reply(status=200, body=b'{"QueryResponse":{"Invoice":[{"Id":"1","DocNumber":"CANARY-NO-1"'),
            Reply(status=200, body=b"<html>Canary Customer GmbH</html>", headers=HTML),
            Reply(body=None),
        ],
        ids=["well", "401", "400", "503", "cut off", "page", "no answer"],
    )
    def test_nothing_of_the_books_and_no_token_gets_out(
        self, intuit: Intuit, connection: Connection, lines: Callable[[], str], reply: Reply | None
    ) -> None:
        add_books(
            intuit,
            DocNumber="CANARY-NO-1",
            TotalAmt=Decimal("7654321.98"),
            CustomerRef={"value": "24", "name": "Canary Customer GmbH"},
            BillEmail={"Address": "canary@example.com"},
            DueDate="Canary Customer GmbH",
        )
        Connection.objects.update(access_token_expires_at=NOON)
        if reply:
            intuit.then("api", *[reply] * 3)
        run = runs.request(connection=connection, by=None, at=NOON)
        work(run)
        row = now_of(run)
        kept = [
            *map(repr, ApiCall.objects.values_list()),
            *map(repr, ImportIssue.objects.values_list("field", "code", "message")),
            *map(repr, AuditEvent.objects.values_list()),
            row.error,
            row.error_code,
            row.connection.status_reason,
            repr(row.cursor),
        ]
        for place in (lines(), " ".join(kept)):
            found = [canary for canary in (*CANARIES, "eyJ-access-1", "RT1-refresh-1") if canary in place]
            assert found == []

    def test_a_row_that_the_database_refuses_is_not_quoted(
        self, intuit: Intuit, connection: Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add_books(intuit, CustomerRef={"value": "24", "name": "Canary Customer\n\nGmbH"}, PrivateNote="a\nCANARY-NO-1")
        honest = run_worker.apply_page

        def break_a_rule(**given: Any) -> Any:
            applied = honest(**given)
            Invoice.objects.update(state="sold")
            return applied

        monkeypatch.setattr(run_worker, "apply_page", break_a_rule)
        run = runs.request(connection=connection, by=None, at=NOON)
        with pytest.raises(IntegrityError) as caught:
            work(run)
        failure = (type(caught.value), caught.value, caught.value.__traceback__)
        record = logging.LogRecord("celery.app.trace", logging.ERROR, "trace.py", 1, "Task raised", None, failure)
        (console,) = (one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
        line = console.format(record)
        assert "invoice_state_known" in line
        assert [canary for canary in ("Canary Customer", "CANARY-NO-1", "486.00") if canary in line] == []
