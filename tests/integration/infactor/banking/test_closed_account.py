"""On a closed account nothing moves: not by what was sent, recorded or matched while it was open."""

from decimal import Decimal
from typing import Any

import pytest

from infactor.banking import accounts, closing, matches, movements, proof
from infactor.banking.models import HouseAccount, Movement, StatementLine
from infactor.banking.open_accounts import AccountClosed
from infactor.financing.collections import line_acceptance, payments
from infactor.financing.collections.incoming import IncomingPayment
from infactor.financing.corrections import payment_corrections
from infactor.financing.models import Collection, Payout, PayoutBatch
from infactor.financing.money_out import batches
from infactor.ledger.models import Entry
from infactor.month_end.checklist import checklist
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.statements import house_account

pytestmark = pytest.mark.django_db
CLOSED = "Old, USD is closed since Nov 2, 2026"


@pytest.fixture
def old(scenario: Scenario) -> HouseAccount:
    """A second account in dollars, with nothing on it."""
    house_account(scenario.operations, scenario.now)
    return house_account(scenario.operations, scenario.now, number="222222222", name="Old")


def by(scenario: Scenario) -> Any:
    return {"by": scenario.operations, "at": scenario.now}


def move(scenario: Scenario, account: HouseAccount, amount: str, **given: Any) -> Movement:
    usual = {"kind": Movement.Kind.CAPITAL, "value_date": scenario.today, "note": "", **by(scenario)}
    return movements.record(account=account, amount=Decimal(amount), **{**usual, **given})


def close(scenario: Scenario, account: HouseAccount) -> None:
    closing.close(account=account, reason="We left this bank", **by(scenario))


def test_a_batch_that_was_withdrawn_does_not_leave_it_again(scenario: Scenario, old: HouseAccount) -> None:
    payout = scenario.funded(scenario.invoice(scenario.buyer())).payouts.get()
    money_out.approve(scenario, payout)
    batch = batches.make(payout_ids=[payout.pk], house_account=old, format="csv", **by(scenario))
    batches.export(batch=batch, **by(scenario))
    batches.withdraw(batch=batch, reason="Not uploaded", **by(scenario))
    close(scenario, old)
    with pytest.raises(AccountClosed, match=CLOSED):
        batches.reinstate(batch=batch, reason="The bank had it", **by(scenario))
    assert PayoutBatch.objects.get().status == PayoutBatch.Status.WITHDRAWN
    assert Payout.objects.get().status == Payout.Status.APPROVED
    closing.reopen(account=old, reason="The bank had the file", **by(scenario))
    batches.reinstate(batch=batch, reason="The bank had it", **by(scenario))
    assert Payout.objects.get().status == Payout.Status.SENT


def test_a_payment_that_came_on_it_is_not_returned_withdrawn_or_corrected(
    scenario: Scenario, old: HouseAccount
) -> None:
    accounts.make_default(account=old, **by(scenario))
    given: Any = {"currency": "USD", "amount": Decimal(50), "value_date": scenario.today, "bank_reference": "B-1"}
    payment = payments.record(
        payment=IncomingPayment(**given, payer="Birch", remittance=""), targets=[], **by(scenario)
    )
    other = HouseAccount.objects.exclude(pk=old.pk).get()
    accounts.make_default(account=other, **by(scenario))
    move(scenario, old, "-50.00", kind=Movement.Kind.TRANSFER, other_account=other)
    close(scenario, old)
    why: Any = {"collection": payment, "reason": "R01", **by(scenario)}
    with pytest.raises(AccountClosed, match=CLOSED):
        payments.record_return(value_date=scenario.today, **why)
    with pytest.raises(AccountClosed, match=CLOSED):
        payment_corrections.withdraw(**why)
    with pytest.raises(AccountClosed, match=CLOSED):
        payment_corrections.change_amount(amount=Decimal(40), **why)
    assert Collection.objects.get().counts
    assert proof.find_discrepancies() == []
    closing.reopen(account=old, reason="A payment came back", **by(scenario))
    payments.record_return(value_date=scenario.today, **why)


def test_what_was_said_of_its_lines_stays_said(scenario: Scenario, old: HouseAccount) -> None:
    move(scenario, old, "100.00")
    move(scenario, old, "-100.00")
    into = money_out.line_on(old, "100.00", on=scenario.today, at=scenario.now)
    again = money_out.line_on(old, "100.00", on=scenario.today, at=scenario.now)
    out = money_out.line_on(old, "-100.00", on=scenario.today, at=scenario.now)
    for line, entry in zip(
        (into, out), Entry.objects.filter(account__owner=old.ledger_owner).order_by("-debit"), strict=True
    ):
        matches.link(line=line, entries=[entry], **by(scenario))
    matches.mark_duplicate(line=again, same_as=into, reason="Twice in the file", **by(scenario))
    close(scenario, old)
    for line in (into, out, again):
        with pytest.raises(AccountClosed, match=CLOSED):
            line_acceptance.reopen_line(line=line, reason="The wrong line", **by(scenario))
    assert not StatementLine.objects.filter(status__in=matches.OPEN).exists()
    closing.reopen(account=old, reason="A line was wrong", **by(scenario))
    line_acceptance.reopen_line(line=again, reason="The wrong line", **by(scenario))


def test_the_proof_names_a_closed_account_with_payouts_on_their_way_or_open_lines(
    scenario: Scenario, old: HouseAccount
) -> None:
    payout = scenario.funded(scenario.invoice(scenario.buyer())).payouts.get()
    money_out.approve(scenario, payout)
    batches.make(payout_ids=[payout.pk], house_account=old, format="csv", **by(scenario))
    money_out.line_on(old, "5.00", on=scenario.today, at=scenario.now)
    HouseAccount.objects.filter(pk=old.pk).update(
        closed_at=scenario.now, closed_by=scenario.operations, closing_reason="We left this bank"
    )
    assert proof.find_discrepancies() == [
        f"Old, USD is closed, and payouts of {payout.amount:,.2f} leave from it.",
        "Old, USD is closed, and of its statements 1 line is not in the books.",
    ]


def test_the_checklist_of_a_month_asks_for_no_statement_of_an_account_closed_by_then(
    scenario: Scenario, old: HouseAccount
) -> None:
    close(scenario, old)
    november, october = scenario.today.replace(day=1), scenario.today.replace(month=10, day=1)

    def said(month: Any) -> list[str]:
        found = next(one.findings for one in checklist(month=month, at=scenario.now) if one.code == "bank")
        return [one for one in found if one.startswith("Old, USD")]

    assert said(november) == []
    assert said(october) == ["Old, USD: no statement is imported."], "it was open then"
    HouseAccount.objects.filter(pk=old.pk).update(closed_at=None, closed_by=None, closing_reason="")
    move(scenario, old, "7.00")
    HouseAccount.objects.filter(pk=old.pk).update(
        closed_at=scenario.now, closed_by=scenario.operations, closing_reason="We left this bank"
    )
    assert said(november) == ["Old, USD: no statement is imported."], "there is money on it"
