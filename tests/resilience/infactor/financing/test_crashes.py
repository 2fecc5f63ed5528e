"""A crash at any point of a financing action leaves no trace in the ledger, states, emails or audit trail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db.transaction import atomic, set_rollback

from infactor.core import audit
from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing import approvals, emails, payouts
from infactor.financing.accounting import balances
from infactor.financing.advances import cases, funding, repurchases, settlements, short_payments, write_offs
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.corrections import advance_corrections, fundings, payment_corrections
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Advance, Approval, Case, Payout
from infactor.financing.money_out import approval, bank_lines, batches, endings
from infactor.financing.notices import emails as notice_emails
from infactor.financing.origination import acceptance, offers, requests
from infactor.invoices.models import Invoice
from infactor.ledger import posting
from infactor.ledger.integrity import verify
from infactor.ledger.models import Account, Entry, Transaction
from infactor.users.roles import NotAllowed
from tests.support.database.checksums import checksums
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.financing_sample_data import SampleData, create_sample_data

pytestmark = pytest.mark.django_db

# Every write goes through one of these: posting, audit trail, email, and recalculation request.
POINTS = (
    (posting, "post"),
    (posting, "reverse"),
    (audit, "record"),
    (emails, "enqueue"),
    (notice_emails, "_enqueue"),
    (recalculation, "request_recalculation"),
)


class Crash(Exception):
    """Stands for the death of the process at this point."""


@contextmanager
def crashing(at: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Crash before (odd `at`) or just after (even `at`) a patched call; yield the calls so far."""
    passed: list[str] = []

    def watched(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def act(*args: Any, **given: Any) -> object:
            passed.append(name)
            if len(passed) * 2 - 1 == at:
                raise Crash(name)
            done = real(*args, **given)
            if len(passed) * 2 == at:
                raise Crash(name)
            return done

        return act

    with monkeypatch.context() as patched:
        for module, name in POINTS:
            patched.setattr(module, name, watched(name, getattr(module, name)))
        yield passed


def everything() -> dict[str, str]:
    """A checksum of each table of financing, the ledger, audit trail and emails, and of all invoices' states."""
    models = [*apps.get_app_config("financing").get_models(), Transaction, Entry, Account, AuditEvent, OutgoingMail]
    return checksums(models, {Invoice: "id, state"})


def actions(furnished: SampleData) -> dict[str, Callable[[], object]]:
    """One action of each kind that is possible in this scenario now."""
    scenario, of = furnished.scenario, furnished.of
    who: Any = {"by": scenario.operations, "at": scenario.now}
    paid: Any = {"value_date": scenario.today, **who}
    buyer = of["funded"].invoice.buyer
    line, offer, sold = scenario.request(scenario.invoice(buyer)).lines.get(), furnished.offer, scenario.invoice(buyer)
    case = cases.open_dispute(advance=of["dollars"], reason="Damaged", **who)
    returned = Advance.objects.get(pk=of["settled"].pk).allocations.select_related("collection").latest("pk").collection
    parts = list(returned.allocations.values_list("pk", flat=True))
    bought, stays = (
        funding.fund(
            advance=scenario.accepted(scenario.invoice(buyer)), value_date=scenario.money_day, with_netting=False, **who
        )
        for _ in range(2)
    )
    supplier, underwriter = scenario.supplier, {"by": scenario.underwriter, "at": scenario.now}
    shown, prepared = scenario.shown(offer), Payout.objects.get(advance=of["collected"])
    of_settled = Payout.objects.filter(advance=of["settled"]).order_by("pk")
    sent, arrived = of_settled[0], of_settled[1]
    account = money_out.account_for("USD", **who)
    money_out.send(scenario, sent)
    money_out.confirm(scenario, arrived)
    waiting = Payout.objects.get(advance=of["dollars"])
    money_out.approve(scenario, waiting)
    made = batches.make(payout_ids=[waiting.pk], house_account=account, format="csv", **who)
    debit = money_out.line_on(account, -sent.amount, on=scenario.today, at=scenario.now)
    credit = money_out.line_on(account, arrived.amount, on=scenario.today, at=scenario.now)
    sent.refresh_from_db()
    money_out.leave(scenario, bought)
    return {
        "ask": lambda: scenario.request(sold),
        "withdraw": lambda: requests.withdraw(line=line, by=scenario.owner, at=scenario.now),
        "refuse": lambda: requests.refuse(line=line, reason="No", **underwriter),
        "offer": lambda: offers.create(request=line.request, **underwriter),
        "withdraw the offer": lambda: offers.withdraw(offer=offer, reason="No", **underwriter),
        "expire": lambda: offers.expire(offer=offer, at=scenario.now + timedelta(days=60)),
        "drop the request": lambda: requests.cancel_by_system(line=line, at=scenario.now, reason="Voided"),
        "drop the offer": lambda: offers.withdraw_by_system(offer=offer, at=scenario.now, reason="Voided"),
        "drop the advance": lambda: funding.cancel_by_system(advance=of["accepted"], at=scenario.now, reason="Voided"),
        "dispute": lambda: cases.open_buyer_dispute(advance=of["collected"], at=scenario.now, reason="Damaged"),
        "reach recourse": lambda: cases.open_recourse(advance=of["funded"], at=scenario.now),
        "stop": lambda: endings.stop(payout=prepared, reason="No", **who),
        "approve": lambda: approval.approve(payout_ids=[prepared.pk], by=scenario.approver, at=scenario.now),
        "export": lambda: batches.export(batch=made, **who),
        "debit": lambda: bank_lines.confirm(line=debit, payout_ids=[sent.pk], **who),
        "return": lambda: endings.record_return(payout=sent, code="R03", reason="", value_date=scenario.today, **who),
        "come back": lambda: endings.record_return(payout=arrived, code="R03", reason="", line=credit, **who),
        "withdraw the file": lambda: batches.withdraw(batch=sent.batch, reason="No", **who),
        "decline": lambda: offers.decline(offer=offer, by=scenario.owner, at=scenario.now),
        "accept": lambda: acceptance.accept(offer=offer, by=scenario.owner, at=scenario.now, disclosure_digest=shown),
        "fund": lambda: scenario.fund(of["accepted"]),
        "cancel": lambda: funding.cancel(advance=of["accepted"], reason="No", **who),
        "pay": lambda: scenario.pay(of["funded"], "900"),
        "match": lambda: payments.allocate(
            collection=furnished.waiting, targets=[AllocationTarget(Decimal(50), advance=of["funded"])], **who
        ),
        "take back": lambda: payments.record_return(collection=returned, reason="No funds", **paid),
        "short": lambda: short_payments.accept_short_payment(
            advance=of["funded"], amount=Decimal(100), reason="Less", approver=scenario.underwriter, **paid
        ),
        "settle": lambda: settlements.settle(advance=of["collected"], **paid),
        "repurchase": lambda: repurchases.repurchase(advance=bought, reason="Late", **paid),
        "write off": lambda: write_offs.write_off(advance=bought, reason="Insolvent", **paid),
        "pass on": lambda: payouts.remit(supplier=supplier, currency="USD", amount=Decimal(100), **paid),
        "send again": lambda: payouts.resend(payout=furnished.failed, **paid),
        "unmatch": lambda: payment_corrections.unmatch(
            collection=returned, allocation_ids=parts, reason="Wrong", **who
        ),
        "move": lambda: payment_corrections.change_value_date(
            collection=returned, value_date=scenario.today - timedelta(days=1), reason="Wrong", **who
        ),
        "refund": lambda: money_out.refund(furnished.waiting, 7, reason="Not ours", **paid),
        "take back the funding": lambda: fundings.take_back(advance=stays, reason="It never left", **who),
        "take back the settlement": lambda: advance_corrections.take_back_closing(
            advance=of["settled"], reason="Wrong", **who
        ),
        "take back the repurchase": lambda: advance_corrections.take_back_closing(
            advance=of["repurchased"], reason="Wrong", **who
        ),
        "take back the write-off": lambda: advance_corrections.take_back_closing(
            advance=of["written_off"], reason="Wrong", **who
        ),
        "close": lambda: cases.close(case=case, outcome=Case.Outcome.REJECTED, conclusion="Fine", **who),
    }


def test_a_crash_at_any_point_leaves_nothing_of_an_action(monkeypatch: pytest.MonkeyPatch) -> None:
    furnished = create_sample_data()
    for name, act in actions(furnished).items():
        before = everything()
        with atomic(), crashing(0, monkeypatch) as passed:
            act()
            set_rollback(True)
        assert passed, f"{name} passes no point"
        for at in range(1, len(passed) * 2 + 1):
            with crashing(at, monkeypatch), pytest.raises(Crash):
                act()
            assert everything() == before, f"{name} left something when it crashed at {passed[(at - 1) // 2]}"
    assert verify(at=furnished.scenario.now).ok


def test_a_payout_without_an_account_to_pay_to_leaves_the_advance_where_it_was() -> None:
    scenario: Scenario = build_scenario()
    scenario.terms()
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    scenario.supplier.bank_accounts.all().delete()
    before = everything()
    with pytest.raises(funding.FundingError, match="no confirmed bank account"):
        scenario.fund(advance)
    assert everything() == before
    assert balances.outstanding(advance=advance) == (0, 0)


def test_an_approval_of_what_cannot_be_done_any_more_stays_undecided() -> None:
    scenario = build_scenario()
    scenario.terms(dual_control_threshold=Decimal(100))
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    plan = approvals.ApprovalRequest(
        kind=Approval.Kind.FUND,
        subject=advance.ledger_owner,
        permission=funding.FUND_ADVANCES,
        supplier=scenario.supplier,
        currency="USD",
        amount=advance.amount,
        summary="Pay it out",
        arguments={"advance": advance.pk, "value_date": scenario.today.isoformat()},
    )
    asked = approvals.execute_or_request_approval(request=plan, by=scenario.operations, at=scenario.now)
    assert asked is not None
    assert not Transaction.objects.exists()
    Invoice.objects.filter(pk=advance.invoice_id).update(books_status="voided", balance=0)
    before = everything()
    with pytest.raises(funding.FundingError, match="voided"):
        approvals.approve(approval=asked, by=scenario.approver, at=scenario.now)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=scenario.operations, at=scenario.now)
    assert everything() == before
    assert Approval.objects.get().decided_at is None
