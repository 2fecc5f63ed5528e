"""A narrow recalculation follows named changes, looks at nothing else, and knows when that is too little."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from infactor.financing import tasks
from infactor.financing.eligibility import recalculation
from infactor.financing.eligibility.recalculation import debtor_shares, progress
from infactor.financing.models import Eligibility, EligibilityRecalculation
from infactor.invoices.ingest import deletions, payments, revisions, upserts
from infactor.invoices.ingest.records import AllocationRecord, BuyerRecord, InvoiceRecord, PaymentRecord
from infactor.invoices.models import Buyer, CompanyFile, Invoice, NamedRevision
from tests.support.factories.suppliers import BuyerFactory, InvoiceFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@pytest.fixture
def buyers() -> list[Buyer]:
    """Five buyers of one supplier, each with four invoices of 1,000 and two that it paid; all evaluated."""
    first = BuyerFactory(company_name="Acme Inc")
    others = [BuyerFactory(company_name="Acme Inc", company_file=first.company_file) for _ in range(4)]
    CompanyFile.objects.update(as_of=AT - timedelta(hours=1))
    for buyer in (first, *others):
        InvoiceFactory.create_batch(2, buyer=buyer, books_status="paid", balance=Decimal(0))
        InvoiceFactory.create_batch(4, buyer=buyer, **figures(1000))
    recalculation.recalculate(supplier_id=first.supplier_id, at=AT)
    return [first, *others]


def figures(amount: int) -> dict[str, Any]:
    return {
        "invoice_amount": Decimal(amount),
        "balance": Decimal(amount),
        "tax_amount": Decimal(0),
        "txn_date": date(2026, 11, 1),
        "payable_date": date(2026, 12, 1),
    }


def invoice_of(buyer: Buyer) -> Invoice:
    return Invoice.objects.filter(buyer=buyer, books_status="open").order_by("pk")[0]


def edit(invoice: Invoice, **changed: Any) -> None:
    """The books bring the invoice with other values."""
    values = {name: getattr(invoice, name) for name in InvoiceRecord._fields}
    record = InvoiceRecord(**{**values, "items": "[]", "tax_details": "{}", "linked_txn": "[]", **changed})
    upserts.upsert_invoices(company_file=invoice.company_file, records=[record], at=AT)


def narrow(buyer: Buyer, *, at: datetime = AT) -> recalculation.RecalculationResult | None:
    return recalculation.recalculate_changes(supplier_id=buyer.supplier_id, at=at)


def base(invoice: Invoice) -> Decimal:
    return Eligibility.objects.get(invoice=invoice).base


def test_only_the_buyer_of_a_changed_invoice_is_evaluated(buyers: list[Buyer]) -> None:
    invoice = invoice_of(buyers[0])
    edit(invoice, payable_date=date(2026, 11, 21))
    done = narrow(buyers[0])
    assert done is not None
    assert (done.evaluated, done.is_up_to_date) == (6, True)
    assert Eligibility.objects.get(invoice=invoice).deciding_rule == "days_to_due"
    assert not NamedRevision.objects.exists()
    assert recalculation.suppliers_due(at=AT) == []


def test_nothing_changed_nothing_is_evaluated(buyers: list[Buyer]) -> None:
    assert narrow(buyers[0]) is None


def test_an_invoice_that_moves_is_evaluated_with_both_buyers(buyers: list[Buyer]) -> None:
    edit(invoice_of(buyers[0]), customer_reference=buyers[1].reference)
    done = narrow(buyers[0])
    assert done is not None
    assert done.evaluated == 12
    kept = debtor_shares.load(supplier_id=buyers[0].supplier_id)
    assert [kept[f"buyer:{one.pk}", "USD"].candidates for one in buyers] == [3, 5, 4, 4, 4]


def test_what_concentration_cuts_follows_a_change_elsewhere(buyers: list[Buyer]) -> None:
    """Of 20,000 a buyer may be 25 %, 5,000. When one of them owes 4,000 more, it is cut, until another owes more."""
    large, other = invoice_of(buyers[0]), invoice_of(buyers[1])
    edit(large, invoice_amount=Decimal(6000), balance=Decimal(6000))
    assert narrow(buyers[0])
    # 25 % of 25,000 are 6,250: of 9,000, 2,750 are cut.
    assert sum(base(one) for one in Invoice.objects.filter(buyer=buyers[0], books_status="open")) == Decimal(6250)
    edit(other, invoice_amount=Decimal(2000), balance=Decimal(2000))
    done = narrow(buyers[0])
    assert done is not None
    assert done.evaluated == 12  # both buyers, and none of the other three
    assert sum(base(one) for one in Invoice.objects.filter(buyer=buyers[0], books_status="open")) == Decimal(6500)


def test_the_duplicates_of_an_invoice_follow_it(buyers: list[Buyer]) -> None:
    twin, invoice = invoice_of(buyers[1]), invoice_of(buyers[0])
    theirs = InvoiceFactory(buyer=BuyerFactory(company_name="Acme Inc"), invoice_no="TWIN-1", **figures(1000))
    Buyer.objects.filter(pk=theirs.buyer_id).update(name=buyers[1].name)
    edit(twin, invoice_no="TWIN-1")
    assert narrow(buyers[0])
    assert Eligibility.objects.get(invoice=twin).deciding_rule == "duplicate"
    Invoice.objects.filter(pk=theirs.pk).update(books_status="voided")
    edit(invoice, private_note="nothing of this")  # a change elsewhere finds that it is no duplicate any more
    assert narrow(buyers[0])
    assert Eligibility.objects.get(invoice=twin).deciding_rule != "duplicate"


def add_payable(file: CompanyFile) -> None:
    revisions.increment(company_file_ids=[file.pk])


def rename(file: CompanyFile) -> None:
    record = BuyerRecord(file.buyers.earliest("pk").reference, name="Another", company_name="Acme Inc")
    upserts.upsert_buyers(company_file=file, records=[record], at=AT)


def go_stale(file: CompanyFile) -> None:
    CompanyFile.objects.filter(pk=file.pk).update(as_of=AT - timedelta(days=3))


def ask(file: CompanyFile) -> None:
    recalculation.request_recalculation(supplier_ids=[file.supplier_id])


def overflow(file: CompanyFile) -> None:
    with mock.patch.object(revisions, "MAX_NAMED", 0):
        edit(file.invoices.earliest("pk"), private_note="many")


def many_duplicates(file: CompanyFile) -> None:
    EligibilityRecalculation.objects.update(duplicate_ids=None)


@pytest.mark.parametrize("change", [add_payable, rename, go_stale, ask, overflow, many_duplicates])
def test_what_no_change_names_needs_a_full_recalculation(
    buyers: list[Buyer], change: Callable[[CompanyFile], None]
) -> None:
    edit(invoice_of(buyers[0]), payable_date=date(2026, 11, 21))
    change(buyers[0].company_file)
    before = list(Eligibility.objects.order_by("pk").values())
    assert narrow(buyers[0]) is None
    assert list(Eligibility.objects.order_by("pk").values()) == before
    recalculation.recalculate(supplier_id=buyers[0].supplier_id, at=AT)
    assert not NamedRevision.objects.exists()


def test_a_new_day_needs_a_full_recalculation(buyers: list[Buyer]) -> None:
    edit(invoice_of(buyers[0]), payable_date=date(2026, 11, 21))
    assert narrow(buyers[0], at=AT + timedelta(days=1)) is None


def test_a_supplier_without_a_full_recalculation_needs_one() -> None:
    invoice = InvoiceFactory()
    edit(invoice, payable_date=date(2026, 11, 21))
    assert recalculation.recalculate_changes(supplier_id=invoice.supplier_id, at=AT) is None


def test_payments_name_the_invoices_that_they_pay(buyers: list[Buyer]) -> None:
    invoice = invoice_of(buyers[2])
    record = PaymentRecord("77", amount=Decimal(10), allocations=(AllocationRecord("Invoice", invoice.qbk_invoice_id),))
    payments.upsert_payments(company_file=invoice.company_file, records=[record], at=AT)
    done = narrow(buyers[0])
    assert done is not None
    assert done.evaluated == 6
    payments.mark_payments_deleted(company_file=invoice.company_file, references=["77"], books_at={}, at=AT)
    deletions.mark_invoices_deleted(company_file=invoice.company_file, deleted={invoice.qbk_invoice_id: AT}, at=AT)
    done = narrow(buyers[0])
    assert done is not None
    assert (done.evaluated, done.written) == (6, 4)  # the deleted one, and what the credit limit notes of the others


def test_the_task_does_not_wait_for_its_turn_where_changes_are_named(buyers: list[Buyer]) -> None:
    EligibilityRecalculation.objects.update(duration_seconds=Decimal(20))
    invoice = invoice_of(buyers[0])
    edit(invoice, payable_date=date(2026, 11, 21))
    with time_machine.travel(AT + timedelta(seconds=1), tick=False):
        assert recalculation.suppliers_due(at=AT + timedelta(seconds=1)) == []
        tasks.recalculate_supplier(buyers[0].supplier_id)
    assert Eligibility.objects.get(invoice=invoice).deciding_rule == "days_to_due"


def test_a_crash_half_way_leaves_the_change_to_be_evaluated(buyers: list[Buyer]) -> None:
    invoice = invoice_of(buyers[0])
    edit(invoice, payable_date=date(2026, 11, 21))
    with mock.patch.object(progress, "save", side_effect=RuntimeError), pytest.raises(RuntimeError):
        narrow(buyers[0])
    assert Eligibility.objects.get(invoice=invoice).deciding_rule != "days_to_due"
    assert narrow(buyers[0])
    assert Eligibility.objects.get(invoice=invoice).deciding_rule == "days_to_due"


def test_a_change_that_comes_meanwhile_stays_to_be_evaluated(buyers: list[Buyer]) -> None:
    invoice, later = invoice_of(buyers[0]), invoice_of(buyers[1])
    edit(invoice, payable_date=date(2026, 11, 21))
    save = progress.save

    def change_then_save(*args: Any, **given: Any) -> bool:
        edit(later, payable_date=date(2026, 11, 21))
        return save(*args, **given)

    with mock.patch.object(progress, "save", change_then_save):
        assert narrow(buyers[0])
    assert Eligibility.objects.get(invoice=later).deciding_rule != "days_to_due"
    assert narrow(buyers[0])
    assert Eligibility.objects.get(invoice=later).deciding_rule == "days_to_due"


def test_however_many_invoices_there_are_it_reads_and_evaluates_no_more(buyers: list[Buyer]) -> None:
    def queries_and_evaluated() -> tuple[int, int]:
        invoice = invoice_of(buyers[0])
        edit(invoice, payable_date=invoice.payable_date - timedelta(days=1))
        with CaptureQueriesContext(connection) as asked:
            done = narrow(buyers[0])
        assert done is not None
        return len(asked), done.evaluated

    few = queries_and_evaluated()
    file = buyers[0].company_file
    Buyer.objects.bulk_create(
        Buyer(supplier=file.supplier, company_file=file, reference=f"many-{n}", name=f"Many {n}", company_name="Inc")
        for n in range(100)
    )
    many = Buyer.objects.filter(reference__startswith="many-")
    given = {"supplier": file.supplier, "company_file": file, "source": "QuickBooks", "currency": "USD"}
    Invoice.objects.bulk_create(
        Invoice(
            buyer=buyer, qbk_invoice_id=f"{buyer.pk}-{n}", invoice_no=f"{buyer.pk}-{n}", **given, **figures(100 + n)
        )
        for buyer in many
        for n in range(50)
    )
    recalculation.recalculate(supplier_id=file.supplier_id, at=AT)
    assert queries_and_evaluated() == few
    assert few[1] == 6
