"""What is put right after a month is closed counts in the open one; fees and statements keep the true days."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.banking import accounts, movements
from infactor.banking.accounts import AccountDetails
from infactor.banking.errors import BankingError
from infactor.banking.models import Movement
from infactor.core.models import AuditEvent
from infactor.financing import approvals
from infactor.financing.accounting.statement import movements_of_advance
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.collections import payments
from infactor.financing.corrections import payment_corrections
from infactor.financing.models import Advance, Approval
from infactor.ledger import integrity, periods
from infactor.ledger.models import PeriodClosing, Transaction
from infactor.ledger.periods import PeriodError
from infactor.month_end import closing
from infactor.month_end.checklist import checklist
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)
FIRST_OPEN = date(2026, 12, 1)


def close_november(scenario: Scenario) -> None:
    scenario.later((date(2026, 12, 4) - scenario.today).days)
    periods.close(month=NOVEMBER, explanations=[], by=scenario.operations, at=scenario.now)


def after_closing() -> dict[str, tuple[date, date | None]]:
    rows = Transaction.objects.filter(value_date__gte=FIRST_OPEN).order_by("pk")
    return {one.reference.split(":", 2)[2]: (one.value_date, one.original_value_date) for one in rows}


def test_a_payment_that_is_recorded_late_ends_the_fee_on_its_true_day(scenario: Scenario) -> None:
    scenario.terms()
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    close_november(scenario)
    payment = scenario.pay(advance, "1000", value_date=date(2026, 11, 20))
    assert payment.value_date == date(2026, 11, 20)
    assert Advance.objects.get(pk=advance.pk).collected_on == date(2026, 11, 20)
    assert after_closing() == {"recorded": (FIRST_OPEN, date(2026, 11, 20))}
    settled = scenario.settle(advance)
    assert settled.fee_days == 18
    arrived = movements_of_advance(advance=advance)[1]
    assert arrived.value_date == FIRST_OPEN
    assert arrived.formulas == ("It is about Nov 20, 2026: November 2026 was closed when it was recorded.",)
    assert integrity.verify(at=scenario.now).findings == []


def test_a_correction_of_a_closed_month_moves_reversal_and_new_posting_into_the_open_one(scenario: Scenario) -> None:
    scenario.terms()
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    scenario.later(10)
    payment = scenario.pay(advance, "1000")  # on Nov 12
    close_november(scenario)
    payment_corrections.change_value_date(
        collection=payment, value_date=date(2026, 11, 9), by=scenario.operations, at=scenario.now,
        reason="The bank says so", approver=scenario.approver,
    )  # fmt: skip
    assert after_closing() == {
        "recorded:reversed": (FIRST_OPEN, date(2026, 11, 12)),
        "recorded:2": (FIRST_OPEN, date(2026, 11, 9)),
    }
    assert Transaction.objects.get(reference__endswith="recorded:reversed").description == "The bank says so"
    assert Advance.objects.get(pk=advance.pk).collected_on == date(2026, 11, 9)
    assert integrity.verify(at=scenario.now).findings == []


def test_a_return_and_a_settlement_of_a_closed_month_count_in_the_open_one(scenario: Scenario) -> None:
    scenario.terms()
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    scenario.later(10)
    payment = scenario.pay(advance, "1000")
    scenario.settle(advance)
    close_november(scenario)
    given: Any = {"reason": "R01", "by": scenario.operations, "at": scenario.now}
    payments.record_return(collection=payment, value_date=date(2026, 11, 25), **given)
    assert {day for day, _ in after_closing().values()} == {FIRST_OPEN}
    assert Advance.objects.get(pk=advance.pk).status == Advance.Status.FUNDED
    assert integrity.verify(at=scenario.now).findings == []


def test_a_bank_charge_moves_and_an_opening_balance_is_refused(scenario: Scenario) -> None:
    scenario.terms()
    scenario.funded(scenario.invoice(scenario.buyer()))
    details = AccountDetails("Operating", "USD", "Bank", "1234567890")
    account = accounts.open_account(details=details, by=scenario.operations, at=scenario.now)
    close_november(scenario)
    given: Any = {"account": account, "value_date": date(2026, 11, 30), "by": scenario.operations, "at": scenario.now}
    charge = movements.record(kind=Movement.Kind.CHARGE, amount=Decimal(-25), note="", **given)
    assert charge.value_date == date(2026, 11, 30)
    assert Transaction.objects.get(reference=charge.reference).value_date == FIRST_OPEN
    with pytest.raises(BankingError, match="November 2026 is closed"):
        accounts.post_opening_balance(balance=Decimal(100_000), **given)


def test_the_checklist_names_what_is_open_and_each_point_is_put_right_or_explained(scenario: Scenario) -> None:
    scenario.terms()
    scenario.funded(scenario.invoice(scenario.buyer()))
    details = AccountDetails("Operating", "USD", "Bank", "1234567890", may_be_overdrawn=True)
    accounts.open_account(details=details, by=scenario.operations, at=scenario.now)
    scenario.later((date(2026, 12, 4) - scenario.today).days)
    found = {one.code: list(one.findings) for one in checklist(month=NOVEMBER, at=scenario.now)}
    assert found["lines"] == []
    assert found["bank"] == ["Operating (…7890): no statement is imported."] or "no statement" in found["bank"][0]
    assert len(found["payouts"]) == 1
    assert found["accrual"] == ["Of 1 advance the fee is not accrued, or has changed since."]
    assert found["check"] == ["The ledger was not checked today."]
    given: Any = {"month": NOVEMBER, "by": scenario.operations, "at": scenario.now}
    with pytest.raises(PeriodError, match="Put it right, or explain it"):
        closing.close(explanations={"bank": "The bank is late", "check": "It runs at night"}, **given)
    assert PeriodClosing.objects.count() == 0
    said = {"bank": "The bank is late", "check": "It runs at night", "accrual": "It is small"}
    closed = closing.close(explanations=said, **given)
    assert [one["explanation"] for one in closed.explanations] == [
        "The bank is late",
        "",
        "It is small",
        "It runs at night",
    ]


def test_a_month_is_reopened_when_a_second_person_approves_it(scenario: Scenario) -> None:
    scenario.terms()
    scenario.funded(scenario.invoice(scenario.buyer()))
    close_november(scenario)
    request = ApprovalRequest(
        kind=Approval.Kind.REOPEN, subject="month:2026-11", permission=periods.PERMISSION, supplier=None, currency="",
        amount=Decimal(0), summary="Reopen November 2026",
        arguments={"month": "2026-11-01", "reason": "The rent was forgotten"},
    )  # fmt: skip
    waiting = approvals.execute_or_request_approval(request=request, by=scenario.operations, at=scenario.now)
    assert waiting is not None
    assert periods.first_open_day() == FIRST_OPEN
    approvals.approve(approval=waiting, by=scenario.approver, at=scenario.now + timedelta(hours=1))
    assert periods.first_open_day() is None
    row = PeriodClosing.objects.get()
    assert (row.reopened_by, row.reopening_approved_by) == (scenario.operations, scenario.approver)
    assert AuditEvent.objects.filter(event="ledger.month_reopened", reason="The rent was forgotten").exists()
