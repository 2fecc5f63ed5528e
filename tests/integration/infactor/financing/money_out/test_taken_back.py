"""What was said of money out by mistake is taken back: a return, a collection cost, the withdrawal of a batch."""

from decimal import Decimal
from typing import Any

import pytest

from infactor.banking import cash
from infactor.banking.models import StatementLine
from infactor.core.models import OutgoingMail
from infactor.financing import payouts
from infactor.financing.advances import collection_costs
from infactor.financing.collections import line_acceptance, payments
from infactor.financing.corrections import advance_corrections, cost_corrections, returned_payouts
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.models import Advance, CollectionCost, Notice, Payout, PayoutBatch, Refund
from infactor.financing.money_out import bank_lines, batches, endings
from infactor.financing.payouts import PayoutError
from infactor.ledger.integrity import verify
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
Status = Payout.Status


def by(scenario: Scenario) -> Any:
    return {"by": scenario.operations, "at": scenario.now}


def why(scenario: Scenario) -> Any:
    return {**by(scenario), "reason": "The wrong line"}


def fresh(payout: Payout) -> Payout:
    return Payout.objects.get(pk=payout.pk)


def funded(scenario: Scenario) -> Payout:
    return Payout.objects.get(advance=scenario.funded(scenario.invoice(scenario.buyer())))


def in_order(scenario: Scenario) -> None:
    assert verify(at=scenario.now).findings == []


def credit(scenario: Scenario, amount: Decimal) -> StatementLine:
    account = money_out.account_for("USD", **by(scenario))
    return money_out.line_on(account, amount, on=scenario.today, at=scenario.now)


def mails(event: str) -> list[str]:
    return [one.body for one in OutgoingMail.objects.filter(key__startswith=f"financing.{event}:").order_by("pk")]


def test_a_return_that_was_another_line_is_taken_back_and_the_true_one_follows(scenario: Scenario) -> None:
    (payout,) = money_out.confirm(scenario, funded(scenario))
    wrong = credit(scenario, payout.amount)
    endings.record_return(payout=payout, line=wrong, code="R01", reason="", **by(scenario))
    with pytest.raises(PayoutError, match="Take that return back"):
        line_acceptance.reopen_line(line=wrong, reason="The wrong line", **by(scenario))

    returned_payouts.take_back(line=wrong, **why(scenario))

    wrong.refresh_from_db()
    found = fresh(payout)
    assert (wrong.status, found.status, found.credited_on) == (StatementLine.Status.WAITING, Status.CONFIRMED, None)
    assert Notice.objects.filter(advance=payout.advance, ended_at=None).count() == 1
    assert "That was our mistake" in mails("payout_arrived_after_all")[0]
    in_order(scenario)
    with pytest.raises(CorrectionError, match="No payout came back"):
        returned_payouts.take_back(line=wrong, **why(scenario))

    true = credit(scenario, payout.amount)
    endings.record_return(payout=payout, line=true, code="R01", reason="", **by(scenario))
    assert (fresh(payout).status, len(mails("payout_failed"))) == (Status.RETURNED, 2)
    in_order(scenario)


