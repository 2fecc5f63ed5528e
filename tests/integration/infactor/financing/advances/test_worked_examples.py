"""Two worked examples, from request to settlement, give the expected amounts and postings to the cent."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from infactor.financing.accounting import balances
from infactor.financing.models import Advance, Payout
from infactor.invoices.states import State
from infactor.ledger.balances import balance, trial_balance
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose, Transaction
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    return build_scenario


def cash() -> Decimal:
    """What is available: what is on the account, less what is on its way out."""
    return money_out.available()


def entries(reference: str) -> dict[str, tuple[Decimal, Decimal]]:
    """The entries of a posting: {account: (debit, credit)}."""
    rows = Transaction.objects.get(reference=reference).entries.select_related("account")
    return {row.account.purpose: (row.debit, row.credit) for row in rows}


def test_a_thousand_at_two_percent_a_month_brings_800_then_180(scenario: Scenario) -> None:
    scenario.terms(
        advance_rate=Decimal(80), first_fee_rate=Decimal(2), additional_fee_rate=Decimal(2), additional_fee_days=30
    )
    invoice = scenario.invoice(scenario.buyer())
    advance = scenario.funded(invoice)
    assert (advance.face, advance.amount, advance.reserve) == (Decimal(1000), Decimal(800), Decimal(200))
    assert cash() == Decimal(-800)

    scenario.later(30)
    scenario.pay(advance, "1000")
    advance.refresh_from_db()
    assert advance.status == Advance.Status.COLLECTED
    settled = scenario.settle(advance)

    assert (settled.fee, settled.fee_days, settled.rebate) == (Decimal(20), 30, Decimal(180))
    assert cash() == Decimal(20)
    assert balance(purpose=Purpose.FEE_INCOME, currency="USD") == Decimal(20)
    assert balances.outstanding(advance=settled) == (0, 0)
    invoice.refresh_from_db()
    assert invoice.state == State.COMPLETED
    assert [row.amount for row in Payout.objects.order_by("pk")] == [Decimal(800), Decimal(180)]


def test_ten_thousand_at_85_percent_costs_300_after_51_to_60_days(scenario: Scenario) -> None:
    scenario.terms()
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    assert entries(f"{advance.ledger_owner}:funded") == {
        "receivable": (Decimal(10000), Decimal(0)),
        "payout_in_transit": (Decimal(0), Decimal(8500)),
        "reserve": (Decimal(0), Decimal(1500)),
    }
    scenario.later(51)
    collection = scenario.pay(advance, "10000")
    assert entries(f"{collection.ledger_owner}:recorded") == {
        "cash": (Decimal(10000), Decimal(0)),
        "receivable": (Decimal(0), Decimal(10000)),
    }
    scenario.later(9)
    settled = scenario.settle(Advance.objects.get(pk=advance.pk))

    assert (settled.fee, settled.fee_days, settled.rebate) == (Decimal(300), 51, Decimal(1200))
    assert entries(f"{advance.ledger_owner}:settled") == {
        "reserve": (Decimal(1500), Decimal(0)),
        "fee_income": (Decimal(0), Decimal(300)),
        "payout_in_transit": (Decimal(0), Decimal(1200)),
    }
    assert sum(line.debits - line.credits for line in trial_balance()) == 0
    assert verify(at=scenario.now).ok


def test_days_run_from_the_day_after_funding_to_the_value_date_of_the_payment(scenario: Scenario) -> None:
    scenario.terms()
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    paid_on = date(2026, 12, 2)
    scenario.later(45)  # the bank's statement was entered late; the money was there after 30 days
    scenario.pay(advance, "10000", value_date=paid_on)
    settled = scenario.settle(Advance.objects.get(pk=advance.pk))
    assert (settled.fee_days, settled.fee) == (30, Decimal(150))
