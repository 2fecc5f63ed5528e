"""An edit in the sandbox reaches infactor's copy within one import run."""

from decimal import Decimal

import pytest

from infactor.invoices import receivables
from infactor.invoices.models import BooksPayment, Buyer, CreditMemo, Invoice, InvoiceChange
from infactor.invoices.open_credits import open_credits
from infactor.invoices.states import BooksStatus
from quickbooks_app.models import Connection, ImportRun
from tests.functional.quickbooks_app.sync.conftest import Company, Payload, read

pytestmark = pytest.mark.django_db


def follow(company: Company, connection: Connection) -> ImportRun:
    """Import the changes, and assert that infactor matches QuickBooks."""
    company.clock.advance(minutes=5)
    run = read(connection, company.clock)
    assert (run.state, run.kind, run.error) == ("succeeded", "changes", "")
    company.assert_matches_quickbooks(connection)
    return run


def here(invoice: Payload) -> Invoice:
    return Invoice.objects.get(qbk_invoice_id=invoice["Id"])


def recorded_changes(invoice: Payload) -> list[tuple[str, str, str]]:
    """The change history of an invoice, oldest first: field, old value, new value."""
    rows = InvoiceChange.objects.filter(invoice__qbk_invoice_id=invoice["Id"]).order_by("pk")
    return [(one["field"], one["from"], one["to"]) for row in rows for one in row.changes]


def test_a_new_and_an_edited_invoice_arrive(company: Company, imported: Connection) -> None:
    made = company.bill(amount="250.00", DocNumber="NEW-1")
    old = company.all("Invoice")[3]
    company.edit("Invoice", old["Id"], DueDate="2027-01-31", PrivateNote="Call first")
    run = follow(company, imported)
    assert (run.invoices_new, run.invoices_changed, run.invoices_deleted) == (1, 1, 0)
    assert here(made).invoice_amount == Decimal("250.00")
    assert ("payable_date", old["DueDate"], "2027-01-31") in recorded_changes(old)
    assert ("private_note", old.get("PrivateNote", ""), "Call first") in recorded_changes(old)


def test_one_call_is_enough_for_all_that_has_changed(company: Company, imported: Connection) -> None:
    invoice = company.bill()
    company.pay(invoice, "10.00")
    company.credit()
    company.delete("Invoice", company.bill()["Id"])
    assert follow(company, imported).api_calls == 1


def test_a_payment_is_told_with_its_day_and_what_is_left(company: Company, imported: Connection) -> None:
    invoice = company.bill(amount="500.00")
    follow(company, imported)
    company.pay(invoice, "200.00", TxnDate="2026-11-18", PaymentRefNum="6552")
    follow(company, imported)
    assert here(invoice).books_status == BooksStatus.PARTLY_PAID
    assert ("payment", "", "Payment of 200.00 received 2026-11-18") in recorded_changes(invoice)
    assert ("balance", "500.00", "300.00") in recorded_changes(invoice)
    assert BooksPayment.objects.get(number="6552").allocations.get().invoice == here(invoice)


def test_a_voided_payment_raises_the_balance_again_and_stays_visible(company: Company, imported: Connection) -> None:
    invoice = company.bill(amount="500.00")
    payment = company.pay(invoice, "500.00", TxnDate="2026-11-18")
    follow(company, imported)
    assert here(invoice).books_status == BooksStatus.PAID
    company.void("Payment", payment["Id"])
    follow(company, imported)
    assert (here(invoice).books_status, here(invoice).balance) == (BooksStatus.OPEN, Decimal("500.00"))
    was = "Payment of 500.00 received 2026-11-18"
    assert recorded_changes(invoice)[-1] == ("payment", was, f"{was}, voided")
    kept = BooksPayment.objects.get(reference=payment["Id"])
    assert (kept.is_void, kept.amount) == (True, Decimal(0))
    assert [line.amount for line in kept.allocations.all()] == [Decimal("500.00")]


def test_a_deleted_payment_is_marked_and_told(company: Company, imported: Connection) -> None:
    invoice = company.bill(amount="80.00")
    payment = company.pay(invoice, "80.00", TxnDate="2026-11-18")
    follow(company, imported)
    company.delete("Payment", payment["Id"])
    follow(company, imported)
    assert here(invoice).balance == Decimal("80.00")
    assert ("payment", "Payment of 80.00 received 2026-11-18", "removed") in recorded_changes(invoice)
    assert BooksPayment.objects.get(reference=payment["Id"]).deleted_at is not None


