"""The offer page: the terms shown are the terms accepted, for any of its invoices, and every end has a next step."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.financing.advances import funding
from infactor.financing.collections import payments
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Acceptance, Advance, Offer
from infactor.financing.origination import offers
from infactor.financing.pricing import disclosure
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario(now=timezone.now())
        scenario.terms()
        return scenario

    return build


@pytest.fixture
def scenario(scenario: Scenario, client: Client) -> Scenario:
    """The scenario as of now; its owner is signed in."""
    client.force_login(scenario.owner)
    return scenario


@pytest.fixture
def offer(scenario: Scenario) -> Offer:
    """An offer of 850 and 1,700 for two invoices."""
    buyer = scenario.buyer()
    return scenario.offer(
        scenario.invoice(buyer, invoice_no="A-1"), scenario.invoice(buyer, invoice_no="B-2", face="2000")
    )


def at(offer: Offer, name: str = "offer") -> str:
    return reverse(f"dashboard:{name}", args=[offer.public_id])


def ids(offer: Offer, *numbers: str) -> list[str]:
    return [str(one.invoice.public_id) for one in offer.lines.all() if one.invoice.invoice_no in numbers]


def accept(client: Client, offer: Offer, *numbers: str) -> str:
    """Accept these invoices as the page shows them, and return the page that follows."""
    shown = client.post(at(offer, "offer_select"), {"line": ids(offer, *numbers)}).context["disclosure_digest"]
    sent = {"line": ids(offer, *numbers), "disclosure_digest": shown}
    return str(client.post(at(offer, "offer_accept"), sent, follow=True).content.decode())


def test_an_offer_leads_to_the_thread_of_its_request(client: Client, offer: Offer) -> None:
    page = client.get(at(offer)).content.decode()
    link = re.search(r'href="([^"]*)">Ask us about this offer<', page)
    assert link
    assert link[1] == f"{reverse('dashboard:message_new')}?request={offer.request.public_id}"
    assert client.get(link[1]).status_code == 200


def test_everything_stands_there_before_the_answer(client: Client, offer: Offer) -> None:
    page = client.get(at(offer)).content.decode()
    for said in (
        "$2,550.00",  # cash now
        "$450.00",  # held
        "$45.00",  # fee after 30 days
        "$15.00",  # each further period
        "21.47%",
        "Past recourse",
        "0.5% for each 10 days after that, or part of them",
        "you buy the invoice back",
        "version 1",
    ):
        assert said in page, said


def test_another_choice_shows_its_own_figures(client: Client, offer: Offer) -> None:
    page = client.post(at(offer, "offer_select"), {"line": ids(offer, "A-1")}).content.decode()
    assert "Accept $850.00 now" in page
    assert Offer.objects.get().status == Offer.Status.PROPOSED


def test_with_every_invoice_unticked_there_is_nothing_to_accept(client: Client, offer: Offer) -> None:
    page = client.post(at(offer, "offer_select"), {}).content.decode()
    assert "Select at least one invoice." in page
    assert "Accept $" not in page
    assert " checked hx-post" not in page


def test_what_was_shown_is_kept_and_stays_to_be_read(client: Client, scenario: Scenario, offer: Offer) -> None:
    shown = client.get(at(offer)).context["figures"]
    page = accept(client, offer, "A-1", "B-2")
    kept = Acceptance.objects.get()
    assert kept.accepted_by == scenario.owner
    assert kept.ip_address == "127.0.0.1"
    assert kept.disclosure["cash_now"] == shown["cash_now"] == "2550.00"
    assert kept.disclosure_digest == disclosure.disclosure_digest(kept.disclosure)
    scenario.terms(advance_rate=Decimal(50))
    later = client.get(at(offer)).content.decode()
    for one in (page, later):
        assert "Accepted offer" in one
        assert "$2,550.00" in one
        assert scenario.owner.email in one
        assert "Accept $" not in one


def test_only_the_chosen_invoices_are_financed(client: Client, offer: Offer) -> None:
    page = accept(client, offer, "B-2")
    assert [one.invoice.invoice_no for one in Advance.objects.all()] == ["B-2"]
    assert "Not accepted" in page
    assert Invoice.objects.get(invoice_no="A-1").state == State.PROPOSAL_REJECTED


@pytest.mark.parametrize("shown", ["", "0" * 64, "no digest"])
def test_figures_that_were_not_shown_are_not_accepted(client: Client, offer: Offer, shown: str) -> None:
    sent = {"line": ids(offer, "A-1"), "disclosure_digest": shown}
    response = client.post(at(offer, "offer_accept"), sent, follow=True)
    assert "These are the figures for your selection now." in response.content.decode()
    assert "Accept $850.00 now" in response.content.decode()
    assert not Acceptance.objects.exists()


def test_ticking_another_invoice_without_looking_shows_its_figures_first(client: Client, offer: Offer) -> None:
    shown = client.get(at(offer)).context["disclosure_digest"]
    sent = {"line": ids(offer, "B-2"), "disclosure_digest": shown}
    page = client.post(at(offer, "offer_accept"), sent, follow=True).content.decode()
    assert "Accept $1,700.00 now" in page
    assert not Advance.objects.exists()


def test_accepting_nothing_or_twice_does_nothing_more(client: Client, offer: Offer) -> None:
    nothing = client.post(at(offer, "offer_accept"), {"disclosure_digest": "0" * 64}, follow=True).content.decode()
    assert "Choose at least one invoice of this offer." in nothing
    digest = client.get(at(offer)).context["disclosure_digest"]
    sent = {"line": ids(offer, "A-1", "B-2"), "disclosure_digest": digest}
    client.post(at(offer, "offer_accept"), sent)
    again = client.post(at(offer, "offer_accept"), sent, follow=True).content.decode()
    assert "This offer has been answered in the meantime." in again
    assert Advance.objects.count() == 2


def test_an_invoice_that_was_paid_meanwhile_keeps_the_offer_from_being_accepted(client: Client, offer: Offer) -> None:
    Invoice.objects.filter(invoice_no="A-1").update(balance=0, books_status=BooksStatus.PAID)
    page = accept(client, offer, "A-1")
    assert "Invoice A-1: It is paid in your books." in page
    assert not Advance.objects.exists()


def test_an_offer_is_declined_with_or_without_a_reason(client: Client, offer: Offer) -> None:
    page = client.post(at(offer, "offer_decline"), {"reason": "Too dear"}, follow=True).content.decode()
    assert "You declined this offer." in page
    assert "Too dear" in page
    assert f"/financing/request/?offer={offer.public_id}" in page
    again = client.post(at(offer, "offer_decline"), {}, follow=True).content.decode()
    assert "answered in the meantime" in again


def test_an_expired_or_withdrawn_offer_says_so_and_leads_on(client: Client, scenario: Scenario, offer: Offer) -> None:
    Offer.objects.update(
        expires_at=timezone.now() - timedelta(minutes=1), offered_at=timezone.now() - timedelta(days=8)
    )
    page = client.get(at(offer)).content.decode()
    assert "This offer has expired." in page
    assert "Accept:" not in page
    offers.expire(offer=Offer.objects.get(), at=timezone.now())
    page = client.get(at(offer)).content.decode()
    (again,) = re.findall(r'href="([^"]+)">Request again', page)
    page = client.get(again).content.decode()
    assert "A-1" in page
    assert "B-2" in page

    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    assert client.get("/invoices/").content.decode().count("Offer expired") == 2
    other = scenario.offer(Invoice.objects.get(invoice_no="A-1"))
    offers.withdraw(offer=other, by=scenario.underwriter, at=scenario.now, reason="The buyer called.")
    page = client.get(at(other)).content.decode()
    assert "We have withdrawn this offer." in page
    assert "The buyer called." in page
    invoice = reverse("dashboard:invoice", args=[other.lines.get().invoice.public_id])
    assert "Offer withdrawn" in client.get(invoice).content.decode()


def test_what_is_accepted_is_cancelled_before_it_is_paid_out_and_not_after(
    client: Client, scenario: Scenario, offer: Offer
) -> None:
    first, second = scenario.accept(offer)
    address = reverse("dashboard:advance_cancel", args=[first.public_id])
    assert "Enter a reason" in client.post(address, {}, follow=True).content.decode()
    page = client.post(address, {"reason": "Not needed"}, follow=True).content.decode()
    assert "You have cancelled the financing" in page
    assert "Not needed" in page
    scenario.fund(second)
    address = reverse("dashboard:advance_cancel", args=[second.public_id])
    assert "can no longer be cancelled" in client.post(address, {"reason": "Late"}, follow=True).content.decode()
    second.refresh_from_db()
    assert second.status == Advance.Status.FUNDED


def test_what_never_was_is_not_found(client: Client, scenario: Scenario) -> None:
    for name in ("offer", "financing_request"):
        assert client.get(reverse(f"dashboard:{name}", args=[uuid.uuid4()])).status_code == 404


def test_the_history_of_an_invoice_tells_of_what_was_cancelled_and_returned(
    client: Client, scenario: Scenario, offer: Offer
) -> None:
    first, second = scenario.accept(offer)
    funding.cancel(advance=first, by=scenario.owner, at=scenario.now, reason="Not needed")
    page = client.get(reverse("dashboard:invoice", args=[first.invoice.public_id])).content.decode()
    assert page.index("Financing cancelled") < page.index("Not needed") < page.index("Offer accepted")
    scenario.fund(second)
    payment = scenario.pay(second, "2000")
    payments.record_return(
        collection=payment, value_date=scenario.money_day, reason="No funds", by=scenario.operations, at=scenario.now
    )
    page = client.get(reverse("dashboard:invoice", args=[second.invoice.public_id])).content.decode()
    for said in ("Your buyer&#x27;s payment was returned", "Your buyer has paid", "Bought by infactor"):
        assert f"<strong>{said}</strong>" in page
    assert "returned by the bank" in page
