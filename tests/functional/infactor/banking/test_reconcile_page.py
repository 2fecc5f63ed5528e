"""The page of a reconciliation shows every item, however many there are, in a fixed number of queries."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from infactor.banking import reconciliation
from infactor.banking.models import StatementLine
from tests.support.admin_client import visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.statements import house_account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


def test_a_thousand_items_are_on_pages_that_hide_none(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    first = money_out.line_on(account, "1.00", on=scenario.today, at=scenario.now)
    client = Client()
    client.force_login(scenario.reader)
    address = reverse("admin:banking_houseaccount_reconcile", args=[account.pk])
    asked = f"{address}?on={scenario.today}"
    client.get(asked)
    with CaptureQueriesContext(connection) as few:
        assert "Page 1 of" not in visible_text(client.get(asked))  # type: ignore[arg-type]
    StatementLine.objects.bulk_create(
        StatementLine(
            account=account,
            statement=first.statement,
            place=str(number),
            value_date=scenario.today,
            booking_date=scenario.today,
            amount=Decimal(number),
            identity=f"many-{number}",
            status="waiting",
        )
        for number in range(2, 1001)
    )
    with CaptureQueriesContext(connection) as many:
        shown = client.get(asked)
    assert len(many) == len(few)
    assert "Page 1 of 5" in visible_text(shown)  # type: ignore[arg-type]
    seen: set[str] = set()
    for page in range(1, 6):
        text = client.get(f"{asked}&page={page}").content.decode()
        seen |= set(re.findall(r"/admin/banking/statementline/(\d+)/change/", text))
        assert f"on={scenario.today}&amp;page=" in text
    assert len(seen) == len(reconciliation.reconcile(account=account, on=scenario.today).items) == 1000
    for wrong in ("0", "99", "x"):
        assert client.get(f"{asked}&page={wrong}").status_code == 200
