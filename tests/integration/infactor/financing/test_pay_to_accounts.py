"""Buyers and suppliers read the account of the invoice's currency, and never one of another currency."""

from uuid import UUID

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from infactor.banking.models import HouseAccount
from infactor.core.business_day import business_day
from infactor.financing import emails, purchase_blockers, remittance_instructions
from infactor.financing.models import Notice
from infactor.financing.notices import issuance
from infactor.financing.remittance_instructions import NoAccountToPay
from tests.support.admin_client import visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.statements import house_account

pytestmark = pytest.mark.django_db
KEY = UUID(int=7)


def pay_to(scenario: Scenario, currency: str, number: str, **given: str) -> HouseAccount:
    account = house_account(scenario.operations, scenario.now, currency=currency, number=number)
    HouseAccount.objects.filter(pk=account.pk).update(is_pay_to=True, originator_name="infactor Inc", **given)
    return account


def test_each_currency_has_its_own_account_and_the_settings_stand_for_theirs_only(
    scenario: Scenario, settings: Settings
) -> None:
    settings.PAY_TO_CURRENCIES = ["USD"]
    settings.PAY_TO = {"holder": "infactor", "bank": "First", "account": "778899", "routing": "021"}
    pay_to(scenario, "EUR", "DE89370400440532013000", bic="COBADEFFXXX")
    told = {one: remittance_instructions.account_in(currency=one) for one in ("USD", "EUR", "GBP")}
    assert told["USD"] == settings.PAY_TO
    assert told["EUR"] == {
        "holder": "infactor Inc",
        "bank": "Bank of Examples",
        "account": "DE89370400440532013000",
        "routing": "COBADEFFXXX",
    }
    assert told["GBP"] is None
    assert remittance_instructions.without_account(currencies={"USD", "EUR", "GBP"}) == {"GBP"}
    with pytest.raises(NoAccountToPay, match="buyers pay to in GBP"):
        remittance_instructions.instructions_for(number="1", public_id=KEY, currency="GBP")
    only = remittance_instructions.instructions_or_reference(public_id=KEY, currency="GBP")
    assert only == {"reference": "IF-00000000"}
    pay_to(scenario, "USD", "000123456789")
    usd = remittance_instructions.instructions_for(number="1", public_id=KEY, currency="USD")
    assert (usd["account"], usd["reference"]) == ("000123456789", "1 IF-00000000")
    settings.PAY_TO = {"holder": "infactor", "bank": "", "account": "", "routing": ""}
    HouseAccount.objects.update(is_pay_to=False)
    assert remittance_instructions.account_in(currency="USD") is None


def test_nothing_is_bought_in_a_currency_that_nobody_can_be_told_to_pay_in(
    scenario: Scenario, settings: Settings
) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    settings.PAY_TO_CURRENCIES = ["EUR"]
    (row,) = purchase_blockers.read([advance.pk])
    on = business_day(scenario.now)
    missing = "There is no account that buyers pay to in USD. Choose a house account for it first."
    assert missing in purchase_blockers.of_advance(advance=row, invoice=row.invoice, on=on)
    with pytest.raises(issuance.NoticeError, match="no account that buyers pay to"):
        issuance.send(advance=advance, bought_on=scenario.today, by=scenario.operations, at=scenario.now)
    assert not Notice.objects.exists()
    assert mail.outbox == []
    pay_to(scenario, "USD", "000123456789")
    assert missing not in purchase_blockers.of_advance(advance=row, invoice=row.invoice, on=on)


def test_a_notice_keeps_the_account_that_it_named(scenario: Scenario, settings: Settings) -> None:
    pay_to(scenario, "USD", "000123456789")
    scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    HouseAccount.objects.update(is_pay_to=False)
    assert Notice.objects.get().facts["pay_to"]["account"] == "000123456789"


def test_a_supplier_that_owes_is_told_to_ask_where_there_is_no_account(
    client: Client, scenario: Scenario, settings: Settings
) -> None:
    settings.PAY_TO = {"holder": "infactor", "bank": "First", "account": "778899", "routing": "021"}
    advance = money_out.leave(scenario, scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1")))
    client.force_login(scenario.owner)
    address = reverse("dashboard:leave")
    assert "778899" in visible_text(client.get(address))  # type: ignore[arg-type]
    settings.PAY_TO_CURRENCIES = ["EUR"]
    shown = visible_text(client.get(address))  # type: ignore[arg-type]
    assert "778899" not in shown
    assert "Ask us for the account before you pay USD." in shown
    assert client.get(reverse("dashboard:payoff_pdf")).status_code == 200
    context = emails.instructions_or_reference(public_id=advance.supplier.public_id, currency=advance.currency)
    assert "account" not in context
