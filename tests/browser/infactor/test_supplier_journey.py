"""A supplier's whole story in Chromium and in Firefox, from signing up to the letter of release.

Its parts that no other test works by keyboard are told by somebody without a mouse, too.

QuickBooks' sandbox runs as a process; the test plays workers, staff and the bank in between, by the product's services.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from infactor.invoices.models import Invoice
from infactor.settings.security import content_security_policy
from tests.support.browsers.chromium import ChromiumPerson
from tests.support.browsers.firefox import FirefoxPerson
from tests.support.browsers.keyboard import KeyboardPerson
from tests.support.browsers.person import Person
from tests.support.processes.sandbox_company import Company, serve
from tests.support.scenarios import supplier_journey as journey
from tests.support.scenarios.supplier_journey import Behind

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Start = Callable[[], Person]


@pytest.fixture
def quickbooks(live_server: LiveServer, settings: Settings, tmp_path: Path) -> Iterator[Company]:
    """A sandbox that sends people back to the served site."""
    cache.clear()
    with serve(tmp_path, app_port=urlsplit(str(live_server)).port or 0) as company:
        settings.SANDBOX_PORT = company.port
        settings.QUICKBOOKS_REDIRECT_URI = f"{live_server}/quickbook/connect"
        settings.CONTENT_SECURITY_POLICY = content_security_policy(consent_origins=[company.base])
        yield company


@pytest.fixture(params=["Chromium", "Firefox"])
def start(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Start]:
    """Starts a browser of somebody who has never been here."""
    with ExitStack() as started:

        def begin() -> Person:
            address = str(live_server)
            person = ChromiumPerson(browser, address) if request.param == "Chromium" else FirefoxPerson(address)
            started.callback(person.close)
            return person

        yield begin


def test_from_signing_up_to_the_letter_of_release(quickbooks: Company, start: Start) -> None:
    behind, owner = Behind(), start()
    behind.set_the_stage()
    journey.sign_up(owner)
    journey.consent(owner, "Connect QuickBooks")
    behind.import_books()
    owner.reads("Newest invoices", "2 of 5 done")
    journey.apply(owner)
    behind.approve()

    invoice = Invoice.objects.filter(supplier=behind.scenario.supplier, eligibility__decision="needs_action").latest(
        "pk"
    )
    link = journey.ask_buyer(owner, invoice)
    buyer = start()
    journey.answer(buyer, link)
    behind.assess()
    journey.finance(owner, invoice, behind)
    behind.pay_out()
    owner.open("/financing/")
    owner.reads("Funded in USD", invoice.invoice_no)
    behind.collect_and_settle()
    owner.press("Statement", then="Your buyer paid")
    owner.reads("Invoice purchased", "Settled", "Paid to your account")

    journey.disconnect(owner)
    journey.consent(owner, "Reconnect")
    behind.import_books()
    owner.reads("Connected")
    journey.invite(owner, buyer)
    journey.leave(owner, behind)
    assert owner.complaints == buyer.complaints == []


def test_by_keyboard_alone_from_signing_up_to_the_letter_of_release(
    quickbooks: Company, browser: Browser, live_server: LiveServer
) -> None:
    """Without the part about money, which test_keyboard.py of the dashboard holds."""
    behind, owner = Behind(), KeyboardPerson(browser, str(live_server))
    colleague = KeyboardPerson(browser, str(live_server))
    behind.set_the_stage()
    journey.sign_up(owner)
    journey.consent(owner, "Connect QuickBooks")
    behind.import_books()
    owner.reads("Newest invoices")
    journey.invite(owner, colleague)
    journey.leave(owner, behind)
    assert owner.complaints == colleague.complaints == []
    for person in (owner, colleague):
        person.close()
