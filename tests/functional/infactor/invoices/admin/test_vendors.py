"""Staff see what a supplier owes its own buyers, and say which vendor is which buyer."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.invoices.contra import matches
from infactor.invoices.ingest import further_rows
from infactor.invoices.ingest.further_records import PayableRecord, VendorRecord
from infactor.invoices.models import Buyer, CompanyFile, Vendor, VendorMatch
from infactor.users import roles
from tests.support.admin_client import confirm
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory
from tests.support.payloads import NOON
from tests.support.scenarios.financing import staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def underwriter(client: Client) -> Client:
    client.force_login(staff_member(roles.UNDERWRITER))
    return client


@pytest.fixture
def books() -> CompanyFile:
    """A customer, and a vendor of another name with the same mailbox, who is owed 480."""
    books = CompanyFileFactory(as_of=NOON, payables_as_of=NOON)
    BuyerFactory(company_file=books, name="Night Owl", email="ap@owl.example", reference="7")
    vendor = VendorRecord("9", name="Lane & Sons", email="in@owl.example", tax_id="12-3456789", currency="USD")
    bill = PayableRecord("1", "bill", "9", number="V-1", amount=Decimal(500), balance=Decimal(480), currency="USD")
    further_rows.upsert(kind="vendor", company_file=books, rows=[vendor], at=NOON)
    further_rows.upsert(kind="bill", company_file=books, rows=[bill], at=NOON)
    matches.refresh(company_file=books, at=NOON)
    return books


def test_a_doubtful_match_is_a_queue_and_an_answer_ends_it(underwriter: Client, books: CompanyFile) -> None:
    queue = reverse("admin:invoices_vendormatch_changelist") + "?state__exact=suggested"
    assert queue.replace("&", "&amp;") in underwriter.get(reverse("admin:index")).content.decode()
    assert "Same email domain" in underwriter.get(queue).content.decode()
    match = VendorMatch.objects.get()
    page = underwriter.get(reverse("admin:invoices_vendormatch_change", args=[match.pk])).content.decode()
    assert "$480.00" in page
    assert "123456789" not in page.replace("-", ""), "the tax number is masked"
    confirm(underwriter, reverse("admin:invoices_vendormatch_join", args=[match.pk]), reason="Same owner")
    assert VendorMatch.objects.get().state == "joined"
    of_buyer = reverse("admin:invoices_buyer_change", args=[Buyer.objects.get().pk])
    assert "One company" in underwriter.get(of_buyer).content.decode()
    confirm(underwriter, reverse("admin:invoices_vendormatch_undo", args=[match.pk]), reason="Mistaken")
    confirm(underwriter, reverse("admin:invoices_vendormatch_dismiss", args=[match.pk]), reason="A shared mailbox")
    assert "Same email domain" not in underwriter.get(queue).content.decode()


def test_staff_say_that_a_vendor_is_a_customer_by_name_or_number(underwriter: Client, books: CompanyFile) -> None:
    address = reverse("admin:invoices_vendor_buyer", args=[Vendor.objects.get().pk])
    BuyerFactory(name="Elsewhere", reference="8")
    for name, said in (("Elsewhere", "no such customer"), ("8", "no such customer")):
        answer = confirm(underwriter, address, buyer=name, reason="Told by telephone")
        assert said in answer.content.decode()
    confirm(underwriter, address, buyer="night owl", reason="Told by telephone")
    assert VendorMatch.objects.get().state == "joined"
    assert "V-1" in underwriter.get(reverse("admin:invoices_payable_changelist"), {"q": "V-1"}).content.decode()
