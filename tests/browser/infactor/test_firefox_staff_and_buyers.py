"""Staff's day and a buyer's answer in Firefox. Their tests in Chromium look at more, as test_day_of_operations.py."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import cache

from infactor.financing.models import Advance, Offer, PayoutBatch
from infactor.verification.models import Verification
from tests.support.browsers.firefox import FirefoxPerson
from tests.support.scenarios import staff_day
from tests.support.scenarios.operations_day import FIRST_DAY, OperationsDay, build_operations_day
from tests.support.scenarios.verification import ask, token_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def day(live_server: object) -> Iterator[OperationsDay]:
    with time_machine.travel(FIRST_DAY, tick=True):
        cache.clear()
        yield build_operations_day()


@pytest.fixture
def person(live_server: object) -> Iterator[FirefoxPerson]:
    started = FirefoxPerson(str(live_server))
    yield started
    started.close()


def test_staff_decide_match_settle_approve_and_export(day: OperationsDay, person: FirefoxPerson) -> None:
    seller = day.larkspur
    seller.now = FIRST_DAY
    request = seller.request(seller.invoice(seller.buyer("Northwind"), invoice_no="INV-1010"))
    staff_day.decide(person, day, request)
    assert Offer.objects.filter(request=request).exists()
    staff_day.match(person, day)
    staff_day.settle(person)
    assert Advance.objects.get(pk=day.advances["INV-1001"].pk).status == Advance.Status.SETTLED
    staff_day.approve(person, day)
    staff_day.export(person, day)
    assert PayoutBatch.objects.latest("pk").exported_by == seller.operations
    assert person.complaints == []


def test_a_buyer_disputes_an_invoice(day: OperationsDay, person: FirefoxPerson) -> None:
    seller = day.larkspur
    buyer = seller.buyer("Ridge Resort", email="ap@ridge.example")
    asked = ask(seller.invoice(buyer, invoice_no="INV-1011"), at=FIRST_DAY, to="ap@ridge.example")
    person.open(f"/buyer/{token_of(asked)}/")
    person.tick("Dispute")
    person.fill("Reason or note", "Two crates were missing.")
    person.fill("Your name", "Ann Payable")
    person.press("Submit response", then="Thank you for your response")
    asked.refresh_from_db()
    assert asked.status == Verification.Status.DISPUTED
    assert person.complaints == []
