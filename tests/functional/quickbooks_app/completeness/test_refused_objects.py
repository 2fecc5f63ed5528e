"""What QuickBooks refuses to give out stands in its report: the comparison says that this is why amounts differ."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from infactor.invoices.models import Buyer, Invoice
from quickbooks_app.completeness import checks
from quickbooks_app.models import CompletenessCheck, Connection, ImportIssue
from tests.functional.quickbooks_app.completeness.conftest import compare, lines, metered_calls
from tests.functional.quickbooks_app.sync.conftest import REALM, Company, read
from tests.support.factories.suppliers import MembershipFactory

pytestmark = pytest.mark.django_db


def refuse(company: Company, entity: str, qbk_id: str, status: int = 400) -> None:
    company.faults.refuse(realm=REALM, entity=entity, id=qbk_id, status=status)


def compare_after_a_sync(company: Company, connection: Connection) -> CompletenessCheck:
    company.clock.advance(days=1)
    read(connection, company.clock)
    return compare(connection, company.clock)


def open_issues() -> list[tuple[str, str, str]]:
    found = ImportIssue.objects.filter(resolved_at__isnull=True, code__in=("refused_quickbooks", "differs"))
    return list(found.values_list("code", "entity", "qbk_id"))


def shown(client: Client, connection: Connection, path: str) -> str:
    client.force_login(MembershipFactory(supplier=connection.supplier).user)
    answer: Any = client.get(path)
    return " ".join(strip_tags(answer.content.decode()).replace("&#x27;", "'").split())


def test_a_refused_invoice_is_why_an_amount_is_missing_until_it_is_given_out(
    company: Company, imported: Connection
) -> None:
    made = company.bill(amount="100.00")
    refuse(company, "Invoice", made["Id"])
    check = compare_after_a_sync(company, imported)
    assert (check.state, check.unexplained, check.differences) == ("different", Decimal(0), 1)
    assert lines(check) == [("missing_here", "refused", "Invoice", made["Id"])]
    assert check.refused_total == Decimal("100.00")
    assert check.account_total == check.our_total + check.refused_total  # type: ignore[operator]
    company.faults.stop_refusing(realm=REALM, entity="Invoice", id=made["Id"])
    check = compare_after_a_sync(company, imported)
    assert (check.state, lines(check), open_issues()) == ("complete", [], [])
    assert Invoice.objects.get(qbk_invoice_id=made["Id"]).balance == Decimal("100.00")


def test_it_opens_no_reading_of_everything_no_second_issue_and_costs_no_further_calls(
    company: Company, imported: Connection
) -> None:
    made = company.bill(amount="100.00")
    refuse(company, "Invoice", made["Id"])
    for _ in range(2):
        company.clock.advance(days=1)
        read(imported, company.clock)
        before = len(metered_calls(imported))
        check = compare(imported, company.clock)
        assert metered_calls(imported)[before:] == ["report TrialBalance", "report AgedReceivableDetail"]
        assert not check.needs_full_read
        assert checks.open_full_reads(at=company.clock()) == []
        assert open_issues() == [("refused_quickbooks", "Invoice", made["Id"])]


@pytest.mark.parametrize("status", [400, 500])
def test_a_document_that_no_sync_was_told_of_and_that_is_refused_is_found_by_its_line(
    company: Company, imported: Connection, status: int
) -> None:
    company.faults.set_rule("new_documents_unreported", on=True)
    memo = company.credit(amount="40.00")
    refuse(company, "CreditMemo", memo["Id"], status=status)
    check = compare_after_a_sync(company, imported)
    assert lines(check) == [("missing_here", "refused", "CreditMemo", memo["Id"])]
    assert open_issues() == [("refused_quickbooks", "CreditMemo", memo["Id"])]


def test_a_refused_invoice_that_was_paid_is_named_with_its_old_amount(
    company: Company, imported: Connection, invoice: dict[str, Any]
) -> None:
    refuse(company, "Invoice", invoice["Id"])
    company.pay(invoice, "40.00")
    check = compare_after_a_sync(company, imported)
    assert lines(check) == [("amount", "refused", "Invoice", invoice["Id"])]
    (line,) = check.lines.all()
    assert (line.theirs, line.ours) == (Decimal("60.00"), Decimal("100.00"))
    assert check.unexplained == 0


def test_a_refused_customer_keeps_its_old_balance_which_is_said(
    company: Company, imported: Connection, invoice: dict[str, Any]
) -> None:
    refuse(company, "Customer", "1")
    before = Buyer.objects.get(reference="1", company_file=imported.company_file).balance
    company.bill(amount="10.00", customer="1")
    check = compare_after_a_sync(company, imported)
    assert lines(check) == [("balance", "refused", "Customer", "1")]
    assert (check.refused_total, check.unexplained) == (0, 0)
    assert "QuickBooks does not give this customer out, so infactor has its earlier balance." in shown(
        Client(), imported, "/quickbook/"
    )
    company.faults.stop_refusing(realm=REALM, entity="Customer", id="1")
    check = compare_after_a_sync(company, imported)
    assert (check.state, lines(check)) == ("complete", [])
    assert Buyer.objects.get(reference="1", company_file=imported.company_file).balance == before + Decimal("10.00")


def test_the_supplier_reads_which_amount_differs_and_that_it_is_because_of_the_object(
    company: Company, imported: Connection
) -> None:
    made = company.bill(amount="100.00")
    refuse(company, "Invoice", made["Id"])
    compare_after_a_sync(company, imported)
    text = shown(Client(), imported, "/quickbook/card")
    assert "One amount differs from QuickBooks' own reports" in text
    assert "$100.00 in QuickBooks, nothing here. QuickBooks does not give this invoice out" in text
    assert "Not given out by QuickBooks$100.00" in shown(Client(), imported, "/quickbook/")
