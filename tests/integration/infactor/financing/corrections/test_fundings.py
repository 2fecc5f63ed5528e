"""A funding whose money never left is taken back, as if nothing had been bought."""

from decimal import Decimal
from typing import Any

import pytest

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing import payouts
from infactor.financing.accounting.payoff import PayoffError
from infactor.financing.advances import cases, repurchases, short_payments, write_offs
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.corrections import advance_corrections, fundings
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.eligibility.utilization import commitments_of_supplier
from infactor.financing.models import Advance, Case, Correction, Netting, Notice, Payout
from infactor.financing.money_out import batches, endings
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.ledger.integrity import verify
from infactor.users.roles import NotAllowed
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def why(scenario: Scenario) -> Any:
    return {"by": scenario.operations, "at": scenario.now, "reason": "The invoice was voided"}


def today(scenario: Scenario) -> Any:
    return {"value_date": scenario.money_day, **why(scenario)}


def fresh(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice").get(pk=advance.pk)


def bought(scenario: Scenario) -> tuple[Advance, Payout]:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    return advance, advance.payouts.get()


def void(advance: Advance) -> None:
    Invoice.objects.filter(pk=advance.invoice_id).update(books_status=BooksStatus.VOIDED, balance=0)


@pytest.mark.parametrize("stage", ["prepared", "approved", "in a batch", "stopped", "returned", "debited and returned"])
def test_a_funding_that_never_left_is_as_if_nothing_had_been_bought(scenario: Scenario, stage: str) -> None:
    advance, payout = bought(scenario)
    if stage != "prepared":
        money_out.approve(scenario, payout)
    if stage == "in a batch":
        account = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
        given: Any = {"payout_ids": [payout.pk], "house_account": account, "format": "csv"}
        batches.make(**given, by=scenario.operations, at=scenario.now)
    elif stage == "stopped":
        endings.stop(payout=payout, **why(scenario))
    elif stage == "returned":
        money_out.fail(scenario, payout)
    elif stage == "debited and returned":
        money_out.confirm(scenario, payout)
        money_out.give_back(scenario, payout)
    void(advance)
    scenario.later(1)
    done = fundings.take_back(advance=advance, **why(scenario))
    assert money_out.available_books() == {}
    gone = fresh(advance)
    assert (gone.status, gone.fee, gone.reason) == (Advance.Status.CANCELLED, None, "The invoice was voided")
    assert gone.invoice.state == State.CREATED
    assert Payout.objects.get().status == Payout.Status.CANCELLED
    assert Payout.objects.get().batch is None or stage in ("returned", "debited and returned")
    assert Notice.objects.get().status == Notice.Status.RELEASED
    assert done.kind == Correction.Kind.FUNDING
    assert f"advance:{advance.pk}:funded:reversed" in done.references
    assert AuditEvent.objects.filter(event="correction.funding").count() == 1
    mail = OutgoingMail.objects.get(key__startswith="financing.corrected")
    assert "was not bought: $850.00 never left" in mail.body
    assert verify(at=scenario.now).findings == []


def test_the_invoice_can_be_bought_afterwards(scenario: Scenario) -> None:
    advance, payout = bought(scenario)
    endings.stop(payout=payout, **why(scenario))
    fundings.take_back(advance=advance, **why(scenario))
    again = scenario.funded(fresh(advance).invoice)
    money_out.confirm_all(scenario)
    scenario.pay(again, "1000")
    assert scenario.settle(Advance.objects.get(pk=again.pk)).rebate == Decimal(135)
    assert verify(at=scenario.now).findings == []


def test_what_was_netted_is_owed_again_and_every_attempt_is_undone(scenario: Scenario) -> None:
    owed = scenario.funded(scenario.invoice(scenario.buyer()))
    money_out.confirm_all(scenario)
    money_out.leave(scenario, owed)
    repurchases.repurchase(advance=owed, **{**today(scenario), "reason": "Recourse"})
    scenario.arrive("500", targets=[AllocationTarget(Decimal(500), supplier=scenario.supplier, is_due=True)])
    before = money_out.available_books()
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    assert Netting.objects.get().amount == 365
    payout = advance.payouts.get()
    for _ in range(2):
        endings.stop(payout=payout, **why(scenario))
        payout = payouts.resend(payout=payout, value_date=scenario.money_day, by=scenario.operations, at=scenario.now)
    fundings.take_back(advance=advance, **why(scenario))
    assert money_out.available_books() == before
    assert Netting.objects.get().undone_at == scenario.now
    assert verify(at=scenario.now).findings == []


def test_money_that_left_or_was_used_is_not_taken_back(scenario: Scenario) -> None:
    sent, payout = bought(scenario)
    money_out.send(scenario, payout)
    with pytest.raises(CorrectionError, match="has left: sent"):
        fundings.take_back(advance=sent, **why(scenario))
    paid, stopped = bought(scenario)
    endings.stop(payout=stopped, **why(scenario))
    scenario.pay(paid, "300")
    with pytest.raises(CorrectionError, match="Unmatch that first"):
        fundings.take_back(advance=paid, **why(scenario))
    short, _ = bought(scenario)
    given: Any = {"amount": Decimal(50), "value_date": scenario.money_day, **why(scenario)}
    short_payments.accept_short_payment(advance=short, approver=scenario.underwriter, **given)
    with pytest.raises(CorrectionError, match="Take that back first"):
        fundings.take_back(advance=short, **why(scenario))
    accepted = scenario.accepted(scenario.invoice(scenario.buyer()))
    with pytest.raises(CorrectionError, match="no funding to take back"):
        fundings.take_back(advance=accepted, **why(scenario))
    with pytest.raises(NotAllowed):
        fundings.take_back(advance=short, by=scenario.underwriter, at=scenario.now, reason="No")


def test_from_the_set_amount_up_two_people_take_it_back(scenario: Scenario) -> None:
    advance, payout = bought(scenario)
    endings.stop(payout=payout, **why(scenario))
    scenario.terms(dual_control_threshold=Decimal(500))
    with pytest.raises(ApproverRequired):
        fundings.take_back(advance=advance, **why(scenario))
    assert fresh(advance).status == Advance.Status.FUNDED
    done = fundings.take_back(advance=advance, approver=scenario.approver, **why(scenario))
    assert done.approved_by == scenario.approver


@pytest.mark.parametrize("stage", ["prepared", "approved", "in a batch"])
def test_nothing_is_given_up_or_billed_whose_money_has_not_left(scenario: Scenario, stage: str) -> None:
    advance, payout = bought(scenario)
    if stage != "prepared":
        money_out.approve(scenario, payout)
    if stage == "in a batch":
        account = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
        given: Any = {"payout_ids": [payout.pk], "house_account": account, "format": "csv"}
        made = batches.make(**given, by=scenario.operations, at=scenario.now)
    refusal = "The money has not left.*Take back the funding instead, or stop the payout"
    for end in (write_offs.write_off, repurchases.repurchase):
        with pytest.raises(PayoffError, match=refusal):
            end(advance=advance, **today(scenario))
    # What the reserve covers is the reserve's; beyond it the supplier would owe what it has not got.
    short: Any = {"approver": scenario.underwriter, **today(scenario)}
    with pytest.raises(PayoffError, match=refusal):
        short_payments.accept_short_payment(advance=advance, amount=Decimal(151), **short)
    short_payments.accept_short_payment(advance=advance, amount=Decimal(150), **short)
    assert (fresh(advance).status, money_out.available_books()["receivable"]) == (Advance.Status.FUNDED, 850)
    if stage == "in a batch":
        batches.export(batch=made, by=scenario.operations, at=scenario.now)
        short_payments.accept_short_payment(advance=advance, amount=Decimal(50), **short)
        assert write_offs.write_off(advance=advance, **today(scenario)).status == Advance.Status.WRITTEN_OFF


@pytest.mark.parametrize("end", [write_offs.write_off, repurchases.repurchase])
def test_what_comes_back_of_what_was_given_up_does_not_leave_again(scenario: Scenario, end: Any) -> None:
    advance, payout = bought(scenario)
    money_out.send(scenario, payout)
    end(advance=advance, **today(scenario))
    returned = money_out.give_back(scenario, payout)
    with pytest.raises(payouts.PayoutError, match="Take that back, then take back the funding"):
        payouts.resend(payout=returned, value_date=scenario.money_day, by=scenario.operations, at=scenario.now)
    with pytest.raises(CorrectionError, match="there is no funding to take back"):
        fundings.take_back(advance=advance, **why(scenario))
    advance_corrections.take_back_closing(advance=fresh(advance), **why(scenario))
    fundings.take_back(advance=advance, **why(scenario))
    assert money_out.available_books() == {}
    assert verify(at=scenario.now).findings == []


def test_a_batch_that_the_bank_never_got_does_not_leave_again_for_what_was_given_up(scenario: Scenario) -> None:
    advance, payout = bought(scenario)
    made = money_out.send(scenario, payout)
    write_offs.write_off(advance=advance, **today(scenario))
    batches.withdraw(batch=made, **why(scenario))
    account = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
    given: Any = {"payout_ids": [payout.pk], "house_account": account, "format": "csv"}
    with pytest.raises(payouts.PayoutError, match="is written off"):
        batches.make(**given, by=scenario.operations, at=scenario.now)


@pytest.mark.parametrize("by_return", [False, True])
def test_nobody_is_billed_for_money_that_it_never_got(scenario: Scenario, by_return: bool) -> None:
    advance, payout = bought(scenario)
    if by_return:
        money_out.fail(scenario, payout)
    else:
        endings.stop(payout=payout, **why(scenario))
    void(advance)
    for end in (repurchases.repurchase, write_offs.write_off):
        with pytest.raises(PayoffError, match=r"never got the money: .* Take back the funding instead"):
            end(advance=advance, **today(scenario))
    assert fresh(advance).status == Advance.Status.FUNDED


def test_its_cases_end_and_its_limits_are_free(scenario: Scenario) -> None:
    advance, payout = bought(scenario)
    cases.open_dispute(advance=advance, **why(scenario))
    assert len(commitments_of_supplier(supplier=scenario.supplier)) == 1
    endings.stop(payout=payout, **why(scenario))
    fundings.take_back(advance=advance, **why(scenario))
    assert commitments_of_supplier(supplier=scenario.supplier) == []
    assert Case.objects.get().outcome == Case.Outcome.ENDED
