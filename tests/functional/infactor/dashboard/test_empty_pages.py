"""A page that has nothing to show yet says so in one sentence, and offers the one next step."""

from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory
from tests.support.scenarios.onboarding import approved

CONNECT, APPLY = "Connect QuickBooks", "Start your application"
PAGES = {
    "dashboard:invoices": CONNECT,
    "dashboard:financing": CONNECT,
    "dashboard:financing_request_new": CONNECT,
    "dashboard:statement": CONNECT,
    "dashboard:statement_fees": "See the statement",
    "dashboard:bank": "Add bank account",
    "dashboard:documents": "Upload",
    "dashboard:notifications": CONNECT,
    "dashboard:application": "Submit application",
    "dashboard:company": "Start the application",
    "dashboard:people": "Send invitation",
    "dashboard:data": "Prepare the export",
    "quickbooks:home": CONNECT,
}
WAITING = ("dashboard:financing", "dashboard:financing_request_new", "dashboard:statement", "dashboard:notifications")
pytestmark = pytest.mark.django_db


class Page(HTMLParser):
    """The texts of the main buttons of a page's main part."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.main_buttons: list[str] = []
        self._open = False
        self.feed(text.partition("<main")[2].partition("</main>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if "button-primary" in classes:
            self.main_buttons.append("")
            self._open = True

    def handle_data(self, data: str) -> None:
        if self._open:
            self.main_buttons[-1] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag in ("a", "button"):
            self._open = False


def main_buttons(member: Client, *names: str) -> dict[str, list[str]]:
    return {name: Page(member.get(reverse(name)).content.decode()).main_buttons for name in names}


def test_each_page_of_a_new_account_has_one_main_action(member: Client) -> None:
    assert main_buttons(member, *PAGES) == {name: [action] for name, action in PAGES.items()}
    # Home's is in the card of QuickBooks, which loads by itself in the first open step.
    assert main_buttons(member, "dashboard:home") == {"dashboard:home": []}
    assert Page(f"<main>{member.get(reverse('quickbooks:card')).content.decode()}").main_buttons == [CONNECT]


def test_with_books_that_have_no_invoice_it_is_the_application(member: Client, supplier: Supplier) -> None:
    CompanyFileFactory(supplier=supplier, as_of=timezone.now())
    assert main_buttons(member, "dashboard:home", *WAITING, "dashboard:invoices") == {
        "dashboard:home": [APPLY],
        **{name: [APPLY] for name in WAITING},
        "dashboard:invoices": ["Add invoice"],
    }


def test_with_invoices_of_which_none_is_eligible_the_list_says_why(member: Client, supplier: Supplier) -> None:
    file = CompanyFileFactory(supplier=supplier, as_of=timezone.now())
    InvoiceFactory(buyer=BuyerFactory(company_file=file))
    assert main_buttons(member, *WAITING) == {name: [APPLY] for name in WAITING}
    approved(supplier)
    name = "dashboard:financing_request_new"
    assert main_buttons(member, name) == {name: ["View invoices"]}


def test_without_an_advance_yet_an_approved_company_is_led_to_its_quote(member: Client, supplier: Supplier) -> None:
    CompanyFileFactory(supplier=supplier, as_of=timezone.now())
    approved(supplier)
    names = ("dashboard:home", "dashboard:financing", "dashboard:statement")
    assert main_buttons(member, *names) == {name: ["Request financing"] for name in names}
