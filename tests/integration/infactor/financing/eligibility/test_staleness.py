"""What is done on the word of books that nobody has read lately: nothing by one person without saying why."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from infactor.core.models import AuditEvent
from infactor.financing.advances import funding
from infactor.financing.models import Advance, Approval, Offer, Payout
from infactor.invoices.models import CompanyFile
from tests.support.pages.decisions import decide
from tests.support.pages.preview import words
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db
DAY = "2026-11-02"
WHY = "Seen in their books by phone and screen today"


@pytest.fixture
def house() -> Iterator[House]:
    house = build_house()
    house.terms(dual_control_threshold=Decimal(5000))
    with time_machine.travel(house.now, tick=False):
        yield house


def let_books_age(house: House, hours: int = 25) -> None:
    CompanyFile.objects.update(as_of=house.now - timedelta(hours=hours))


def staff(house: House, name: str) -> Client:
    client = Client()
    client.force_login(getattr(house, name))
    return client


def fund_page(advance: Advance) -> str:
    return reverse("admin:financing_advance_fund", args=[advance.pk])


def test_an_advance_is_paid_out_on_old_books_only_with_a_reason_that_stays(house: House) -> None:
    advance = house.accepted(house.invoice(house.buyer()))
    let_books_age(house)
    operations = staff(house, "operations")
    page = words(operations.get(fund_page(advance)))  # type: ignore[arg-type]
    assert "last read on Nov 1, 2026, 16:00 UTC, more than 24 hours ago" in page
    assert "This field is required" in words(decide(operations, fund_page(advance), value_date=DAY))
    with pytest.raises(funding.NotFundable, match="more than 24 hours ago"):
        house.fund(advance)
    assert not Payout.objects.exists()
    assert decide(operations, fund_page(advance), value_date=DAY, reason=WHY).status_code == 302
    assert Payout.objects.get().advance == advance
    told = AuditEvent.objects.get(event="advance.paid_on_old_books")
    assert (told.actor_id, told.reason) == (house.operations.pk, WHY)
    assert told.details == {"books_read": "2026-11-01T16:00+00:00", "second": None}


def test_on_fresh_books_nobody_is_asked_for_a_reason(house: House) -> None:
    advance = house.accepted(house.invoice(house.buyer()))
    let_books_age(house, hours=24)
    operations = staff(house, "operations")
    page = operations.get(fund_page(advance)).content.decode()
    assert 'name="reason"' not in page
    assert "hours ago" not in page
    assert decide(operations, fund_page(advance), value_date=DAY).status_code == 302
    assert not AuditEvent.objects.filter(event="advance.paid_on_old_books").exists()


def test_the_second_person_sees_that_the_books_are_old_and_why_it_is_paid(house: House) -> None:
    advance = house.accepted(house.invoice(house.buyer(), face="10000"))
    let_books_age(house)
    assert decide(staff(house, "operations"), fund_page(advance), value_date=DAY, reason=WHY).status_code == 302
    assert not Payout.objects.exists()
    second = staff(house, "second")
    address = reverse("admin:financing_approval_approve", args=[Approval.objects.get().pk])
    page = words(second.get(address))  # type: ignore[arg-type]
    assert WHY in page
    assert "more than 24 hours ago" in page
    assert decide(second, address).status_code == 302
    assert Payout.objects.get().approved_by == house.second
    told = AuditEvent.objects.get(event="advance.paid_on_old_books")
    assert (told.reason, told.details["second"]) == (WHY, house.second.pk)


def test_books_that_grow_old_while_it_waits_are_told_to_the_second_person(house: House) -> None:
    advance = house.accepted(house.invoice(house.buyer(), face="10000"))
    assert decide(staff(house, "operations"), fund_page(advance), value_date=DAY).status_code == 302
    let_books_age(house)
    second = staff(house, "second")
    address = reverse("admin:financing_approval_approve", args=[Approval.objects.get().pk])
    assert "more than 24 hours ago" in words(second.get(address))  # type: ignore[arg-type]
    assert decide(second, address).status_code == 302
    assert AuditEvent.objects.get(event="advance.paid_on_old_books").details["second"] == house.second.pk


def test_the_house_offers_nothing_by_itself_on_old_books(house: House) -> None:
    house.terms(auto_offer_limit=Decimal(2000))
    let_books_age(house)
    request = house.request(house.invoice(house.buyer()))
    assert not Offer.objects.exists()
    let_books_age(house, hours=1)
    assert house.request(house.invoice(house.buyer())).offers.count() == 1
    assert not request.offers.exists()
