"""Terms of one deal: set for an offer alone, with a reason, and with a second person where they give something away."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.core.models import AuditEvent
from infactor.financing import terms_in_force
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.models import FundingTerms, Offer
from infactor.financing.origination import offers
from infactor.financing.origination.deals import Deal, DealError
from infactor.financing.origination.offers import OfferError
from infactor.financing.pricing import disclosure
from infactor.ledger.integrity import verify
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
WHY = "First deal of a large supplier."


def make(scenario: Scenario, *, approved: bool = False, reason: str = WHY, replaces: int = 0, **terms: Any) -> Offer:
    invoice = scenario.invoice(scenario.buyer(), face="10000")
    in_force = terms_in_force.terms_for(supplier=scenario.supplier, currency="USD", on=scenario.today)
    values = {name: Decimal(value) for name, value in terms.items()}
    return offers.create(
        request=scenario.request(invoice),
        deal=Deal(terms=values, reason=reason, replaces=replaces or in_force.pk),
        by=scenario.underwriter,
        approver=scenario.approver if approved else None,
        at=scenario.now,
    )


def test_a_dearer_deal_is_for_its_offer_alone_and_frozen_into_its_advance(scenario: Scenario) -> None:
    general = scenario.terms()
    offer = make(scenario, advance_rate="80", minimum_fee="250", wire_fee="30")
    line = offer.lines.get()
    assert (line.advance, line.cash) == (8000, 7970)
    advance = scenario.accept(offer)[0]
    assert advance.terms == offer.terms
    assert (advance.terms.minimum_fee, advance.terms.reason, advance.cash) == (250, WHY, 7970)
    changed = AuditEvent.objects.get(event="terms.set_for_deal").details["changes"]
    assert set(changed) == {"advance_rate", "minimum_fee", "wire_fee"}
    # Nobody else gets these terms: neither this supplier's next request, nor what is assessed for it.
    assert terms_in_force.terms_for(supplier=scenario.supplier, currency="USD", on=scenario.today) == general
    assert terms_in_force.default_terms(currency="USD", on=scenario.today) == general
    other = scenario.offer(scenario.invoice(scenario.buyer("Other")))
    assert other.terms == general
    assert verify(at=scenario.now).ok


def test_what_is_shown_before_acceptance_has_every_fee_of_the_deal_and_none_that_it_has_not(scenario: Scenario) -> None:
    scenario.terms()
    plain = scenario.offer(scenario.invoice(scenario.buyer("Plain")))
    shown = disclosure.offer_disclosure(offer=plain, lines=list(plain.lines.all()), today=scenario.today)
    assert not {"minimum_fee", "wire_fee", "wire_fees", "late_fee_rate"} & set(shown)
    assert not any("late_fee" in one for one in shown["scenarios"])
    assert "late_from" not in shown["invoices"][0]

    offer = make(scenario, wire_fee="25", late_fee_rate="0.05")
    shown = disclosure.offer_disclosure(offer=offer, lines=list(offer.lines.all()), today=scenario.today)
    assert (shown["cash_now"], shown["wire_fees"], shown["late_fee_cap_pct"]) == ("8475.00", "25.00", "10")
    # Due in 40 days, 10 days of grace: the first late day is the 51st. After 60 days: 300 and 10 days of 5, and 25.
    at_60 = shown["scenarios"][2]
    assert (at_60["fee"], at_60["late_fee"], at_60["cost"], at_60["rebate"]) == ("350.00", "50.00", "375.00", "1150.00")
    assert shown["invoices"][0]["late_from"] == (scenario.today + timedelta(days=51)).isoformat()
    scenario.accept(offer)
    assert offer.acceptance.disclosure == shown


def test_a_deal_that_gives_something_away_takes_a_second_person_whatever_the_amount(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(10**9))
    with pytest.raises(ApproverRequired, match="better for the supplier than the terms \\(first fee\\)"):
        make(scenario, first_fee_rate="1.4")
    assert not Offer.objects.exists()
    assert not FundingTerms.objects.filter(request__isnull=False).exists()
    offer = make(scenario, approved=True, first_fee_rate="1.4", additional_fee_rate="0.9")
    assert offer.terms.first_fee_rate == Decimal("1.4")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"advance_rate": "80", "reason": " "}, "Enter why this deal differs"),
        ({"advance_rate": "99.5"}, "Must not exceed the reserve"),
        ({"wire_fee": "-1"}, "Wire fee: Ensure this value is greater"),
        ({"minimum_fee": "1.005"}, "fraction of a cent|2 decimal places"),
        ({"recourse_days": "120"}, "cannot be set for one deal"),
        ({"advance_rate": "80", "replaces": 1}, "terms in force have changed"),
    ],
)
def test_a_deal_that_cannot_be_is_refused_in_words(scenario: Scenario, given: dict[str, Any], message: str) -> None:
    scenario.terms()
    with pytest.raises(DealError, match=message):
        make(scenario, approved=True, **given)


def test_a_deal_without_any_difference_has_the_terms_in_force(scenario: Scenario) -> None:
    general = scenario.terms()
    assert make(scenario, reason="", advance_rate="85.000").terms == general


def test_the_ceiling_of_the_annual_rate_holds_with_all_fees_of_a_deal(scenario: Scenario) -> None:
    # After 45 days 250 / 8,500 x 365 / 45 = 23.86 %; with a wire fee of 25 it is 275 / 8,475 x 365 / 45 = 26.32 %.
    scenario.terms(max_annual_rate_pct=Decimal(25))
    with pytest.raises(OfferError, match=r"would be 26\.32%"):
        make(scenario, wire_fee="25")
