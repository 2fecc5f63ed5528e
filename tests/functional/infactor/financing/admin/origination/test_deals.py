"""The page on which an underwriter prices a request: terms of one deal, their preview, and the second person."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.models import Approval, FundingTerms, Offer
from tests.support.admin_client import confirm, filled_in, preview, preview_and_confirm
from tests.support.admin_client import visible_text as words
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
WHY = "A large invoice of a good buyer"


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def text_of(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return words(page)  # type: ignore[arg-type]


def test_an_underwriter_sees_at_once_what_a_changed_term_comes_to_and_offers_exactly_that(scenario: Scenario) -> None:
    scenario.terms()
    request = scenario.request(scenario.invoice(scenario.buyer(), face="10000"))
    underwriter = signed_in(scenario.underwriter)
    address = reverse("admin:financing_financingrequest_offer", args=[request.pk])
    assert "In force: 85%" in text_of(underwriter, address)
    typed = {**filled_in(underwriter, address), "lines": [str(request.lines.get().pk)]}
    assert typed["advance_rate"] == "85"

    shown = words(preview(underwriter, address, **{**typed, "advance_rate": "80", "wire_fee": "25"}))
    assert "Enter why this deal differs from the terms." in shown
    dearer = {**typed, "advance_rate": "80", "wire_fee": "25", "reason": WHY}
    shown = words(preview(underwriter, address, **dearer))
    # 8,000 less 25; after 30 days 150 + 25, after 45 days 250 + 25; 275 / 7,975 x 365 / 45 = 27.97%.
    for part in (
        "The supplier gets now $7,975.00",
        "It pays, if its buyers pay after 30 days $175.00",
        "It pays, if its buyers pay after 90 days $475.00",
        "Annual rate, at most 27.97%",
        "Advance rate 85% 80%",
        "Wire fee $0.00 $25.00",
    ):
        assert part in shown, shown
    assert "It waits for a second person" not in shown
    assert not Offer.objects.exists()
    assert preview_and_confirm(underwriter, address, **dearer).status_code == 302
    offer = Offer.objects.get()
    assert offer.lines.get().cash == 7_975
    listed = text_of(underwriter, reverse("admin:financing_fundingterms_changelist"))
    assert "Larkspur Coffee Roasters, one offer" in listed
    assert "$7,975.00" in text_of(underwriter, reverse("admin:financing_offer_change", args=[offer.pk]))


def test_a_deal_below_the_terms_waits_for_a_second_person_who_reads_what_differs(scenario: Scenario) -> None:
    scenario.terms()
    request = scenario.request(scenario.invoice(scenario.buyer(), face="1000"))
    underwriter = signed_in(scenario.underwriter)
    address = reverse("admin:financing_financingrequest_offer", args=[request.pk])
    typed = {**filled_in(underwriter, address), "lines": [str(request.lines.get().pk)]}
    cheaper = {**typed, "first_fee_rate": "1.2", "reason": WHY}
    shown = words(preview(underwriter, address, **cheaper))
    assert "better for the supplier than the terms (first fee): a second person must approve it" in shown
    assert preview_and_confirm(underwriter, address, **cheaper).status_code == 302
    assert not Offer.objects.exists()
    assert not FundingTerms.objects.filter(request__isnull=False).exists()
    approval = Approval.objects.get()

    approver = signed_in(scenario.approver)
    approve = reverse("admin:financing_approval_approve", args=[approval.pk])
    shown = text_of(approver, approve)
    assert WHY in shown
    assert "1.5% → 1.2%" in shown
    assert confirm(approver, approve).status_code == 302
    offer = Offer.objects.get()
    assert offer.terms.request == request
    assert offer.offered_by == scenario.underwriter
    # Opened by its address afterwards, the page says what became of the request.
    said = words(underwriter.get(address, follow=True))  # type: ignore[arg-type]
    assert "None of its invoices waits for a price any more. The last one: offered on" in said


def test_the_suppliers_page_of_an_offer_shows_each_fee_and_never_one_of_zero(scenario: Scenario) -> None:
    scenario.terms()
    owner = signed_in(scenario.owner)
    plain = scenario.offer(scenario.invoice(scenario.buyer("Plain"), face="10000"))
    page = owner.get(reverse("dashboard:offer", args=[plain.public_id])).content.decode()
    shown = re.sub(r'<span class="term".*?</a></span></span>', "", page, flags=re.DOTALL).lower()
    assert not [word for word in ("wire fee", "late fee", "at least $") if word in shown]
    scenario.terms(wire_fee=25, minimum_fee=200, late_fee_rate="0.05")
    offer = scenario.offer(scenario.invoice(scenario.buyer("Dear"), face="10000"))
    shown = text_of(owner, reverse("dashboard:offer", args=[offer.public_id]))
    for part in (
        "less wire fees of $25.00",
        "of which late fee $50.00",
        "and at least $200.00 for each invoice",
        "a late fee of 0.05% of its open balance is added for each further day",
        "at most 10% of the open amount that we buy",
    ):
        assert part in shown, shown
