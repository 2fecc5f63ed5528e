"""What is corrected, returned or refunded keeps the books and the bank's statement the same, on each house account."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.banking import accounts, cash, matches, movements
from infactor.banking.errors import BankingError
from infactor.banking.models import HouseAccount, StatementLine
from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing.advances import collection_costs
from infactor.financing.collections import line_acceptance, payments
from infactor.financing.collections.incoming import CollectionError
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.corrections import advance_corrections, payment_corrections
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.models import Advance, Collection, Payout
from infactor.financing.money_out import endings
from infactor.ledger import periods
from infactor.ledger.integrity import verify
from infactor.ledger.models import Entry, Transaction
from tests.support.scenarios import money_out
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
    assert unconfirmed(account) == []
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
    rebate = Payout.objects.get(purpose="rebate")
    money_out.send(scenario, rebate)
    line = money_out.debit(scenario, rebate)
    other = use_another(scenario)
    before = cash.balance(account=account)
    if by_return:
        payments.record_return(collection=payment, value_date=scenario.today, reason="R01", **given(scenario))
    else:
        advance_corrections.take_back_closing(advance=settled, **why(scenario))
    returned = 1000 if by_return else 0
    assert (cash.balance(account=account), cash.balance(account=other)) == (before - returned, 0)
    assert confirmed(line) == [f"payout:{rebate.pk}:confirmed"]
    back = money_out.line_on(account, rebate.amount, on=scenario.today, at=scenario.now)
    endings.record_return(payout=rebate, line=back, code="R20", reason="", **given(scenario))
    assert (cash.balance(account=account), cash.balance(account=other)) == (before - returned + settled.rebate, 0)
    assert verify(at=scenario.now).findings == []


def test_a_refund_and_a_collection_cost_are_not_paid_with_money_that_is_not_there(
    scenario: Scenario, account: HouseAccount
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(None, "900")
    accounts.change(account=account, name="Main", may_be_overdrawn=False, **given(scenario))
    paid: Any = {"value_date": scenario.today, **why(scenario)}
    with pytest.raises(cash.Overdrawn, match=r"overdrawn by 50\.00"):
        money_out.refund(payment, 100, **paid)
    lawyer = money_out.payee(by=scenario.operations, at=scenario.now)
    with pytest.raises(cash.Overdrawn, match=r"overdrawn by 10\.00"):
        collection_costs.record(advance=advance, amount=Decimal(60), payee=lawyer, **paid)
    assert cash.available(account=account) == 50
    assert not payment.refunds.exists()


def test_undoing_a_settlement_pays_nothing_so_no_account_need_cover_it(
    scenario: Scenario, account: HouseAccount
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "1000")
    advance.refresh_from_db()
    scenario.settle(advance)
    money_out.confirm_all(scenario)
    accounts.change(account=account, name="Main", may_be_overdrawn=False, **given(scenario))
    payments.record_return(collection=payment, value_date=scenario.today, reason="R01", **given(scenario))
    assert cash.balance(account=account) < 0
    assert verify(at=scenario.now).findings == []


def test_what_a_line_looks_like_is_kept_with_the_payment(scenario: Scenario, account: HouseAccount) -> None:
    first = scenario.pay(None, "70", bank_reference="w 70.00")
    line = load(scenario, account, "70.00")
    second = line_acceptance.record_line(line=line, targets=[], is_another=True, **given(scenario))
    event = AuditEvent.objects.get(event="collection.recorded", subject_id=str(second.pk))
    assert (event.details["unlike"], Collection.objects.get(pk=second.pk).is_another) == ([first.pk], True)
    assert verify(at=scenario.now).findings == []


def test_a_line_recorded_as_a_payment_that_it_was_not_is_free_again_and_the_payment_counts_nowhere(
    scenario: Scenario, account: HouseAccount
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    line = load(scenario, account, "1000.00")
    targets = [AllocationTarget(Decimal(1000), advance=advance)]
    payment = line_acceptance.record_line(line=line, targets=targets, **given(scenario))
    with pytest.raises(BankingError, match="Withdraw that payment"):
        line_acceptance.reopen_line(line=line, reason="It is capital", **given(scenario))

    made = payment_corrections.withdraw(collection=payment, **why(scenario))

    line.refresh_from_db()
    assert line.status == StatementLine.Status.WAITING
    assert Advance.objects.get(pk=advance.pk).status == Advance.Status.FUNDED
    assert f"{payment.ledger_owner}:recorded" not in unconfirmed(account)
    assert payments.unallocated(collection=Collection.objects.get(pk=payment.pk)) == 0
    assert OutgoingMail.objects.filter(key__startswith=f"financing.corrected:correction:{made.pk}:").exists()
    with pytest.raises(CollectionError, match="withdrawn"):
        payments.record_return(collection=payment, value_date=scenario.today, **why(scenario))
    with pytest.raises(CollectionError, match="withdrawn"):
        payment_corrections.withdraw(collection=payment, **why(scenario))
    assert verify(at=scenario.now).ok

    # Its money is no look-alike of itself: the line becomes a movement, or a payment once more.
    again = line_acceptance.record_line(line=line, targets=targets, **given(scenario))
    assert confirmed(line) == [f"{again.ledger_owner}:recorded"]
    payment_corrections.withdraw(collection=again, **why(scenario))
    line.refresh_from_db()
    capital = {"kind": "capital", "amount": line.amount, "value_date": line.value_date, "note": "The owners' money"}
    movements.record(account=account, line=line, **capital, **given(scenario))
    line.refresh_from_db()
    assert line.status == StatementLine.Status.MATCHED
    assert verify(at=scenario.now).ok


def test_a_payment_of_a_closed_month_that_was_none_is_withdrawn_in_the_first_open_one(scenario: Scenario) -> None:
    payment = scenario.arrive("700", targets=[AllocationTarget(Decimal(700), supplier=scenario.supplier)])
    refunded = scenario.arrive("300", targets=[])
    day, month = scenario.today, periods.month_of(scenario.today)
    refund = money_out.refund(refunded, "100", value_date=day, reason="Not ours", **given(scenario)).payout
    with pytest.raises(CorrectionError, match="refunded"):
        payment_corrections.withdraw(collection=refunded, **why(scenario))
    scenario.later(45)
    periods.close(month=month, explanations=[], **given(scenario))
    payment_corrections.withdraw(collection=payment, **why(scenario))
    endings.stop(payout=refund, **why(scenario))
    payment_corrections.withdraw(collection=refunded, **why(scenario))
    for one in (payment, refunded):
        undone = Transaction.objects.get(reverses__reference=f"{one.ledger_owner}:recorded")
        assert (undone.value_date, undone.effective_date) == (periods.next_month(month), day)
    assert verify(at=scenario.now).ok
