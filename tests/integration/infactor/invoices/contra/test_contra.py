"""What a supplier owes its own buyers: which vendor is which buyer, staff's answers, and the sums by currency."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from infactor.core.models import AuditEvent
from infactor.invoices.contra import matches
from infactor.invoices.contra.owed import owed_to_buyers
from infactor.invoices.ingest import further_rows
from infactor.invoices.ingest.further_records import PayableRecord, VendorRecord
from infactor.invoices.models import Buyer, CompanyFile, Vendor, VendorMatch
from infactor.users import roles
from infactor.users.models import User
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory
from tests.support.payloads import NOON
from tests.support.scenarios.financing import staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> CompanyFile:
    return CompanyFileFactory(as_of=NOON, payables_as_of=NOON)


@pytest.fixture
def owl(books: CompanyFile) -> Buyer:
    return BuyerFactory(company_file=books, reference="7", name="Night Owl Inc", email="ap@owl.example")


@pytest.fixture
def underwriter() -> User:
    return staff_member(roles.UNDERWRITER)


def vendor(books: CompanyFile, reference: str = "7", **values: Any) -> Vendor:
    record = VendorRecord(reference, **{"name": "Night Owl (vendor)", "currency": "USD", **values})
    further_rows.upsert(kind="vendor", company_file=books, rows=[record], at=NOON)
    matches.refresh(company_file=books, at=NOON)
    return Vendor.objects.get(company_file=books, reference=reference)


def owe(books: CompanyFile, amount: str | None, reference: str = "1", **values: Any) -> None:
    kind = values.pop("kind", "bill")
    usual = {"vendor_reference": "7", "currency": "USD", "amount": Decimal(90), "balance": amount and Decimal(amount)}
    record = PayableRecord(reference, kind, **{**usual, **values})
    further_rows.upsert(kind=kind, company_file=books, rows=[record], at=NOON)


def owed(books: CompanyFile) -> dict[Any, Decimal]:
    return owed_to_buyers(supplier=books.supplier).amounts


def states() -> list[tuple[str, str]]:
    return list(VendorMatch.objects.order_by("buyer__name").values_list("buyer__name", "state"))


def test_bills_less_credits_are_owed_in_each_currency(books: CompanyFile, owl: Buyer) -> None:
    vendor(books)
    owe(books, "80.00")
    owe(books, "25.00", "2", kind="vendor_credit")
    owe(books, None, "3")  # unreadable: in full
    owe(books, None, "4", kind="vendor_credit")  # unreadable: not at all
    owe(books, "500.00", "5", currency="EUR")
    owe(books, "900.00", "6", kind="vendor_credit", currency="CAD")
    owe(books, "70.00", "7", vendor_reference="")
    assert owed(books) == {(owl.pk, "USD"): Decimal(145), (owl.pk, "EUR"): Decimal(500)}


def test_a_vendor_of_another_name_is_owed_by_nobody(books: CompanyFile, owl: Buyer) -> None:
    """The ids are those of two lists: customer 7 and vendor 7 have nothing in common."""
    vendor(books, name="Two Rivers Freight")
    owe(books, "80.00")
    assert (owed(books), states()) == ({}, [])


def test_an_inactive_vendor_is_still_owed_and_a_deleted_one_is_not(books: CompanyFile, owl: Buyer) -> None:
    vendor(books, name="Night Owl (deleted)", is_active=False)
    owe(books, "80.00")
    assert owed(books) == {(owl.pk, "USD"): Decimal(80)}
    further_rows.mark_deleted(kind="vendor", company_file=books, deleted={"7": NOON}, at=NOON)
    matches.refresh(company_file=books, at=NOON)
    assert (owed(books), states()) == ({}, [])


def test_of_two_customers_with_one_name_the_one_in_the_vendors_currency_is_it(books: CompanyFile, owl: Buyer) -> None:
    euro = BuyerFactory(company_file=books, name="Night Owl GmbH", currency="EUR")
    vendor(books, currency="EUR")
    owe(books, "80.00", currency="EUR")
    assert owed(books) == {(euro.pk, "EUR"): Decimal(80)}
    BuyerFactory(company_file=books, name="Night Owl Ltd", currency="EUR")
    matches.refresh(company_file=books, at=NOON)
    assert {state for _, state in states()} == {"suggested"}, "nobody knows which"


def test_what_staff_decide_stays_and_can_be_undone(books: CompanyFile, owl: Buyer, underwriter: User) -> None:
    found = vendor(books, name="O. W. Lane", email="in@owl.example")
    owe(books, "80.00")
    assert (owed(books), states()) == ({}, [("Night Owl Inc", "suggested")])
    before = books.revision
    match = matches.join(vendor=found, buyer=owl, by=underwriter, at=NOON, reason="Same owner")
    assert owed(books) == {(owl.pk, "USD"): Decimal(80)}
    books.refresh_from_db()
    assert books.revision > before, "eligibility is due again"
    vendor(books, name="Renamed", email="")
    assert owed(books) == {(owl.pk, "USD"): Decimal(80)}
    matches.dismiss(match=match, by=underwriter, at=NOON, reason="No")
    assert owed(books) == {}
    vendor(books, name="Night Owl")
    assert states() == [("Night Owl Inc", "dismissed")]
    matches.undo(match=match, by=underwriter, at=NOON)
    assert states() == [("Night Owl Inc", "joined")], "infactor decides again"
    events = AuditEvent.objects.filter(event__startswith="vendor.", actor=underwriter)
    assert list(events.order_by("pk").values_list("event", "supplier_id")) == [
        (event, books.supplier_id) for event in ("vendor.joined", "vendor.dismissed", "vendor.decision_undone")
    ]


def test_a_vendor_is_never_two_buyers(books: CompanyFile, owl: Buyer, underwriter: User) -> None:
    found, other = vendor(books), BuyerFactory(company_file=books, name="Owlet")
    with pytest.raises(matches.MatchError, match="undo that first"):
        matches.join(vendor=found, buyer=other, by=underwriter, at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        VendorMatch.objects.create(vendor=found, buyer=other, state="joined")


def test_only_the_same_books_and_a_top_customer_can_be_joined(
    books: CompanyFile, owl: Buyer, underwriter: User
) -> None:
    found, job = vendor(books, name="Lane"), BuyerFactory(company_file=books, parent=owl)
    for buyer in (BuyerFactory(), job):
        with pytest.raises(matches.MatchError):
            matches.join(vendor=found, buyer=buyer, by=underwriter, at=NOON)
    with pytest.raises(roles.NotAllowed):
        matches.join(vendor=found, buyer=owl, by=staff_member(roles.READ_ONLY), at=NOON)
    assert states() == []


def test_another_suppliers_vendor_of_that_name_counts_for_nobody(books: CompanyFile, owl: Buyer) -> None:
    other = CompanyFileFactory(as_of=NOON, payables_as_of=NOON)
    vendor(other)
    owe(other, "80.00")
    assert (owed(books), owed(other), states()) == ({}, {}, [])


@pytest.mark.parametrize(("behind", "is_known"), [(timedelta(days=2), True), (timedelta(days=4), False), (None, False)])
def test_it_is_known_while_the_bills_are_read_with_the_invoices(
    books: CompanyFile, owl: Buyer, behind: timedelta | None, is_known: bool
) -> None:
    CompanyFile.objects.update(payables_as_of=None if behind is None else NOON - behind)
    assert (owl.pk not in owed_to_buyers(supplier=books.supplier).unknown) is is_known


def test_an_older_version_of_a_bill_changes_nothing_and_a_deleted_one_stays_away(
    books: CompanyFile, owl: Buyer
) -> None:
    vendor(books)
    owe(books, "80.00", books_updated_at=NOON, sync_token="2")
    owe(books, "60.00", books_updated_at=NOON, sync_token="1")
    assert owed(books) == {(owl.pk, "USD"): Decimal(80)}
    further_rows.mark_deleted(kind="bill", company_file=books, deleted={"1": NOON + timedelta(hours=1)}, at=NOON)
    owe(books, "80.00", books_updated_at=NOON, sync_token="2")
    assert owed(books) == {}