def test_a_return_is_taken_back_although_the_payout_was_prepared_again_once_that_is_not_under_way(
    scenario: Scenario,
) -> None:
    (payout,) = money_out.confirm(scenario, funded(scenario))
    wrong = credit(scenario, payout.amount)
    endings.record_return(payout=payout, line=wrong, code="R01", reason="", **by(scenario))
    second = payouts.resend(payout=fresh(payout), value_date=scenario.today, **by(scenario))
    with pytest.raises(CorrectionError, match=f"Stop {second} first"):
        returned_payouts.take_back(line=wrong, **why(scenario))
    (second,) = money_out.confirm(scenario, second)
    with pytest.raises(CorrectionError, match=f"as the return of {second}"):
        returned_payouts.take_back(line=wrong, **why(scenario))
    endings.record_return(payout=second, line=credit(scenario, second.amount), code="R01", reason="", **by(scenario))
    third = payouts.resend(payout=fresh(second), value_date=scenario.today, **by(scenario))
    endings.stop(payout=third, **why(scenario))

    returned_payouts.take_back(line=wrong, **why(scenario))

    assert (fresh(payout).status, fresh(payout).credited_on) == (Status.CONFIRMED, None)
    assert {fresh(one).status for one in (second, third)} == {Status.CANCELLED}
    assert Notice.objects.filter(advance=payout.advance, ended_at=None).count() == 1
    in_order(scenario)
    true = credit(scenario, payout.amount)
    endings.record_return(payout=payout, line=true, code="R01", reason="", **by(scenario))
    again = payouts.resend(payout=fresh(payout), value_date=scenario.today, **by(scenario))
    assert (again.status, again.replaces) == (Status.PREPARED, fresh(payout))
    in_order(scenario)


def test_the_return_of_a_refund_is_taken_back_while_its_money_waits(scenario: Scenario) -> None:
    payment = scenario.arrive("300", targets=[])
    refund = money_out.refund(payment, "100", value_date=scenario.today, reason="Not ours", **by(scenario))
    (payout,) = money_out.confirm(scenario, refund.payout)
    line = credit(scenario, payout.amount)
    endings.record_return(payout=payout, line=line, code="R01", reason="", **by(scenario))
    second = money_out.refund(payment, "250", value_date=scenario.today, reason="Not ours", **by(scenario))
    with pytest.raises(CorrectionError, match="matched or refunded since"):
        returned_payouts.take_back(line=line, **why(scenario))
    endings.stop(payout=second.payout, **why(scenario))
    returned_payouts.take_back(line=line, **why(scenario))
    assert Refund.objects.get(pk=refund.pk).failed_on is None
    assert (fresh(payout).status, payments.unallocated(collection=payment)) == (Status.CONFIRMED, 200)
    in_order(scenario)
    again = credit(scenario, payout.amount)
    endings.record_return(payout=payout, line=again, code="R01", reason="", **by(scenario))
    assert payments.unallocated(collection=payment) == 300
    in_order(scenario)


def test_the_late_credit_of_a_payout_that_had_failed_before_is_taken_back_alone(scenario: Scenario) -> None:
    payout = funded(scenario)
    money_out.send(scenario, payout)
    endings.record_return(payout=payout, code="R01", reason="", value_date=scenario.today, **by(scenario))
    money_out.debit(scenario, fresh(payout))
    line = credit(scenario, payout.amount)
    endings.record_return(payout=payout, line=line, code="", reason="Given back", **by(scenario))
    returned_payouts.take_back(line=line, **why(scenario))
    found = fresh(payout)
    assert (found.status, found.debited_on, found.credited_on) == (Status.RETURNED, scenario.today, None)
    in_order(scenario)


