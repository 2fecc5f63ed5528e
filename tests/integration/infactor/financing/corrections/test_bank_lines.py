"""What is corrected, returned or refunded keeps the books and the bank's statement the same, on each house account."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.banking import accounts, cash, matches
from infactor.banking.models import HouseAccount, StatementLine
from infactor.core.models import AuditEvent
from infactor.financing.advances import collection_costs
from infactor.financing.collections import line_acceptance, payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.corrections import advance_corrections, payment_corrections, refunds
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.models import Advance, Collection, Payout
from infactor.financing.payouts import record_failure
from infactor.ledger.integrity import verify
from infactor.ledger.models import Entry
from tests.support.scenarios.financing import Scenario
from tests.support.statements import csv_statement, house_account, import_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(scenario: Scenario) -> HouseAccount:
    return house_account(scenario.operations, scenario.now)


def given(scenario: Scenario) -> Any:
    return {"by": scenario.operations, "at": scenario.now}


def why(scenario: Scenario) -> Any:
    return {**given(scenario), "reason": "Recorded wrongly"}


def load(scenario: Scenario, account: HouseAccount, amount: str) -> StatementLine:
    """A line of today that nothing is said of yet."""
    data = csv_statement(f"{scenario.today};{amount};W-{amount};Northwind;;")
    import_file(data, account=account, **given(scenario))
    return StatementLine.objects.get(amount=amount, account=account)


def confirm(scenario: Scenario, line: StatementLine) -> Entry:
    """Say that a line confirms the only entry that has its amount."""
    (entry,) = matches.unconfirmed_entries(account=line.account).filter(moved=line.amount)
    line_acceptance.confirm_booked(line=line, entries=[entry], **given(scenario))
    found: Entry = entry
    return found


def confirmed(line: StatementLine) -> list[str]:
    """The references of what a line confirms."""
    current = StatementLine.objects.get(pk=line.pk)
    assert current.status == StatementLine.Status.MATCHED
    return [one.entry.transaction.reference for one in current.matches.all()]


def unconfirmed(account: HouseAccount) -> list[str]:
    return [one.transaction.reference for one in matches.unconfirmed_entries(account=account).order_by("pk")]


def use_another(scenario: Scenario) -> HouseAccount:
    """From now on money moves on another house account."""
    other = house_account(scenario.operations, scenario.now, number="222222222", name="Second")
    return accounts.make_default(account=other, **given(scenario))


def test_a_payment_from_a_line_is_matched_again_and_its_day_and_amount_are_the_banks(
    scenario: Scenario, account: HouseAccount
) -> None:
    buyer = scenario.buyer()
    wrong, right = scenario.funded(scenario.invoice(buyer)), scenario.funded(scenario.invoice(buyer))
    line = load(scenario, account, "1000.00")
    payment = line_acceptance.record_line(
        line=line, targets=[AllocationTarget(Decimal(1000), advance=wrong)], **given(scenario)
    )
    (part,) = payment.allocations.all()
    payment_corrections.unmatch(collection=payment, allocation_ids=[part.pk], **why(scenario))
    payments.allocate(collection=payment, targets=[AllocationTarget(Decimal(1000), advance=right)], **given(scenario))
    right.refresh_from_db()
    assert (right.status, confirmed(line)) == (Advance.Status.COLLECTED, [f"collection:{payment.pk}:recorded"])
    with pytest.raises(CorrectionError, match=rf"statement says Nov 2, 2026: Line {line.pk} confirms it"):
        payment_corrections.change_value_date(
            collection=payment, value_date=scenario.today - timedelta(days=1), **why(scenario)
        )
    with pytest.raises(CorrectionError, match=rf"statement says \$1,000\.00: Line {line.pk} confirms it"):
        payment_corrections.change_amount(collection=payment, amount=Decimal(900), **why(scenario))
    assert verify(at=scenario.now).findings == []


def test_a_typed_payment_that_a_line_confirms_takes_the_day_of_the_line_and_no_other(
    scenario: Scenario, account: HouseAccount
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "400", value_date=scenario.today)
    scenario.later(1)
    line = load(scenario, account, "400.00")
    confirm(scenario, line)
    with pytest.raises(CorrectionError, match=r"statement says Nov 3, 2026"):
        payment_corrections.change_value_date(
            collection=payment, value_date=scenario.today - timedelta(days=2), **why(scenario)
        )
    payment_corrections.change_value_date(collection=payment, value_date=scenario.today, **why(scenario))
    assert confirmed(line) == [f"collection:{payment.pk}:recorded:2"]
    assert unconfirmed(account) == [f"advance:{advance.pk}:funded"]
    assert verify(at=scenario.now).findings == []


def test_a_payment_that_is_posted_anew_or_returned_stays_on_the_account_that_it_reached(
    scenario: Scenario, account: HouseAccount
) -> None:
    typed = scenario.pay(None, "400")
    line = load(scenario, account, "70.00")
    banked = line_acceptance.record_line(line=line, targets=[], **given(scenario))
    other = use_another(scenario)
    payment_corrections.change_amount(collection=typed, amount=Decimal(300), **why(scenario))
    assert (cash.balance(account=account), cash.balance(account=other)) == (370, 0)
    payments.record_return(collection=banked, value_date=scenario.today, reason="R01", **given(scenario))
    assert (cash.balance(account=account), cash.balance(account=other)) == (300, 0)
    assert confirmed(line) == [f"collection:{banked.pk}:recorded"]  # the bank had it, and has taken it back since
    confirm(scenario, load(scenario, account, "-70.00"))
    assert unconfirmed(account) == [f"collection:{typed.pk}:recorded:2"]
    assert verify(at=scenario.now).findings == []


@pytest.mark.parametrize("by_return", [False, True])
def test_the_line_of_a_rebate_confirms_it_still_when_its_settlement_is_undone(
    scenario: Scenario, account: HouseAccount, by_return: bool
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "1000")
    advance.refresh_from_db()
    settled = scenario.settle(advance)
    rebate = load(scenario, account, f"-{settled.rebate}")
    confirm(scenario, rebate)
    other = use_another(scenario)
    before = cash.balance(account=account)
    if by_return:
        payments.record_return(collection=payment, value_date=scenario.today, reason="R01", **given(scenario))
    else:
        advance_corrections.take_back_closing(advance=settled, **why(scenario))
    returned = 1000 if by_return else 0
    assert (cash.balance(account=account), cash.balance(account=other)) == (before - returned, 0)
    assert confirmed(rebate) == [f"advance:{advance.pk}:rebate-reclaimed:1"]
    paid = [] if by_return else [f"collection:{payment.pk}:recorded"]
    assert unconfirmed(account) == [f"advance:{advance.pk}:funded", *paid]
    record_failure(payout=Payout.objects.get(purpose="rebate"), value_date=scenario.today, **why(scenario))
    assert (cash.balance(account=account), cash.balance(account=other)) == (before - returned + settled.rebate, 0)
    assert verify(at=scenario.now).findings == []


def test_a_payout_comes_back_on_the_account_that_it_left(scenario: Scenario, account: HouseAccount) -> None:
    scenario.funded(scenario.invoice(scenario.buyer()))
    other = use_another(scenario)
    record_failure(payout=Payout.objects.get(), value_date=scenario.today, **why(scenario))
    assert (cash.balance(account=account), cash.balance(account=other)) == (0, 0)
    assert verify(at=scenario.now).findings == []


def test_a_refund_and_a_collection_cost_are_not_paid_with_money_that_is_not_there(
    scenario: Scenario, account: HouseAccount
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(None, "900")
    accounts.change(account=account, name="Main", may_be_overdrawn=False, **given(scenario))
    paid: Any = {"payee": "Somebody", "value_date": scenario.today, **why(scenario)}
    with pytest.raises(cash.Overdrawn, match=r"overdrawn by 50\.00"):
        refunds.refund(collection=payment, amount=Decimal(100), **paid)
    with pytest.raises(cash.Overdrawn, match=r"overdrawn by 10\.00"):
        collection_costs.record(advance=advance, amount=Decimal(60), **paid)
    assert cash.balance(account=account) == 50
    assert not payment.refunds.exists()


def test_undoing_a_settlement_pays_nothing_so_no_account_need_cover_it(
    scenario: Scenario, account: HouseAccount
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "1000")
    advance.refresh_from_db()
    scenario.settle(advance)
    accounts.change(account=account, name="Main", may_be_overdrawn=False, **given(scenario))
    payments.record_return(collection=payment, value_date=scenario.today, reason="R01", **given(scenario))
    assert cash.balance(account=account) < 0
    assert verify(at=scenario.now).findings == []


def test_a_refund_that_came_back_before_the_statement_is_confirmed_both_ways(
    scenario: Scenario, account: HouseAccount
) -> None:
    payment = scenario.pay(None, "900")
    sent = refunds.refund(
        collection=payment, amount=Decimal(900), payee="Somebody", value_date=scenario.today, **why(scenario)
    )
    refunds.record_failure(refund=sent, value_date=scenario.today, **why(scenario))
    (out,) = matches.unconfirmed_entries(account=account, with_undone=True).filter(moved=-900)
    line_acceptance.confirm_booked(line=load(scenario, account, "-900.00"), entries=[out], **given(scenario))
    assert len(unconfirmed(account)) == 2  # the payment, and the refund that came back


def test_what_a_line_looks_like_is_kept_with_the_payment(scenario: Scenario, account: HouseAccount) -> None:
    first = scenario.pay(None, "70", bank_reference="w 70.00")
    line = load(scenario, account, "70.00")
    second = line_acceptance.record_line(line=line, targets=[], is_another=True, **given(scenario))
    event = AuditEvent.objects.get(event="collection.recorded", subject_id=str(second.pk))
    assert (event.details["unlike"], Collection.objects.get(pk=second.pk).is_another) == ([first.pk], True)
    assert verify(at=scenario.now).findings == []
