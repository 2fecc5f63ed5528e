"""Suppliers and staff read whether a company is complete to the cent, or which amount differs and why."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.html import strip_tags

from infactor.suppliers.models import Supplier
from infactor.users.models import User
from quickbooks_app.models import Connection
from tests.support.admin_client import visible_text
from tests.support.factories.completeness import CheckFactory, LineFactory
from tests.support.factories.quickbooks import ConnectionFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)


@pytest.fixture
def own(supplier: Supplier) -> Connection:
    """The company of a supplier in Los Angeles."""
    supplier.time_zone = "America/Los_Angeles"
    supplier.save()
    return ConnectionFactory(company_file__supplier=supplier, company_name="Larkspur Coffee")


def admin_page(client: Client, staff: User, path: str) -> str:
    client.force_login(staff)
    answer: Any = client.get(path)
    assert answer.status_code == 200
    return visible_text(answer)


def shown(client: Client, path: str) -> str:
    with time_machine.travel(NOW, tick=False):
        answer: Any = client.get(path)
    assert answer.status_code == 200
    return " ".join(strip_tags(answer.content.decode()).replace("&#x27;", "'").split())


def test_the_card_says_when_the_company_was_complete_in_the_time_zone_of_the_supplier(
    member: Client, own: Connection
) -> None:
    CheckFactory(
        connection=own, requested_at=NOW - timedelta(hours=1, minutes=58), reported_at=NOW - timedelta(minutes=58)
    )
    assert "Complete to the cent, 14:02 PST." in shown(member, "/quickbook/card")


def test_the_card_names_the_amount_that_differs(member: Client, own: Connection) -> None:
    LineFactory(completeness_check__connection=own, completeness_check__requested_at=NOW - timedelta(days=1))
    text = shown(member, "/quickbook/card")
    assert "One amount differs from QuickBooks' own reports, Nov 19, 2026, 15:00 PST." in text
    assert "Invoice 1001 of Blue Harbor Café: $60.00 in QuickBooks, $100.00 here." in text


def test_the_page_explains_each_line_and_the_totals(member: Client, own: Connection) -> None:
    check = CheckFactory(
        connection=own, requested_at=NOW, entries_total=Decimal("-25.00"), report_total=Decimal("135.00")
    )
    LineFactory(
        completeness_check=check, kind="entry", outcome="named", entity="JournalEntry", number="J7",
        theirs=Decimal("-25.00"), ours=None,
    )  # fmt: skip
    LineFactory(completeness_check=check, kind="missing_here", outcome="healed", ours=None)
    text = shown(member, "/quickbook/")
    assert "Journal entry J7" in text
    assert "It lowers what the customer owes." in text
    assert "QuickBooks' report has it, infactor does not. infactor read it again, and now both are equal." in text
    assert "$135.00" in text


def test_a_result_of_some_days_ago_is_marked_with_the_reason(member: Client, own: Connection) -> None:
    CheckFactory(connection=own, requested_at=NOW - timedelta(days=4))
    CheckFactory(
        connection=own, requested_at=NOW - timedelta(days=1), state="failed", error="QuickBooks did not answer."
    )
    text = shown(member, "/quickbook/card")
    assert "The comparison is more than two days old. QuickBooks did not answer." in text


def test_one_supplier_reads_nothing_of_another_ones_comparison(member: Client, own: Connection) -> None:
    LineFactory()
    for path in ("/quickbook/card", "/quickbook/"):
        assert "Blue Harbor Café" not in shown(member, path)


def test_staff_see_each_line_with_both_amounts(client: Client, staff: User) -> None:
    line = LineFactory()
    page = admin_page(client, staff, f"/admin/quickbooks_app/completenesscheck/{line.completeness_check_id}/change/")
    for text in ("Invoice 1001", "$60.00", "$100.00", "Still differs"):
        assert text in page


def test_the_overview_counts_what_an_operator_should_look_at(client: Client, staff: User) -> None:
    LineFactory(completeness_check__connection__connected_at=NOW)
    LineFactory(completeness_check__connection__connected_at=NOW, outcome="refused")
    page = admin_page(client, staff, "/admin/quickbooks_app/connection/overview/")
    assert "Companies whose amounts differ from QuickBooks' own reports: 1." in page
