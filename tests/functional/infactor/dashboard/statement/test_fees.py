"""A supplier sees its fees of a year by month, kind and advance, as the ledger has them, and nobody else's."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.test import Client

from infactor.financing.accounting import fee_summary
from infactor.financing.accounting.statement import statements
from tests.support.admin_client import visible_text
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios.lifecycle import Lifecycle

pytestmark = pytest.mark.django_db
PAGE, FILE = "/statement/fees/", "/statement/fees.csv"


def csv_of(client: Client, **query: str) -> list[dict[str, str]]:
    response = client.get(FILE, query)
    content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content)))


def test_the_fees_are_those_of_the_statement_on_page_and_in_file(client: Client, lifecycle: Lifecycle) -> None:
    supplier, year = lifecycle.scenario.supplier, lifecycle.scenario.today.year
    (told,) = statements(supplier=supplier)
    (found,) = fee_summary.fees_of_year(supplier=supplier, year=year, today=lifecycle.scenario.today)
    assert found.total.total == told.closing.fee > 0
    assert sum(fees.total for _, fees in found.months) == sum(fees.total for _, fees in found.advances)
    assert len(found.months) == lifecycle.scenario.today.month
    page = visible_text(client.get(PAGE))
    assert f"Fees {year} so far" in page
    assert {"term-fee", "term-late-fee", "term-wire-fee"} <= set(
        re.findall(r'popovertarget="([^"]+)"', client.get(PAGE).content.decode())
    )
    assert f"${told.closing.fee:,.2f}" in page
    rows = csv_of(client, year=f"{year}")
    assert sum(Decimal(row["Total"]) for row in rows) == told.closing.fee
    assert rows[0]["Invoice number"] == lifecycle.settled.invoice.invoice_no
    assert rows[0]["Month"].startswith(f"{year}-")


def test_bad_years_other_suppliers_and_no_rows(client: Client, lifecycle: Lifecycle) -> None:
    year = lifecycle.scenario.today.year
    for given in ("0", "9999", "-1", "x", "", f"{year + 1}", f"{year}\x00"):
        page = client.get(PAGE, {"year": given})
        assert (page.status_code, "errorlist" in page.content.decode()) == (200, True), given
        assert client.get(FILE, {"year": given}).status_code == 404, given
    client.force_login(MembershipFactory().user)
    assert "No fees in this year" in visible_text(client.get(PAGE))
    assert csv_of(client, year=f"{year}") == []
