"""On stale books funding needs a reason, the approver sees it, and no automatic offer is made."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.core.models import AuditEvent
from infactor.financing.advances import funding
from infactor.financing.models import Advance, Approval, Offer, Payout
from infactor.invoices.models import CompanyFile
from tests.support.admin_client import confirm, visible_text
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
DAY = "2026-11-02"
WHY = "Seen in their books by phone and screen today"


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario()
        scenario.terms(dual_control_threshold=Decimal(5000))
        return scenario

    return build


def let_books_age(scenario: Scenario, hours: int = 25) -> None:
    CompanyFile.objects.update(as_of=scenario.now - timedelta(hours=hours))


def staff(scenario: Scenario, name: str) -> Client:
    client = Client()
    client.force_login(getattr(scenario, name))
    return client


def fund_page(advance: Advance) -> str:
    return reverse("admin:financing_advance_fund", args=[advance.pk])


def test_an_advance_is_paid_out_on_old_books_only_with_a_reason_that_stays(scenario: Scenario) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    let_books_age(scenario)
    operations = staff(scenario, "operations")
    page = visible_text(operations.get(fund_page(advance)))  # type: ignore[arg-type]
    assert "last read on Nov 1, 2026, 16:00 UTC, more than 24 hours ago" in page
    assert "This field is required" in visible_text(confirm(operations, fund_page(advance), value_date=DAY))
    with pytest.raises(funding.FundingError, match="more than 24 hours ago"):
        scenario.fund(advance)
    assert not Payout.objects.exists()
    assert confirm(operations, fund_page(advance), value_date=DAY, reason=WHY).status_code == 302
    assert Payout.objects.get().advance == advance
    told = AuditEvent.objects.get(event="advance.funded_on_stale_books")
    assert (told.actor_id, told.reason) == (scenario.operations.pk, WHY)
    assert told.details == {"books_as_of": "2026-11-01T16:00+00:00", "approver": None}


def test_on_fresh_books_nobody_is_asked_for_a_reason(scenario: Scenario) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    let_books_age(scenario, hours=24)
    operations = staff(scenario, "operations")
    page = operations.get(fund_page(advance)).content.decode()
    assert 'name="reason"' not in page
    assert "hours ago" not in page
    assert confirm(operations, fund_page(advance), value_date=DAY).status_code == 302
    assert not AuditEvent.objects.filter(event="advance.funded_on_stale_books").exists()


def test_the_second_person_sees_that_the_books_are_old_and_why_it_is_paid(scenario: Scenario) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer(), face="10000"))
    let_books_age(scenario)
    assert confirm(staff(scenario, "operations"), fund_page(advance), value_date=DAY, reason=WHY).status_code == 302
    assert not Payout.objects.exists()
    approver = staff(scenario, "approver")
    address = reverse("admin:financing_approval_approve", args=[Approval.objects.get().pk])
    page = visible_text(approver.get(address))  # type: ignore[arg-type]
    assert WHY in page
    assert "more than 24 hours ago" in page
    assert confirm(approver, address).status_code == 302
    assert Payout.objects.get().approved_by == scenario.approver
    told = AuditEvent.objects.get(event="advance.funded_on_stale_books")
    assert (told.reason, told.details["approver"]) == (WHY, scenario.approver.pk)


def test_books_that_grow_old_while_it_waits_are_told_to_the_second_person(scenario: Scenario) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer(), face="10000"))
    assert confirm(staff(scenario, "operations"), fund_page(advance), value_date=DAY).status_code == 302
    let_books_age(scenario)
    approver = staff(scenario, "approver")
    address = reverse("admin:financing_approval_approve", args=[Approval.objects.get().pk])
    assert "more than 24 hours ago" in visible_text(approver.get(address))  # type: ignore[arg-type]
    assert confirm(approver, address).status_code == 302
    assert AuditEvent.objects.get(event="advance.funded_on_stale_books").details["approver"] == scenario.approver.pk


def test_the_house_offers_nothing_by_itself_on_old_books(scenario: Scenario) -> None:
    scenario.terms(auto_offer_limit=Decimal(2000))
    let_books_age(scenario)
    request = scenario.request(scenario.invoice(scenario.buyer()))
    assert not Offer.objects.exists()
    let_books_age(scenario, hours=1)
    assert scenario.request(scenario.invoice(scenario.buyer())).offers.count() == 1
    assert not request.offers.exists()