def test_a_payment_that_is_partly_given_back_is_told_from_what_to_what(company: Company, imported: Connection) -> None:
    invoice = company.bill(amount="300.00")
    payment = company.pay(invoice, "300.00", TxnDate="2026-11-18")
    follow(company, imported)
    line = {"Amount": 120.0, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
    company.edit("Payment", payment["Id"], TotalAmt=120.0, Line=[line])
    follow(company, imported)
    assert here(invoice).balance == Decimal("180.00")
    day = "received 2026-11-18"
    assert ("payment", f"Payment of 300.00 {day}", f"Payment of 120.00 {day}") in recorded_changes(invoice)


def test_a_payment_moved_to_another_invoice_is_told_on_both(company: Company, imported: Connection) -> None:
    one, other = company.bill(amount="60.00"), company.bill(amount="60.00")
    payment = company.pay(one, "60.00", TxnDate="2026-11-18")
    follow(company, imported)
    line = {"Amount": 60.0, "LinkedTxn": [{"TxnId": other["Id"], "TxnType": "Invoice"}]}
    company.edit("Payment", payment["Id"], Line=[line])
    follow(company, imported)
    assert (here(one).balance, here(other).balance) == (Decimal("60.00"), Decimal(0))
    assert ("payment", "Payment of 60.00 received 2026-11-18", "removed") in recorded_changes(one)
    assert ("payment", "", "Payment of 60.00 received 2026-11-18") in recorded_changes(other)


def test_money_that_pays_more_than_the_invoice_stays_unapplied(company: Company, imported: Connection) -> None:
    payment = company.pay(company.bill(amount="50.00"), "50.00", total="75.00")
    follow(company, imported)
    assert BooksPayment.objects.get(reference=payment["Id"]).unapplied == Decimal("25.00")


def test_a_credit_laid_against_an_invoice_moves_no_money(company: Company, imported: Connection) -> None:
    invoice, memo = company.bill(amount="100.00"), company.credit(amount="40.00")
    follow(company, imported)
    applied = company.apply(memo, invoice, "30.00")
    follow(company, imported)
    assert here(invoice).balance == Decimal("70.00")
    assert CreditMemo.objects.get(reference=memo["Id"]).remaining == Decimal("10.00")
    assert BooksPayment.objects.get(reference=applied["Id"]).moves_money is False
    assert [one for one in recorded_changes(invoice) if one[0] == "payment"][-1][2].startswith(
        "Credit of 30.00 applied"
    )


def test_a_deleted_credit_memo_is_marked(company: Company, imported: Connection) -> None:
    memo = company.credit()
    follow(company, imported)
    company.delete("CreditMemo", memo["Id"])
    follow(company, imported)
    assert CreditMemo.objects.get(reference=memo["Id"]).deleted_at is not None


def test_a_voided_and_a_deleted_invoice_are_marked_and_told(company: Company, imported: Connection) -> None:
    void, deleted = company.bill(amount="10.00"), company.bill(amount="20.00")
    follow(company, imported)
    company.void("Invoice", void["Id"])
    company.delete("Invoice", deleted["Id"])
    run = follow(company, imported)
    assert (run.invoices_deleted, here(void).books_status, here(deleted).books_status) == (1, "voided", "deleted")
    assert ("books_status", "open", "voided") in recorded_changes(void)
    assert recorded_changes(deleted) == [("books_status", "open", "deleted")]
    assert here(deleted).invoice_amount == Decimal("20.00"), "what it was stays known"


def test_what_happened_is_told_once_however_often_it_is_read(company: Company, imported: Connection) -> None:
    invoice = company.bill()
    follow(company, imported)
    company.pay(invoice, "10.00")
    company.delete("Invoice", company.bill()["Id"])
    follow(company, imported)
    history = InvoiceChange.objects.count()
    for kind in ("changes", "full", "reconcile"):
        assert read(imported, company.clock, kind).state == "succeeded"
    company.assert_matches_quickbooks(imported)
    assert InvoiceChange.objects.count() == history


def test_a_renamed_customer_has_the_new_name_on_every_old_invoice(company: Company, imported: Connection) -> None:
    invoices = [one for one in company.all("Invoice") if one["CustomerRef"]["value"] == "1"]
    old = invoices[0]["CustomerRef"]["name"]
    company.edit("Customer", "1", DisplayName="Zebra Stationers")
    follow(company, imported)
    assert len(invoices) > 1
    for invoice in invoices:
        row = here(invoice)
        assert (row.company_name, row.contact_name) == ("Zebra Stationers", "Zebra Stationers")
        assert "zebra" in row.search_text
        assert recorded_changes(invoice) == [
            ("company_name", old, "Zebra Stationers"),
            ("contact_name", old, "Zebra Stationers"),
        ]


def test_an_inactive_customer_is_marked(company: Company, imported: Connection) -> None:
    company.edit("Customer", "2", Active=False)
    follow(company, imported)
    assert Buyer.objects.get(reference="2").is_active is False


def test_a_payment_without_lines_counts_against_the_buyers_invoices(company: Company, imported: Connection) -> None:
    customer = company.write("Customer", {"DisplayName": "Unapplied Ltd"})
    company.bill(customer["Id"], amount="1706.50")
    company.write("Payment", {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 1706.5})
    follow(company, imported)
    buyer = Buyer.objects.get(reference=customer["Id"])
    assert open_credits(supplier=buyer.supplier)[buyer.pk, "USD"] == Decimal("1706.50")


def test_a_deposit_on_the_invoice_arrives_with_it(company: Company, imported: Connection) -> None:
    made = company.bill(amount="800.00", Deposit=500)
    follow(company, imported)
    assert (here(made).deposit, here(made).balance) == (Decimal("500.00"), Decimal("300.00"))
    assert here(made).books_status == BooksStatus.PARTLY_PAID


def test_a_balance_below_its_invoices_lowers_what_a_customer_owes(company: Company, imported: Connection) -> None:
    customer = company.write("Customer", {"DisplayName": "Journal Ltd"})
    company.bill(customer["Id"], amount="900.00")
    follow(company, imported)
    company.journal(customer["Id"], "250.00")
    follow(company, imported)
    buyer = Buyer.objects.get(reference=customer["Id"])
    assert open_credits(supplier=buyer.supplier)[buyer.pk, "USD"] == Decimal("250.00")


@pytest.mark.parametrize("kind", ["JournalEntry", "Check", "Deposit"])
def test_an_invoice_that_an_entry_closes_was_paid_with_no_money(
    company: Company, imported: Connection, kind: str
) -> None:
    customer = company.write("Customer", {"DisplayName": f"Closed by {kind}"})
    invoice = company.bill(customer["Id"], amount="1000.00")
    entry = company.journal(customer["Id"], "1000.00", kind)
    company.close(invoice, entry, "1000.00")
    follow(company, imported)
    buyer = Buyer.objects.get(reference=customer["Id"])
    assert (here(invoice).books_status, buyer.balance) == (BooksStatus.PAID, 0)
    facts = receivables.buyers(supplier=buyer.supplier)[buyer.pk]
    assert (facts.paid_invoices, facts.last_paid) == (0, None)
    assert open_credits(supplier=buyer.supplier).get((buyer.pk, "USD")) is None


def test_what_has_no_currency_is_in_the_home_currency(company: Company, imported: Connection) -> None:
    company.faults.set_rule("leave_out_currency", on=True)
    customer = company.write("Customer", {"DisplayName": "No Currency Ltd"})
    invoice = company.bill(customer["Id"], amount="1000.00")
    memo = company.credit(customer["Id"], amount="1000.00")
    payment = company.write("Payment", {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 5})
    assert not any("CurrencyRef" in made for made in (customer, invoice, memo, payment))
    follow(company, imported)
    buyer = Buyer.objects.get(reference=customer["Id"])
    home = imported.company_file.home_currency
    assert {home} == {
        buyer.currency,
        here(invoice).currency,
        CreditMemo.objects.get(reference=memo["Id"]).currency,
        BooksPayment.objects.get(reference=payment["Id"]).currency,
    }
    assert open_credits(supplier=buyer.supplier)[buyer.pk, home] == Decimal("1005.00")


def test_a_rename_of_a_parent_or_a_job_keeps_the_parent_in_the_name(company: Company, imported: Connection) -> None:
    parent = company.write("Customer", {"DisplayName": "Freeman"})
    job = company.write("Customer", {"DisplayName": "Ocean View", "ParentRef": {"value": parent["Id"]}})
    invoice = company.bill(job["Id"])
    follow(company, imported)
    assert here(invoice).company_name == "Freeman:Ocean View"
    company.edit("Customer", job["Id"], DisplayName="Pier 9")
    follow(company, imported)
    assert here(invoice).company_name == "Freeman:Pier 9"
    company.edit("Customer", parent["Id"], DisplayName="Freeman Sports")
    follow(company, imported)
    assert here(invoice).company_name == "Freeman Sports:Pier 9"
    assert Buyer.objects.get(reference=job["Id"]).full_name == "Freeman Sports:Pier 9"


def test_nothing_is_bought_of_an_inactive_customer_until_it_is_active(company: Company, imported: Connection) -> None:
    customer = company.write("Customer", {"DisplayName": "Sleeping Ltd"})
    invoice = company.bill(customer["Id"])
    company.edit("Customer", customer["Id"], Active=False)
    follow(company, imported)
    assert problem_of(invoice) == "inactive"
    company.edit("Customer", customer["Id"], Active=True)
    follow(company, imported)
    assert (problem_of(invoice), here(invoice).company_name) == ("", "Sleeping Ltd")


def problem_of(invoice: Payload) -> str:
    row = here(invoice)
    [found] = [one for one in receivables.load(supplier=row.supplier) if one.id == row.pk]
    return found.buyer_problem


def test_the_documents_of_a_customer_that_a_merge_leaves_inactive_are_the_other_ones(
    company: Company, imported: Connection
) -> None:
    company.pay(company.bill("2"), "10.00")
    company.credit("2")
    follow(company, imported)
    company.merge(kept="1", merged="2", deletes=False)
    follow(company, imported)
    for rows in (Invoice, BooksPayment, CreditMemo):
        assert not rows.objects.filter(customer_reference="2").exists()
