"""The page of a buyer says what of its invoices is financed, whom it pays for them, and how much more it may be."""

from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from infactor.dashboard.buyers import page_view
from infactor.financing.policy.limits import set_limit
from infactor.invoices.models import Invoice
from tests.functional.infactor.dashboard.buyers.pages import address_of, joined, page, text_of
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def test_financed_invoices_say_what_is_owed_and_whom_the_buyer_pays(client: Client, scenario: Scenario) -> None:
    scenario.terms(pair_limit=Decimal(5000))
    buyer = scenario.buyer("Kestrel")
    advance = scenario.funded(scenario.invoice(buyer, face="1000", invoice_no="F-1"))
    scenario.accepted(scenario.invoice(buyer, face="700", invoice_no="A-1"))
    scenario.pay(advance, "400")
    client.force_login(scenario.owner)
    with time_machine.travel(scenario.now, tick=False):
        shown = page(client, address_of(buyer))
    rows = shown.partition("Financed invoices of this buyer")[2].partition("</table>")[0]
    assert "$600.00" in rows
    assert "$700.00" in rows
    assert f"Reference <bdi>F-1 IF-{advance.invoice.public_id.hex[:8].upper()}</bdi>" in rows
    assert "A-1 IF-" not in rows
    assert "Where this buyer pays financed invoices" in shown
    # 1000 less 400 that was paid, and 700 that is accepted.
    assert "$1,300.00 of $5,000.00 in use" in text_of(shown)
    assert "$3,700.00" in shown


def test_the_account_and_the_reference_are_those_of_the_notice_whatever_has_changed_since(
    client: Client, scenario: Scenario, settings: Any
) -> None:
    scenario.terms()
    buyer = scenario.buyer("Kestrel")
    told, later = (scenario.funded(scenario.invoice(buyer, face="700", invoice_no=f"F-{one}")) for one in (1, 2))
    reference = told.notices.get().facts["pay_to"]["reference"]
    Invoice.objects.filter(pk=told.invoice_id).update(invoice_no="RENAMED")
    settings.PAY_TO = {**settings.PAY_TO, "account": "999000999", "bank": "Newer Bank"}
    third = scenario.funded(scenario.invoice(buyer, face="700", invoice_no="F-3"))
    client.force_login(scenario.owner)
    with time_machine.travel(scenario.now, tick=False):
        shown = page(client, address_of(buyer))
    assert f"<bdi>{reference}</bdi>" in shown
    assert "RENAMED IF-" not in shown
    accounts = shown.partition('id="pay-to-title"')[2].partition("</section>")[0]
    assert accounts.count("<dl") == 2
    for one in (told, later, third):
        assert one.notices.get().facts["pay_to"]["account"] in accounts


def test_the_accounts_are_those_of_every_notice_not_of_the_shown_ones_only(
    client: Client, scenario: Scenario, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_view, "MAX_FINANCED", 1)
    scenario.terms()
    buyer = scenario.buyer("Kestrel")
    for account in ("111000111", "222000222"):
        settings.PAY_TO = {**settings.PAY_TO, "account": account}
        scenario.funded(scenario.invoice(buyer, face="700"))
    client.force_login(scenario.owner)
    with time_machine.travel(scenario.now, tick=False):
        shown = page(client, address_of(buyer))
    assert "111000111" in shown
    assert "222000222" in shown


def test_a_limit_of_the_pair_goes_before_the_terms_and_that_of_all_suppliers_is_not_told(
    client: Client, scenario: Scenario
) -> None:
    scenario.terms(pair_limit=Decimal(5000))
    buyer = scenario.buyer("Kestrel")
    scenario.invoice(buyer)
    debtor = joined(buyer, by=scenario.underwriter)
    given: dict[str, Any] = {
        "debtor": debtor,
        "currency": "USD",
        "reason": "r",
        "by": scenario.underwriter,
        "at": scenario.now,
    }
    set_limit(amount=Decimal(4444), supplier=scenario.supplier, approver=scenario.approver, **given)
    set_limit(amount=Decimal(9876), approver=scenario.approver, **given)
    client.force_login(scenario.owner)
    shown = page(client, address_of(buyer))
    assert "$0.00 of $4,444.00 in use" in text_of(shown)
    assert "9,876" not in shown
