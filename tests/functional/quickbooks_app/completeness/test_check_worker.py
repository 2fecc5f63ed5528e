"""A company is complete to the cent, or the product says which amount differs and why. Over HTTP, with the sandbox."""

import json
from decimal import Decimal
from typing import Any

import pytest

from infactor.invoices.models import Buyer, CreditMemo, Invoice
from infactor.invoices.open_credits import open_credits
from quickbooks_app.completeness import checks, report_calls
from quickbooks_app.models import Connection, ImportIssue, ImportRun
from quickbooks_app.sandbox.accounting import entries
from quickbooks_app.sandbox.runtime.documents import encode
from quickbooks_app.sync import refetch
from tests.functional.quickbooks_app.completeness.conftest import compare, lines, metered_calls, read_everything_again
from tests.functional.quickbooks_app.sync.conftest import REALM, Company, read

pytestmark = pytest.mark.django_db


def tamper(company: Company, connection: Connection, invoice: dict[str, Any], balance: str) -> None:
    """Give an invoice another balance than its postings have, and read it: QuickBooks contradicts itself."""
    with company.store.transaction() as database:
        database.execute(
            "UPDATE objects SET body = json_set(body, '$.Balance', json(?))"
            " WHERE realm = ? AND entity = 'Invoice' AND id = ?",
            (balance, REALM, invoice["Id"]),
        )
    refetch.refetch_objects(connection=connection, entity="Invoice", ids=[invoice["Id"]], now=company.clock)


def test_an_imported_company_is_complete_to_the_cent_and_costs_two_calls(
    company: Company, imported: Connection
) -> None:
    read(imported, company.clock)
    before = metered_calls(imported)
    check = compare(imported, company.clock)
    assert (check.state, check.error, lines(check)) == ("complete", "", [])
    assert check.account_total == check.report_total == check.our_total != 0
    assert (check.unexplained, check.documents > 10) == (0, True)
    assert metered_calls(imported)[len(before) :] == ["report TrialBalance", "report AgedReceivableDetail"]


def test_a_payment_that_moved_no_time_is_found_and_healed(
    company: Company, imported: Connection, invoice: dict[str, Any]
) -> None:
    company.faults.set_rule("changes_keep_old_times", on=True)
    company.pay(invoice, "40.00")
    company.faults.set_rule("changes_keep_old_times", on=False)
    company.clock.advance(minutes=30)
    read(imported, company.clock)
    assert Invoice.objects.get(qbk_invoice_id=invoice["Id"]).balance == Decimal("100.00"), "no sync can see it"
    check = compare(imported, company.clock)
    assert Invoice.objects.get(qbk_invoice_id=invoice["Id"]).balance == Decimal("60.00")
    assert check.state == "complete"
    assert ("amount", "healed", "Invoice", invoice["Id"]) in lines(check)
    assert check.healed >= 1


def test_a_document_that_changes_never_told_of_is_found_and_read(company: Company, imported: Connection) -> None:
    company.faults.set_rule("new_documents_unreported", on=True)
    memo = company.credit(amount="40.00")
    company.clock.advance(minutes=30)
    read(imported, company.clock)
    assert not CreditMemo.objects.filter(reference=memo["Id"]).exists(), "no sync can see it"
    check = compare(imported, company.clock)
    assert CreditMemo.objects.get(reference=memo["Id"]).remaining == Decimal("40.00")
    assert ("missing_here", "healed", "CreditMemo", memo["Id"]) in lines(check)
    assert check.state == "complete"


def test_an_invoice_that_was_never_told_of_and_is_paid_in_full_is_read(company: Company, imported: Connection) -> None:
    compare(imported, company.clock)
    company.faults.set_rule("new_documents_unreported", on=True)
    made = company.bill(amount="70.00")
    company.faults.set_rule("new_documents_unreported", on=False)
    company.faults.set_rule("changes_keep_old_times", on=True)
    company.pay(made, "70.00")
    company.faults.set_rule("changes_keep_old_times", on=False)
    company.clock.advance(minutes=30)
    read(imported, company.clock)
    assert not Invoice.objects.filter(qbk_invoice_id=made["Id"]).exists(), "no sync can see it"
    assert compare(imported, company.clock).state == "complete"
    assert Invoice.objects.get(qbk_invoice_id=made["Id"]).books_status == "paid"
    before = metered_calls(imported)
    compare(imported, company.clock)
    assert len(metered_calls(imported)) - len(before) == 2
    company.assert_matches_quickbooks(imported)


def test_a_document_that_was_deleted_without_a_trace_is_marked_as_deleted(
    company: Company, imported: Connection, invoice: dict[str, Any]
) -> None:
    company.faults.set_rule("changes_keep_old_times", on=True)
    company.delete("Invoice", invoice["Id"])
    company.forget("Invoice", invoice["Id"])
    company.clock.advance(minutes=30)
    check = compare(imported, company.clock)
    assert ("missing_there", "healed", "Invoice", invoice["Id"]) in lines(check)
    assert Invoice.objects.get(qbk_invoice_id=invoice["Id"]).books_status == "deleted"
    assert check.state == "complete"


