"""What a supplier may not make is refused where it was entered, in its own words, before anything is sent."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from infactor.invoices.models import Buyer, Invoice
from infactor.invoices.states import State
from quickbooks_app.models import Connection, Push
from tests.functional.quickbooks_app.making.conftest import Maker, entered
from tests.functional.quickbooks_app.pushes.test_pushes import work
from tests.support.admin_client import visible_text
from tests.support.factories.suppliers import MembershipFactory

pytestmark = pytest.mark.django_db
LONG = "x" * 5000
Cases = list[tuple[dict[str, str], str]]


def _not_refused(maker: Maker, address: str, cases: Cases) -> list[str]:
    """The reasons that the page did not give."""
    pages = [(why, visible_text(maker.preview(address, **typed))) for typed, why in cases]
    return [f"{why}: {page}" for why, page in pages if why not in page]


BAD_INVOICES: Cases = [
    ({"issued": ""}, "This field is required"),
    ({"issued": "yesterday"}, "Enter a date such as"),
    ({"issued": "2036-01-01"}, "at most a year from today"),
    ({"due": "2026-11-01"}, "before the invoice date"),
    ({"due": "2046-11-01"}, "more than five years"),
    ({"number": "9" * 22}, "at most 21 characters"),
    ({"message": LONG}, "at most 1000 characters"),
    ({"email": "no address"}, "valid email address"),
    ({"term": "77"}, "Select a valid choice"),
    ({"lines-0-item": ""}, "Choose one of the items"),
    ({"lines-0-item": "Moon rock"}, "Choose one of the items"),
    ({"lines-0-quantity": "-3"}, "greater than or equal to"),
    ({"lines-0-quantity": "NaN"}, "Enter a number"),
    ({"lines-0-price": "1e400"}, "Enter a number"),
    ({"lines-0-price": "0.0000001"}, "decimal places"),
    ({"lines-0-price": "0"}, "comes to nothing"),
    ({"lines-0-description": LONG}, "at most 4000 characters"),
    ({"lines-0-item": "", "lines-0-quantity": "", "lines-0-price": ""}, "at least one line"),
    ({"lines-0-tax": "TAX", "tax_code": ""}, "Choose the tax"),
    ({"lines-TOTAL_FORMS": "many"}, "ManagementForm"),
    ({"lines-TOTAL_FORMS": "1000"}, "60"),
]


def test_an_invoice_that_quickbooks_would_not_take_is_refused(maker: Maker) -> None:
    address = maker.invoice()
    assert _not_refused(maker, address, [(entered(**changes), why) for changes, why in BAD_INVOICES]) == []
    assert maker.make(address, **entered(issued="")).status_code == 200
    assert not Push.objects.exists()


def test_a_number_that_is_taken_or_on_its_way_is_refused(maker: Maker) -> None:
    taken = Invoice.objects.exclude(invoice_no="").first()
    assert taken is not None
    typed = entered(number=taken.invoice_no)
    assert "an invoice of this number already" in visible_text(maker.preview(maker.invoice(), **typed))
    assert maker.make(maker.invoice(), **entered(number="Q-8")).status_code == 302
    other = entered(number="q-8", message="Other")
    assert "on its way to QuickBooks" in visible_text(maker.preview(maker.invoice(), **other))


BAD_BUYERS: Cases = [
    ({"name": ""}, "This field is required"),
    ({"name": "A:B"}, "no colon"),
    ({"name": "x" * 501}, "at most 500 characters"),
    ({"name": "Quay", "company": "x" * 101}, "at most 100 characters"),
    ({"name": "Quay", "email": "quay"}, "valid email address"),
    ({"name": "Quay", "phone": "1" * 31}, "at most 30 characters"),
    ({"name": "Quay", "street": "x" * 501}, "at most 500 characters"),
    ({"name": "Quay", "postal_code": "1" * 31}, "at most 30 characters"),
    ({"name": "Quay", "country": "Atlantis"}, "Select a valid choice"),
    ({"name": "Quay", "currency": "XXX"}, "Select a valid choice"),  # ISO 4217's code for no currency
]


def test_a_buyer_that_quickbooks_would_not_take_is_refused(maker: Maker) -> None:
    cases = [({"currency": "USD", **typed}, why) for typed, why in BAD_BUYERS]
    assert _not_refused(maker, maker.address("make/buyer"), cases) == []
    assert not Push.objects.exists()


def test_a_name_that_anybody_has_is_refused(maker: Maker) -> None:
    address = maker.address("make/buyer")
    taken = Buyer.objects.earliest("pk").name
    shown = visible_text(maker.preview(address, name=taken.upper(), currency="USD"))
    assert "a customer of this name in QuickBooks already" in shown
    maker.make(address, name="Quay", currency="USD")
    assert "on its way" in visible_text(maker.preview(address, name="quay", currency="USD", phone="1"))
    # A vendor whom infactor has not read: QuickBooks itself refuses, in plain words.
    maker.company.write("Vendor", {"DisplayName": "Hicks Hardware"})
    maker.make(address, name="Hicks Hardware", currency="USD")
    work(maker.company)
    failed = Push.objects.get(state="failed")
    assert "The name is taken in QuickBooks already" in maker.text(maker.page(failed))


def test_a_financed_invoice_is_neither_changed_nor_ended_nor_paid(maker: Maker) -> None:
    push = maker.made(maker.invoice(), **entered())
    waiting = maker.end(push, "void")
    invoice = Invoice.objects.get(qbk_invoice_id=push.qbk_id)
    Invoice.objects.filter(pk=invoice.pk).update(state=State.REQUESTED)
    work(maker.company)  # what was asked for before is not written any more either
    assert "infactor finances this invoice" in maker.text(waiting["Location"])
    assert "infactor finances this invoice" in maker.text(maker.page(push))
    assert "infactor finances this invoice" in maker.text(maker.page(push, "/change"))
    assert "pays infactor" in maker.text(maker.address(f"make/payment?invoice={invoice.public_id}"))
    for operation in ("void", "delete"):
        answer = maker.end(push, operation, follow=True)
        assert "infactor finances this invoice" in visible_text(answer)  # type: ignore[arg-type]
    work(maker.company)
    assert maker.company.read("Invoice", push.qbk_id)["TotalAmt"] == 127.5
    assert not Push.objects.exclude(operation="create").filter(state="done").exists()


BAD_PAYMENTS: Cases = [
    ({"amount": ""}, "This field is required"),
    ({"amount": "0"}, "above zero"),
    ({"amount": "127.51"}, "more than the invoice’s open balance"),
    ({"amount": "1.2.5"}, "Enter an amount"),
    ({"paid": "2026-11-30"}, "dated in the future"),
    ({"paid": "1970-01-01"}, "date of this century"),
    ({"reference": "9" * 22}, "at most 21 characters"),
    ({"note": LONG}, "at most 4000 characters"),
]


def test_a_payment_that_cannot_be_is_refused(maker: Maker) -> None:
    push = maker.made(maker.invoice(), **entered())
    invoice = Invoice.objects.get(qbk_invoice_id=push.qbk_id)
    cases = [({"amount": "100", "paid": "2026-11-20", **typed}, why) for typed, why in BAD_PAYMENTS]
    assert _not_refused(maker, maker.address(f"make/payment?invoice={invoice.public_id}"), cases) == []
    assert Push.objects.count() == 1


def test_two_payments_at_once_pay_no_more_than_is_open(maker: Maker) -> None:
    push = maker.made(maker.invoice(), **entered())
    invoice = Invoice.objects.get(qbk_invoice_id=push.qbk_id)
    address = maker.address(f"make/payment?invoice={invoice.public_id}")
    typed = {"amount": "100", "paid": "2026-11-20"}
    assert maker.make(address, **typed, reference="check 1").status_code == 302
    shown = visible_text(maker.preview(address, **typed, reference="check 2"))
    assert "more than the invoice’s open balance" in shown
    # Somebody records one in QuickBooks meanwhile, and infactor has not heard of it.
    maker.company.pay(maker.company.read("Invoice", push.qbk_id), "100.00")
    work(maker.company)
    failed = Push.objects.get(entity="Payment")
    assert "Only 27.50 of invoice" in maker.text(maker.page(failed))
    assert maker.company.read("Invoice", push.qbk_id)["Balance"] == 27.5


def test_dates_in_closed_books_and_missing_numbers_are_refused(maker: Maker) -> None:
    preferences: dict[str, Any] = maker.company.all("Preferences")[0]
    preferences["AccountingInfoPrefs"]["BookCloseDate"] = "2026-11-30"
    preferences["SalesFormsPrefs"]["CustomTxnNumbers"] = True
    maker.company.write("Preferences", preferences)
    cache.clear()
    shown = visible_text(maker.preview(maker.invoice(), **entered(number="Q-9")))
    assert "closed until November 30, 2026" in shown
    assert "This field is required" in visible_text(maker.preview(maker.invoice(), **entered()))


def test_pages_that_are_closed_say_how_they_open(maker: Maker) -> None:
    Connection.objects.update(writes_allowed_at=None)
    for kind in ("make/invoice", "make/buyer", "make/payment", "made"):
        shown = maker.text(maker.address(kind))
        assert "An owner of your company can allow it" in shown
        assert "Writing into your books" in shown
    Connection.objects.update(status="needs_attention")
    assert "Connect it on your QuickBooks page first" in maker.text(maker.address("make/buyer"))
    assert not Push.objects.exists()


def test_another_suppliers_company_and_objects_are_not_there(maker: Maker, client: Client) -> None:
    push = maker.made(maker.invoice(), **entered())
    invoice = Invoice.objects.get(qbk_invoice_id=push.qbk_id)
    buyer = Buyer.objects.earliest("pk")
    addresses = [
        maker.address(kind)
        for kind in (
            "made",
            "make/buyer",
            f"make/invoice?buyer={buyer.public_id}",
            f"make/payment?invoice={invoice.public_id}",
        )
    ]
    addresses += [maker.page(push, what) for what in ("", "/change", "/end?operation=void")]
    assert {client.get(address).status_code for address in addresses} == {200}
    client.force_login(MembershipFactory().user)
    assert {client.get(address).status_code for address in addresses} == {404}
    assert client.post(maker.page(push, "/end"), {"operation": "void"}).status_code == 404
    assert client.post(maker.page(push, "/again")).status_code == 404
    assert Push.objects.count() == 1


def test_ids_of_another_company_of_ones_own_are_not_there(maker: Maker) -> None:
    for what in ("make/invoice?buyer=", "make/payment?invoice="):
        for value in ("", "x", "00000000-0000-0000-0000-000000000000"):
            assert maker.client.get(maker.address(what + value)).status_code == 404


def test_a_member_who_is_no_owner_reads_and_makes_nothing(maker: Maker, client: Client) -> None:
    push = maker.made(maker.invoice(), **entered())
    client.force_login(MembershipFactory(supplier=maker.connection.supplier, role="finance").user)
    assert "In QuickBooks" in maker.text(maker.address("made"))
    assert "Change" not in maker.text(maker.page(push))
    for kind in ("make/buyer", "make/invoice", "make/payment"):
        assert client.get(maker.address(kind)).status_code == 403
    assert client.post(maker.page(push, "/end"), {"operation": "void"}).status_code == 403
    assert client.post(maker.page(push, "/again")).status_code == 403
    assert Push.objects.count() == 1


def test_what_changed_in_quickbooks_since_it_was_shown_is_shown_again_and_not_voided(maker: Maker) -> None:
    push = maker.made(maker.invoice(), **entered())
    typed = {"operation": "void", "version": "an earlier one"}
    shown = maker.client.post(maker.page(push, "/end"), typed)
    assert "It has changed in QuickBooks since you opened this page." in visible_text(shown)  # type: ignore[arg-type]
    assert not Push.objects.filter(operation="void").exists()
    assert maker.end(push, "void").status_code == 302
    assert Push.objects.filter(operation="void").count() == 1
