"""Recalculation keeps the stored eligibility up to date, and writes only what has changed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from infactor.financing import tasks
from infactor.financing.eligibility import reassessment, recalculation, serialization
from infactor.financing.models import Eligibility, EligibilityRecalculation
from infactor.invoices.models import Buyer, CompanyFile, Invoice
from tests.support.factories.suppliers import BuyerFactory, InvoiceFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@pytest.fixture
def buyer() -> Buyer:
    """A business buyer that has paid twice before; its books were read an hour ago."""
    found = BuyerFactory(company_name="Acme Inc")
    CompanyFile.objects.update(as_of=AT - timedelta(hours=1))
    InvoiceFactory.create_batch(2, buyer=found, books_status="paid", balance=Decimal(0))
    return found


def fine(buyer: Buyer, **values: object) -> Invoice:
    """An invoice that lacks nothing but its buyer's confirmation."""
    return InvoiceFactory(buyer=buyer, txn_date=date(2026, 11, 1), payable_date=date(2026, 12, 1), **values)


def test_an_invoice_is_evaluated_and_its_assessment_is_stored(buyer: Buyer) -> None:
    invoice = fine(buyer)
    done = recalculation.recalculate(supplier_id=buyer.supplier_id, at=AT)
    assert (done.evaluated, done.written, done.is_up_to_date) == (3, 3, True)
    kept = Eligibility.objects.get(invoice=invoice)
    assert (kept.decision, kept.deciding_rule) == ("needs_action", "verification")
    assert (kept.face, kept.base, kept.advance) == (Decimal("1080.00"), Decimal("1000.00"), Decimal("850.00"))
    assert kept.as_of == date(2026, 11, 20)


def test_recalculating_again_changes_nothing(buyer: Buyer) -> None:
    fine(buyer)
    recalculation.recalculate(supplier_id=buyer.supplier_id, at=AT)
    assert recalculation.recalculate(supplier_id=buyer.supplier_id, at=AT).written == 0
    assert recalculation.suppliers_due(at=AT) == []
    assert (
        EligibilityRecalculation.objects.get().computed_version
        == EligibilityRecalculation.objects.get().requested_version
    )


def test_changed_books_are_due_after_a_cooldown_and_a_request_at_once(buyer: Buyer) -> None:
    supplier = buyer.supplier_id
    assert recalculation.suppliers_due(at=AT) == [supplier]
    recalculation.recalculate(supplier_id=supplier, at=AT)
    EligibilityRecalculation.objects.update(duration_seconds=Decimal(20))
    CompanyFile.objects.update(revision=7)
    assert recalculation.suppliers_due(at=AT + timedelta(seconds=59)) == []
    assert recalculation.suppliers_due(at=AT + timedelta(seconds=60)) == [supplier]
    recalculation.request_recalculation(supplier_ids=[supplier])
    assert recalculation.suppliers_due(at=AT) == [supplier]
    assert recalculation.suppliers_due(at=AT, supplier_ids=[supplier + 1]) == []


def test_a_new_day_of_the_supplier_is_due(buyer: Buyer) -> None:
    supplier = buyer.supplier_id  # in Los Angeles, where it is noon
    recalculation.recalculate(supplier_id=supplier, at=AT)
    assert recalculation.suppliers_due(at=datetime(2026, 11, 21, 7, 59, tzinfo=UTC)) == []
    assert recalculation.suppliers_due(at=datetime(2026, 11, 21, 8, 0, tzinfo=UTC)) == [supplier]


def test_only_what_has_changed_is_written(buyer: Buyer) -> None:
    invoice, other = fine(buyer), fine(buyer)
    recalculation.recalculate(supplier_id=buyer.supplier_id, at=AT)
    Invoice.objects.filter(pk=invoice.pk).update(payable_date=date(2026, 11, 21))
    done = recalculation.recalculate(supplier_id=buyer.supplier_id, at=AT)
    assert (done.evaluated, done.written) == (4, 1)
    assert Eligibility.objects.get(invoice=invoice).deciding_rule == "days_to_due"
    assert Eligibility.objects.get(invoice=other).deciding_rule == "verification"


def test_a_new_day_leaves_alone_what_says_the_same(buyer: Buyer) -> None:
    fine(buyer)
    recalculation.recalculate(supplier_id=buyer.supplier_id, at=AT)
    assert (
        recalculation.recalculate(supplier_id=buyer.supplier_id, at=AT + timedelta(days=1)).written == 1
    )  # not what is paid


def test_another_suppliers_rows_are_left_alone(buyer: Buyer) -> None:
    theirs = fine(BuyerFactory())
    fine(buyer)
    recalculation.recalculate(supplier_id=buyer.supplier_id, at=AT)
    assert not Eligibility.objects.filter(invoice=theirs).exists()


def test_what_is_stored_reads_as_it_was_assessed(buyer: Buyer) -> None:
    invoice = fine(buyer)
    recalculation.recalculate(supplier_id=buyer.supplier_id, at=AT)
    kept = Eligibility.objects.get(invoice=invoice)
    now = reassessment.reassess(supplier=buyer.supplier, invoices=[invoice], at=AT)[invoice.pk]
    assert serialization.loads(kept.breakdown) == (now.results, now.deductions)
    assert kept.terms_id == now.terms_version
    assert kept.next_change_on == now.next_change_on == date(2026, 11, 25)


def test_a_request_before_the_first_recalculation_makes_it_due(buyer: Buyer) -> None:
    recalculation.request_recalculation(supplier_ids=[buyer.supplier_id, buyer.supplier_id])
    recalculation.request_recalculation_for_all()
    assert EligibilityRecalculation.objects.get().requested_version == 2
    recalculation.recalculate(supplier_id=buyer.supplier_id, at=AT)
    assert recalculation.suppliers_due(at=AT) == []


def test_finding_nothing_due_costs_one_query(buyer: Buyer, django_assert_num_queries: Any) -> None:
    recalculation.recalculate(supplier_id=buyer.supplier_id, at=AT)
    with django_assert_num_queries(1):
        assert recalculation.suppliers_due(at=AT) == []


def test_the_task_recalculates_a_supplier_that_is_due_and_skips_one_that_is_not(buyer: Buyer) -> None:
    with time_machine.travel(AT, tick=False):
        tasks.recalculate_supplier(buyer.supplier_id)
        assert EligibilityRecalculation.objects.get().computed_at == AT
    EligibilityRecalculation.objects.update(computed_at=None, books_revision=0)
    with time_machine.travel(AT, tick=False):
        tasks.recalculate_supplier(buyer.supplier_id)
    assert EligibilityRecalculation.objects.get().computed_at is None