def test_a_journal_entry_is_named_beside_complete_documents(company: Company, imported: Connection) -> None:
    entry = company.journal("1", "25.00")
    company.clock.advance(minutes=30)
    read(imported, company.clock)
    check = compare(imported, company.clock)
    assert (check.state, lines(check)) == ("complete", [("entry", "named", "JournalEntry", entry["Id"])])
    assert check.entries_total == Decimal("-25.00")
    assert check.account_total == check.our_total + check.entries_total  # type: ignore[operator]


def test_a_journal_entry_that_no_change_told_of_lowers_what_is_financed_after_the_check(
    company: Company, imported: Connection, invoice: dict[str, Any]
) -> None:
    buyer = Buyer.objects.get(reference="1", company_file=imported.company_file)
    before = open_credits(supplier=imported.supplier).get((buyer.pk, "USD"), Decimal(0))
    company.faults.set_rule("changes_keep_old_times", on=True)
    entity, payload = entries.on_receivables("JournalEntry", customer_id="1", amount=Decimal("25.00"))
    company.write(entity, json.loads(encode(payload)))
    company.clock.advance(minutes=30)
    read(imported, company.clock)
    assert open_credits(supplier=imported.supplier).get((buyer.pk, "USD"), Decimal(0)) == before
    check = compare(imported, company.clock)
    assert ("balance", "healed", "Customer", "1") in lines(check)
    assert open_credits(supplier=imported.supplier)[buyer.pk, "USD"] == before + Decimal("25.00")


def test_a_change_between_the_sync_and_the_report_is_no_difference(
    company: Company, imported: Connection, invoice: dict[str, Any]
) -> None:
    read(imported, company.clock)
    company.clock.advance(seconds=5)
    company.pay(invoice, "40.00")
    check = compare(imported, company.clock)
    assert check.state == "complete"
    assert {outcome for _, outcome, _, _ in lines(check)} == {"changed"}
    assert check.healed == 0


def test_a_difference_that_stays_opens_a_reading_of_everything_and_then_an_issue(
    company: Company, imported: Connection, invoice: dict[str, Any]
) -> None:
    tamper(company, imported, invoice, "90.00")
    check = compare(imported, company.clock)
    assert check.state == "different"
    assert ("amount", "open", "Invoice", invoice["Id"]) in lines(check)
    assert not ImportIssue.objects.filter(code="differs").exists(), "not before everything was read"
    company.clock.advance(minutes=2)
    read_everything_again(imported, company.clock)
    run = ImportRun.objects.latest("pk")
    assert (run.kind, run.state, run.trigger) == ("reconcile", "succeeded", "difference")
    assert checks.request_after_run(run_id=run.pk, at=company.clock()) is not None
    again = compare(imported, company.clock)
    assert (again.trigger, again.state, again.needs_full_read) == ("read", "different", False)
    issue = ImportIssue.objects.get(code="differs", entity="Invoice")
    assert (issue.qbk_id, "Open it in QuickBooks" in issue.message) == (invoice["Id"], True)
    tamper(company, imported, invoice, "100.00")
    company.clock.advance(days=1)
    assert compare(imported, company.clock).state == "complete"
    assert not ImportIssue.objects.filter(code="differs", resolved_at__isnull=True).exists()


def test_a_second_difference_in_a_week_opens_no_second_reading_of_everything(
    company: Company, imported: Connection, invoice: dict[str, Any]
) -> None:
    tamper(company, imported, invoice, "90.00")
    assert compare(imported, company.clock).needs_full_read
    read_everything_again(imported, company.clock)
    company.clock.advance(days=2)
    tamper(company, imported, invoice, "80.00")
    check = compare(imported, company.clock)
    assert (check.state, check.needs_full_read) == ("different", False)
    assert ImportIssue.objects.filter(code="differs", qbk_id=invoice["Id"], resolved_at__isnull=True).exists()


def test_two_reports_that_disagree_are_read_again_and_then_named(company: Company, imported: Connection) -> None:
    read(imported, company.clock)
    original = report_calls.parse_trial_balance

    def with_more(body: bytes, **options: Any) -> Any:
        found = original(body, **options)
        more = [one.__class__(one.id, one.name, one.balance + 5) if one.id == "84" else one for one in found.accounts]
        return found.__class__(found.time, more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report_calls, "parse_trial_balance", with_more)
        check = compare(imported, company.clock)
    assert (check.state, check.unexplained, check.repeats) == ("different", Decimal("5.00"), 1)
    assert [line[:3] for line in lines(check)] == [("account", "open", "Account")]


def test_a_first_import_with_its_comparison_costs_two_calls_more(company: Company, second: Connection) -> None:
    run = ImportRun.objects.get(connection=second)
    before = metered_calls(second)
    assert (run.kind, run.state) == ("full", "succeeded")
    assert checks.request_after_run(run_id=run.pk, at=company.clock()) is not None
    check = compare(second, company.clock)
    assert (check.trigger, check.state) == ("read", "complete")
    assert len(metered_calls(second)) == len(before) + 2
    company.clock.advance(hours=1)
    hourly = read(second, company.clock)
    assert checks.request_after_run(run_id=hourly.pk, at=company.clock()) is None, "once a day is enough"
