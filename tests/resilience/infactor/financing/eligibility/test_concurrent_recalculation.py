"""Eligibility recalculation is safe beside another recalculation, a new request, and an import."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from infactor.financing.eligibility import recalculation
from infactor.financing.models import Eligibility, EligibilityRecalculation, FundingTerms
from infactor.invoices.ingest import upserts
from infactor.invoices.ingest.records import InvoiceRecord
from infactor.invoices.models import CompanyFile, Invoice, NamedRevision
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, InvoiceFactory
from tests.support.scenarios.supplier_books import JSON_FIELDS

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@pytest.fixture
def supplier() -> Supplier:
    if not FundingTerms.objects.exists():
        FundingTerms.objects.create(currency="USD", valid_from=date(2020, 1, 1), reason="first", set_at=AT)
    buyer = BuyerFactory(company_name="Acme Inc")
    CompanyFile.objects.update(as_of=AT)
    InvoiceFactory.create_batch(40, buyer=buyer)
    return buyer.supplier


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Run all `acts` concurrently, each on its own thread and connection; return each result or exception."""
    start, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            start.wait()
            found[place] = act()
        except Exception as error:  # noqa: BLE001  whatever it is, the test looks at it
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_many_at_once_write_every_assessment_once(supplier: Supplier) -> None:
    found = together(*[lambda: recalculation.recalculate(supplier_id=supplier.pk, at=AT)] * 6)
    assert not [one for one in found if isinstance(one, Exception)]
    assert sum(one.written for one in found) == Eligibility.objects.count() == 40
    assert any(one.is_up_to_date for one in found)
    assert recalculation.suppliers_due(at=AT) == []


def test_requests_recalculations_and_locked_invoices_at_once_end_without_a_deadlock(supplier: Supplier) -> None:
    pks = list(Invoice.objects.order_by("pk").values_list("pk", flat=True))

    def request_all() -> None:
        with transaction.atomic():
            list(Invoice.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
            recalculation.request_recalculation(supplier_ids=[supplier.pk])

    def request_some() -> None:
        with transaction.atomic():
            list(Invoice.objects.select_for_update().filter(pk__in=pks[5:]).order_by("pk"))
            recalculation.request_recalculation(supplier_ids=[supplier.pk])

    def recalculate() -> None:
        for _ in range(3):
            recalculation.recalculate(supplier_id=supplier.pk, at=AT)

    found = together(request_all, request_some, recalculate, request_all, request_some, recalculate)
    assert not [one for one in found if isinstance(one, Exception)]
    recalculation.recalculate(supplier_id=supplier.pk, at=AT)
    assert Eligibility.objects.count() == 40
    # One version for each of the four requests, and one if a recalculation created the row.
    assert EligibilityRecalculation.objects.get().requested_version in (4, 5)


def test_a_request_during_a_recalculation_stays_open(supplier: Supplier) -> None:
    recalculation.request_recalculation(supplier_ids=[supplier.pk])
    asked, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            recalculation.request_recalculation(supplier_ids=[supplier.pk])
            asked.set()
            go_on.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert asked.wait(20)
    done = recalculation.recalculate(supplier_id=supplier.pk, at=AT)
    go_on.set()
    thread.join(20)
    assert (done.written, done.is_up_to_date) == (40, False)
    assert recalculation.suppliers_due(at=AT) == [supplier.pk]
    assert recalculation.recalculate(supplier_id=supplier.pk, at=AT).written == 0
    assert recalculation.suppliers_due(at=AT) == []


def test_balances_are_of_the_moment_of_the_assessment(supplier: Supplier) -> None:
    recalculation.recalculate(supplier_id=supplier.pk, at=AT)
    Invoice.objects.update(balance=Decimal(0), books_status="paid")
    recalculation.recalculate(supplier_id=supplier.pk, at=AT)
    assert set(Eligibility.objects.values_list("deciding_rule", "face")) == {("open_balance", Decimal(0))}


def test_changes_and_narrow_and_full_recalculations_at_once_end_as_one_full_recalculation(supplier: Supplier) -> None:
    recalculation.recalculate(supplier_id=supplier.pk, at=AT)
    file, first = supplier.company_files.get(), Invoice.objects.earliest("pk")
    kept = {name: getattr(first, name) for name in InvoiceRecord._fields} | dict.fromkeys(JSON_FIELDS, "[]")

    def change() -> None:
        for amount in range(1, 6):
            values = {"qbk_invoice_id": f"new-{amount}", "balance": Decimal(amount), "invoice_amount": Decimal(amount)}
            upserts.upsert_invoices(company_file=file, records=[InvoiceRecord(**{**kept, **values})], at=AT)

    def narrow() -> None:
        for _ in range(5):
            recalculation.recalculate_changes(supplier_id=supplier.pk, at=AT)

    found = together(change, narrow, narrow, lambda: recalculation.recalculate(supplier_id=supplier.pk, at=AT), narrow)
    assert not [one for one in found if isinstance(one, Exception)]
    recalculation.recalculate_changes(supplier_id=supplier.pk, at=AT)
    assert recalculation.suppliers_due(at=AT) == []
    assert not NamedRevision.objects.exists()
    assert Eligibility.objects.count() == 45
    assert recalculation.recalculate(supplier_id=supplier.pk, at=AT).written == 0
