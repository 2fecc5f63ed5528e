"""infactor knows its own Payment when it comes back, and nobody else's."""

from datetime import timedelta

import pytest

from infactor.financing.accounting import balances
from infactor.financing.models import Advance, Case
from infactor.financing.watch import watching
from infactor.invoices.models import BooksPayment
from quickbooks_app.models import BookkeepingEntry, Push
from quickbooks_app.pushes import own_objects
from quickbooks_app.sync import refetch
from tests.functional.quickbooks_app.bookkeeping.conftest import Books
from tests.support.factories.suppliers import CompanyFileFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def advance(books: Books) -> Advance:
    """An advance of which the buyer has paid a part, with everything in the books."""
    advance = books.fund()
    books.scenario.pay(advance, "4000")
    books.work()
    return advance


def is_ours(books: Books, qbk_id: str, *, entity: str = "Payment", company_file_id: int | None = None) -> bool:
    file_id = company_file_id or books.connection.company_file_id
    return own_objects.is_ours(company_file_id=file_id, object_name=entity, object_id=qbk_id)


def test_its_own_objects_are_known_by_their_ids_and_only_in_their_company(books: Books, advance: Advance) -> None:
    paid = books.entry("buyer_payment").push
    deposit = books.entry("advance").push
    assert paid is not None
    assert deposit is not None
    assert is_ours(books, paid.qbk_id)
    assert is_ours(books, deposit.qbk_id, entity="Deposit")
    assert not is_ours(books, paid.qbk_id, entity="Deposit"), "ids of two objects may be equal"
    assert not is_ours(books, paid.qbk_id, company_file_id=CompanyFileFactory().pk)
    theirs = books.company.pay(books.company.read("Invoice", advance.invoice.qbk_invoice_id), "1000.00")
    assert not is_ours(books, theirs["Id"])
    assert (
        own_objects.changed_at(
            company_file_id=books.connection.company_file_id, object_name="Payment", object_id=theirs["Id"]
        )
        is None
    )


def test_a_copied_key_makes_nobody_elses_payment_its_own(books: Books, advance: Advance) -> None:
    key = books.entry("buyer_payment").key
    invoice = books.company.read("Invoice", advance.invoice.qbk_invoice_id)
    copied = books.company.pay(invoice, "1000.00", PaymentRefNum=key)
    refetch.refetch_objects(connection=books.connection, entity="Payment", ids=[copied["Id"]], now=books.company.clock)
    assert not is_ours(books, copied["Id"])


def test_a_payment_that_comes_back_before_its_answer_is_saved_is_known_by_its_key(
    books: Books, advance: Advance
) -> None:
    paid = books.entry("buyer_payment").push
    assert paid is not None
    Push.objects.filter(pk=paid.pk).update(state="sending", finished_at=None, qbk_id="")
    assert is_ours(books, paid.qbk_id)


def test_what_comes_back_is_one_payment_here_and_lowers_nothing_that_infactor_is_owed(
    books: Books, advance: Advance
) -> None:
    before = balances.outstanding(advance=advance)
    paid = books.entry("buyer_payment").push
    assert paid is not None
    for entity, qbk_id in (("Payment", paid.qbk_id), ("Invoice", advance.invoice.qbk_invoice_id)):
        refetch.refetch_objects(connection=books.connection, entity=entity, ids=[qbk_id], now=books.company.clock)
    assert BooksPayment.objects.filter(reference=paid.qbk_id).count() == 1
    assert balances.outstanding(advance=advance) == before
    books.work()
    assert BookkeepingEntry.objects.count() == 2, "it is no event of its own"


def test_its_own_payment_opens_no_case_and_somebody_elses_does(books: Books, advance: Advance) -> None:
    paid = books.entry("buyer_payment").push
    assert paid is not None
    assert BooksPayment.objects.get(reference=paid.qbk_id).is_own
    hours = timedelta(hours=2)  # by then a payment that infactor received would have been recorded
    watching.watch(supplier_id=advance.supplier_id, at=books.company.clock() + hours)
    misdirected = Case.objects.filter(kind="misdirected")
    assert not misdirected.exists()

    theirs = books.company.pay(books.company.read("Invoice", advance.invoice.qbk_invoice_id), "1000.00")
    for entity, qbk_id in (("Payment", theirs["Id"]), ("Invoice", advance.invoice.qbk_invoice_id)):
        refetch.refetch_objects(connection=books.connection, entity=entity, ids=[qbk_id], now=books.company.clock)
    watching.watch(supplier_id=advance.supplier_id, at=books.company.clock() + hours)
    assert misdirected.count() == 1