def test_a_return_of_a_reclaimed_rebate_is_taken_back_and_the_supplier_owes_it_again(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    scenario.pay(advance, "1000")
    scenario.settle(Advance.objects.get(pk=advance.pk))
    (rebate,) = money_out.confirm(scenario, Payout.objects.get(advance=advance, purpose="rebate"))
    advance_corrections.take_back_closing(advance=advance, **why(scenario))
    line = credit(scenario, rebate.amount)
    endings.record_return(payout=rebate, line=line, code="R01", reason="", **by(scenario))
    in_order(scenario)
    returned_payouts.take_back(line=line, **why(scenario))
    assert fresh(rebate).status == Status.CONFIRMED
    in_order(scenario)


def cost_of(scenario: Scenario) -> CollectionCost:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    court = money_out.payee(name="Court", **by(scenario))
    given: Any = {"amount": Decimal("40"), "payee": court, "value_date": scenario.today, "reason": "Fee"}
    return collection_costs.record(advance=advance, **given, **by(scenario))


def test_a_cost_that_nobody_paid_is_cancelled_and_is_not_debited_any_more(scenario: Scenario) -> None:
    cost = cost_of(scenario)
    account = money_out.account_for("USD", **by(scenario))
    before = cash.available(account=account)
    cost_corrections.cancel(cost=cost, **why(scenario))
    assert cash.available(account=account) == before + 40
    line = money_out.line_on(account, "-40", on=scenario.today, at=scenario.now)
    with pytest.raises(PayoutError, match="was cancelled"):
        bank_lines.confirm(line=line, payout_ids=[], cost_ids=[cost.pk], **by(scenario))
    with pytest.raises(CorrectionError, match="cancelled"):
        cost_corrections.cancel(cost=cost, **why(scenario))
    assert not OutgoingMail.objects.filter(key__startswith="financing.corrected").exists()
    in_order(scenario)


def test_a_cost_comes_back_by_a_line_and_that_is_taken_back(scenario: Scenario) -> None:
    cost = cost_of(scenario)
    debit = money_out.debit(scenario, costs=[cost])
    with pytest.raises(CorrectionError, match="was debited"):
        cost_corrections.cancel(cost=cost, **why(scenario))
    line = credit(scenario, Decimal(40))
    cost_corrections.record_return(cost=cost, line=line, **why(scenario))
    in_order(scenario)
    with pytest.raises(PayoutError, match="came back"):
        line_acceptance.reopen_line(line=debit, reason="The wrong line", **by(scenario))
    cost_corrections.take_back_return(line=line, **why(scenario))
    in_order(scenario)
    again = credit(scenario, Decimal(40))
    cost_corrections.record_return(cost=cost, line=again, **why(scenario))
    in_order(scenario)


def test_a_debit_of_a_batch_withdrawn_by_mistake_is_matched_once_the_bank_is_known_to_have_had_it(
    scenario: Scenario,
) -> None:
    payout = funded(scenario)
    batch = batches.withdraw(batch=money_out.send(scenario, payout), reason="Not uploaded", **by(scenario))
    account = batch.house_account
    other = batches.make(payout_ids=[payout.pk], house_account=account, format="csv", **by(scenario))
    with pytest.raises(PayoutError, match="Withdraw that first"):
        batches.reinstate(batch=batch, reason="It is on the statement", **by(scenario))
    batches.withdraw(batch=other, reason="Sent before", **by(scenario))
    with pytest.raises(PayoutError, match="was not exported"):
        batches.reinstate(batch=other, reason="It is on the statement", **by(scenario))

    batches.reinstate(batch=batch, reason="It is on the statement", **by(scenario))

    assert (fresh(payout).status, fresh(payout).batch) == (Status.SENT, batch)
    with pytest.raises(PayoutError, match="was deleted"):
        batches.download(batch=batch, **by(scenario))
    assert len(mails("payout_sent")) == 2
    money_out.debit(scenario, payout)
    assert fresh(payout).status == Status.CONFIRMED
    assert PayoutBatch.objects.get(pk=batch.pk).status == PayoutBatch.Status.EXPORTED
    in_order(scenario)


def test_what_was_prepared_again_since_the_withdrawal_can_still_be_debited_late(scenario: Scenario) -> None:
    payout = funded(scenario)
    batch = batches.withdraw(batch=money_out.send(scenario, payout), reason="Not uploaded", **by(scenario))
    endings.stop(payout=payout, **why(scenario))
    with pytest.raises(PayoutError, match="is stopped"):
        batches.reinstate(batch=batch, reason="It is on the statement", **by(scenario))
    payouts.resend(payout=fresh(payout), value_date=scenario.today, **by(scenario))
    batches.reinstate(batch=batch, reason="It is on the statement", **by(scenario))
    money_out.debit(scenario, fresh(payout))
    assert (fresh(payout).status, fresh(payout).debited_on) == (Status.REPLACED, scenario.today)
    in_order(scenario)
