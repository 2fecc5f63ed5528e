"""Emails about money name the invoice and the currency, and link to the right page."""

import pytest
from django.urls import reverse

from infactor.core.models import OutgoingMail
from infactor.financing import payouts
from infactor.financing.models import Advance
from infactor.financing.origination import offers
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def mail(event: str) -> str:
    """The one email of `event`."""
    return OutgoingMail.objects.get(key__startswith=f"financing.{event}:").body


def test_an_offer_that_is_over_names_its_invoices_and_leads_to_it(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    expired = scenario.offer(scenario.invoice(buyer, invoice_no="A-1"), scenario.invoice(buyer, invoice_no="A-2"))
    withdrawn = scenario.offer(scenario.invoice(buyer, invoice_no="A-3"))
    offers.withdraw(offer=withdrawn, by=scenario.underwriter, at=scenario.now, reason="The buyer has closed.")
    scenario.later(30)
    offers.expire(offer=expired, at=scenario.now)
    assert "for A-1, A-2 has expired" in mail("offer_expired")
    assert "for A-3." in mail("offer_withdrawn")
    for event, offer in (("offer_expired", expired), ("offer_withdrawn", withdrawn)):
        assert reverse("dashboard:offer", args=[offer.public_id]) in mail(event)


def test_a_payout_that_came_back_names_its_invoice_and_leads_to_the_bank_accounts(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), invoice_no="B-1"))
    given = {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
    failed = money_out.fail(scenario, advance.payouts.get(), reason="No such account.")
    payouts.resend(payout=failed, **given)
    assert "for invoice B-1, account" in mail("payout_failed")
    assert reverse("dashboard:bank") in mail("payout_failed")
    assert "for invoice B-1 again" in mail("payout_resent")


def test_what_a_settlement_came_to_is_told_with_its_currency(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="1000"))
    scenario.later(20)
    scenario.pay(advance, "1000")
    scenario.settle(Advance.objects.get(pk=advance.pk))
    told = mail("settled")
    assert "Fee, USD: 1,000.00 × 1.5% = 15.00 for 20 days" in told
    assert reverse("dashboard:invoice", args=[advance.invoice.public_id]) in told
