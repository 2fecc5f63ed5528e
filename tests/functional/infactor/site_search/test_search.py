"""The search over everything finds a supplier's own invoices, buyers, financing, documents, pages and help."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from infactor.documents import storage
from infactor.documents.models import Kind
from infactor.documents.storage import File
from infactor.invoices.models import CompanyFile
from infactor.invoices.search_text import normalize
from infactor.site_search.pages import PAGES
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory, MembershipFactory
from tests.support.files import PDF
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
DIALOG = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "search-results"}


@pytest.fixture
def books(supplier: Supplier) -> CompanyFile:
    found: CompanyFile = CompanyFileFactory(supplier=supplier)
    return found


def invoice(books: CompanyFile, number: str, *, buyer: str = "Kestrel Labs", amount: str = "1234.50") -> Any:
    of = BuyerFactory(company_file=books, name=buyer)
    text = normalize(f"{number} {buyer}")
    return InvoiceFactory(
        buyer=of, invoice_no=number, company_name=buyer, invoice_amount=amount, balance=amount, search_text=text
    )


def found(client: Client, text: str, **headers: str) -> str:
    answered = client.get("/search/", {"q": text}, **headers)  # type: ignore[arg-type]
    assert answered.status_code == 200
    return " ".join(answered.content.decode().partition("<main")[2].split() or answered.content.decode().split())


@pytest.mark.parametrize("text", ["INV-77", "inv-77", "kestrel", "Késtrel", "1,234.50", "$1234.50"])
def test_an_invoice_is_found_by_its_number_buyer_and_amount(member: Client, books: CompanyFile, text: str) -> None:
    wanted, other = invoice(books, "INV-77"), invoice(books, "OTHER-1", buyer="Nobody", amount="9.00")
    shown = found(member, text)
    assert f"/invoices/{wanted.public_id}/" in shown
    assert "Kestrel Labs, $1,234.50" in shown
    assert str(other.public_id) not in shown


def test_buyers_pages_and_help_are_found(member: Client, books: CompanyFile) -> None:
    buyer = BuyerFactory(company_file=books, name="Security Printing", email="ap@security.example")
    shown = found(member, "security")
    assert f"/buyers/{buyer.public_id}/" in shown
    assert "Sign-in and security" in shown
    assert "/help/security/" in shown


def test_offers_requests_and_advances_are_found_by_their_invoice(client: Client, scenario: Scenario) -> None:
    scenario.terms()
    buyer = scenario.buyer("Kestrel")
    rows = [scenario.invoice(buyer, invoice_no=f"N-{one}", search_text=f"n-{one} kestrel") for one in range(3)]
    request, offer = scenario.request(rows[0]), scenario.offer(rows[1])
    scenario.funded(rows[2])
    client.force_login(scenario.owner)
    shown = found(client, "kestrel")
    assert f"/financing/requests/{request.public_id}/" in shown
    assert f"/financing/offers/{offer.public_id}/" in shown
    assert "Advance for invoice N-2" in shown


def test_documents_are_found_by_the_names_of_their_files(client: Client, scenario: Scenario) -> None:
    about, company = scenario.invoice(scenario.buyer()), scenario.supplier
    for subject, kind, name, by in (
        (about, Kind.DELIVERY, "delivery-note-81.pdf", scenario.owner),
        (company, Kind.REGISTRATION, "delivery.pdf", scenario.owner),
        (about, Kind.OTHER, "delivery-staff.pdf", scenario.underwriter),
    ):
        storage.receive(subject=subject, kind=kind, file=File(name, PDF), by=by, at=timezone.now())
    client.force_login(scenario.owner)
    shown = found(client, "delivery")
    assert "delivery-note-81.pdf" in shown
    assert f"/invoices/{about.public_id}/documents/" in shown
    assert "/application/documents/" in shown
    assert "delivery-staff.pdf" not in shown


def test_the_page_shows_25_of_a_kind_and_where_the_others_are(
    member: Client, supplier: Supplier, books: CompanyFile
) -> None:
    for number in range(26):
        made = invoice(books, f"INV-{number}", buyer=f"Kestrel {number}")
        given: Any = {"kind": Kind.DELIVERY, "note": "", "by": supplier.members.get(), "at": timezone.now()}
        storage.receive(subject=made, file=File(f"kestrel-{number}.pdf", PDF), **given)
    page, dialog = found(member, "kestrel"), found(member, "kestrel", **DIALOG)
    for kind, others in (("invoices", "/invoices/?q=kestrel"), ("buyers", "/buyers/?q=kestrel")):
        of_kind = page.partition(f'id="found-{kind}"')[2].partition("</section>")[0]
        assert of_kind.count("<li>") == 25
        assert f'<a href="{others}">All results: {kind.capitalize()}</a>' in of_kind
        assert f'id="search-{kind}-6"' not in dialog
        assert f'id="search-{kind}-more" href="{others}"' in dialog
    documents = page.partition('id="found-documents"')[2].partition("</section>")[0]
    assert documents.count("<li>") == 25
    assert "There are more. Type more of the name to find fewer." in documents  # no list has them all
    assert 'id="search-documents-more" href="/search/?q=kestrel"' in dialog


def test_nothing_of_another_supplier_is_found(member: Client, books: CompanyFile, scenario: Scenario) -> None:
    scenario.terms()
    buyer = scenario.buyer("THEIRS")
    theirs = scenario.invoice(buyer, invoice_no="THEIRS-1", search_text="theirs-1 theirs")
    scenario.funded(theirs)
    storage.receive(
        subject=theirs, kind=Kind.DELIVERY, file=File("theirs.pdf", PDF), note="", by=scenario.owner, at=timezone.now()
    )
    for headers in ({}, DIALOG):
        shown = found(member, "theirs", **headers)
        assert str(theirs.public_id) not in shown
        assert str(buyer.public_id) not in shown
        assert "theirs.pdf" not in shown


@pytest.mark.parametrize("text", ["zzzqqq", "%%", "__", "\\\\", "x" * 5000])
def test_a_search_that_finds_nothing_says_the_next_step(member: Client, books: CompanyFile, text: str) -> None:
    invoice(books, "INV-1")
    assert "Try a part of the number or of the name." in found(member, text)
    assert "Nothing found." in found(member, text, **DIALOG)


@pytest.mark.parametrize("text", ["I", "%", " _ "])
def test_one_character_is_too_little_to_search_for(member: Client, books: CompanyFile, text: str) -> None:
    invoice(books, "INV-1")
    for shown in (found(member, text), found(member, text, **DIALOG)):
        assert "Type at least two characters." in shown
        assert "INV-1" not in shown


@pytest.mark.parametrize("text", ["'; DROP TABLE x; --", "<script>alert(1)</script>", '"><img src=x>'])
def test_hostile_text_stays_text(member: Client, books: CompanyFile, text: str) -> None:
    for headers in ({}, DIALOG):
        shown = found(member, text, **headers)
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


def test_an_empty_search_says_what_can_be_found_and_asks_for_nothing(
    member: Client, books: CompanyFile, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6):
        shown = found(member, " \0 ")
    assert "Search by invoice number, buyer, amount" in shown


def test_the_dialog_gets_a_listbox_whose_options_have_names_and_addresses(member: Client, books: CompanyFile) -> None:
    for number in range(7):
        invoice(books, f"INV-{number}", buyer=f"Kestrel {number}")
    shown = found(member, "kestrel", **DIALOG)
    assert "<!doctype" not in shown
    assert shown.count('role="listbox"') == 1
    assert shown.count('role="option"') == 12  # five invoices, five buyers, and the lists that have all of them
    assert 'href="/invoices/?q=kestrel"' in shown
    assert 'href="/buyers/?q=kestrel"' in shown


def test_as_many_queries_for_many_rows_as_for_few(
    member: Client, books: CompanyFile, django_assert_num_queries: Any
) -> None:
    invoice(books, "INV-0")
    found(member, "kestrel")
    with CaptureQueriesContext(connection) as few:
        found(member, "kestrel")
    for number in range(40):
        invoice(books, f"INV-{number}", buyer=f"Kestrel {number}")
    with django_assert_num_queries(len(few)):
        found(member, "kestrel")


def test_every_page_of_the_list_exists_and_is_found_by_its_name(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.owner)
    for page in PAGES:
        assert page.url in found(client, str(page.title)), page.title


def test_readers_search_and_strangers_and_staff_do_not(client: Client, supplier: Supplier, staff: Any) -> None:
    assert client.get("/search/?q=x").status_code == 302
    client.force_login(MembershipFactory(supplier=supplier, role="reader").user)
    assert client.get("/search/?q=x").status_code == 200
    assert client.post("/search/").status_code == 405
    client.force_login(staff)
    assert client.get("/search/").status_code == 403


def test_spanish_readers_find_pages_by_their_spanish_names(member: Client) -> None:
    shown = " ".join(member.get("/search/?q=factur", HTTP_ACCEPT_LANGUAGE="es").content.decode().split())
    assert "/invoices/upload/" in shown


def test_amounts_are_no_dates_and_nothing_is_counted(member: Client, books: CompanyFile) -> None:
    wanted = InvoiceFactory(
        buyer=BuyerFactory(company_file=books), invoice_amount=Decimal("2026.00"), txn_date=date(2026, 1, 1)
    )
    assert str(wanted.public_id) in found(member, "2026.00")
