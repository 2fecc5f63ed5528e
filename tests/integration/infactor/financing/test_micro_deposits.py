"""Two small amounts leave like any payout, and an owner who reads them on the statement proves the account."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing import micro_deposits, payouts
from infactor.financing.corrections import returned_payouts
from infactor.financing.micro_deposits import CannotAnswer, CannotSend
from infactor.financing.models import MicroDeposits, Payout
from infactor.financing.money_out import approval, blockers, endings
from infactor.financing.payouts import PayoutError
from infactor.ledger.integrity import verify
from infactor.suppliers import bank_accounts
from infactor.suppliers.account_proofs import AccountProof, CannotConfirm
from infactor.suppliers.models import BankAccount, Membership
from infactor.users.roles import NotAllowed
from tests.support.factories.suppliers import MembershipFactory, UserFactory
from tests.support.scenarios import money_out, onboarding
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
MICRO = AccountProof(kind="micro")


@pytest.fixture
def account(scenario: Scenario) -> BankAccount:
    """A second account, entered by the owner, that waits to be confirmed."""
    return bank_accounts.add(
        supplier=scenario.supplier,
        details=onboarding.entry(account_number=onboarding.OTHER_ACCOUNT),
        by=scenario.owner,
        at=scenario.now,
    )


@pytest.fixture
def sent(scenario: Scenario, account: BankAccount) -> MicroDeposits:
    """Two amounts that have left."""
    pair = micro_deposits.send(account=account, by=scenario.operations, at=scenario.now)
    money_out.send(scenario, *pair.payouts.all())
    return pair


def amounts(pair: MicroDeposits) -> list[Decimal]:
    return [one.amount for one in pair.payouts.order_by("pk")]


def wrong(pair: MicroDeposits) -> list[Decimal]:
    first, second = amounts(pair)
    return [first, second + Decimal("0.01")]


def answer(scenario: Scenario, account: BankAccount, given: list[Decimal], **changes: Any) -> MicroDeposits:
    return micro_deposits.answer(
        account=account, amounts=given, **{"by": scenario.owner, "at": scenario.now, **changes}
    )


def test_two_different_small_amounts_are_prepared_at_our_cost_and_announced(
    scenario: Scenario, account: BankAccount
) -> None:
    pair = micro_deposits.send(account=account, by=scenario.operations, at=scenario.now)
    first, second = amounts(pair)
    assert first != second
    assert all(Decimal("0.01") <= one <= Decimal("0.99") for one in (first, second))
    assert money_out.available_books() == {"bank_charges": first + second, "cash": -first - second}
    assert {(one.status, one.supplier_id) for one in pair.payouts.all()} == {("prepared", None)}
    mail = OutgoingMail.objects.get(key__startswith="suppliers.micro_deposits_sent")
    assert "infactor account check" in mail.body
    assert not any(f"{one}" in mail.body for one in (first, second))
    assert verify(at=scenario.now).findings == []


def test_yen_come_whole(scenario: Scenario) -> None:
    yen = bank_accounts.add(
        supplier=scenario.supplier,
        details=onboarding.entry(currency="JPY", account_number=onboarding.OTHER_ACCOUNT),
        by=scenario.owner,
        at=scenario.now,
    )
    money_out.account_for("JPY", by=scenario.operations, at=scenario.now)
    pair = micro_deposits.send(account=yen, by=scenario.operations, at=scenario.now)
    assert all(1 <= one <= 99 and one == int(one) for one in amounts(pair))


def test_both_amounts_in_any_order_prove_the_account_and_staff_confirm_it_after_the_waiting_time(
    scenario: Scenario, account: BankAccount, sent: MicroDeposits
) -> None:
    assert answer(scenario, account, amounts(sent)[::-1]).status == "matched"
    account.refresh_from_db()
    assert account.status == "waiting", "the amounts confirm nothing by themselves"
    with pytest.raises(CannotConfirm, match="cooling-off"):
        bank_accounts.confirm(account=account, proof=MICRO, by=scenario.operations, at=scenario.now)
    later = account.usable_from
    confirmed = bank_accounts.confirm(account=account, proof=MICRO, by=scenario.operations, at=later)
    assert (confirmed.status, confirmed.proof) == ("in_use", "micro")
    with pytest.raises(CannotAnswer):
        answer(scenario, account, amounts(sent))


def test_without_the_amounts_micro_deposits_prove_nothing(
    scenario: Scenario, account: BankAccount, sent: MicroDeposits
) -> None:
    with pytest.raises(CannotConfirm, match="No owner has entered the amounts"):
        bank_accounts.confirm(account=account, proof=MICRO, by=scenario.operations, at=account.usable_from)


def test_three_wrong_answers_end_it_for_this_account(
    scenario: Scenario, account: BankAccount, sent: MicroDeposits
) -> None:
    left = [answer(scenario, account, wrong(sent)).tries_left for _ in range(3)]
    assert left == [2, 1, 0]
    sent.refresh_from_db()
    assert (sent.status, sent.answered_by) == ("failed", scenario.owner)
    with pytest.raises(CannotAnswer):
        answer(scenario, account, amounts(sent))
    with pytest.raises(CannotSend, match="Wrong amounts were entered too often"):
        micro_deposits.send(account=account, by=scenario.operations, at=scenario.now)
    assert AuditEvent.objects.filter(event="microdeposits.wrong").count() == 3


def test_nothing_is_asked_before_both_have_left(scenario: Scenario, account: BankAccount) -> None:
    pair = micro_deposits.send(account=account, by=scenario.operations, at=scenario.now)
    money_out.send(scenario, pair.payouts.earliest("pk"))
    with pytest.raises(CannotAnswer):
        answer(scenario, account, amounts(pair))
    pair.refresh_from_db()
    assert pair.tries == 0


def test_only_an_owner_of_this_supplier_answers(scenario: Scenario, account: BankAccount, sent: MicroDeposits) -> None:
    clerk = MembershipFactory(supplier=scenario.supplier, role=Membership.Role.FINANCE).user
    for stranger in (clerk, MembershipFactory().user, scenario.operations):
        with pytest.raises(NotAllowed):
            answer(scenario, account, amounts(sent), by=stranger)
    with pytest.raises(NotAllowed):
        micro_deposits.send(account=account, by=UserFactory(is_staff=True), at=scenario.now)


def test_a_second_pair_waits_for_the_end_of_the_first(
    scenario: Scenario, account: BankAccount, sent: MicroDeposits
) -> None:
    with pytest.raises(CannotSend, match="on their way already"):
        micro_deposits.send(account=account, by=scenario.operations, at=scenario.now)
    later = scenario.now + micro_deposits.LIFETIME + timedelta(minutes=1)
    with pytest.raises(CannotAnswer):
        answer(scenario, account, amounts(sent), at=later)
    second = micro_deposits.send(account=account, by=scenario.operations, at=later)
    sent.refresh_from_db()
    assert (sent.status, second.status) == ("ended", "sent")


def test_an_account_in_use_needs_no_proof(scenario: Scenario) -> None:
    in_use = BankAccount.objects.get(supplier=scenario.supplier, status="in_use", currency="USD")
    with pytest.raises(CannotSend, match="waits to be confirmed, or is suspended"):
        micro_deposits.send(account=in_use, by=scenario.operations, at=scenario.now)


def test_one_that_comes_back_costs_nothing_and_ends_the_pair(
    scenario: Scenario, account: BankAccount, sent: MicroDeposits
) -> None:
    back, other = sent.payouts.order_by("pk")
    money_out.debit(scenario, back, other)
    failed = money_out.give_back(scenario, back, code="R03")
    sent.refresh_from_db()
    assert (failed.status, sent.status) == ("cancelled", "ended")
    assert money_out.available_books()["bank_charges"] == other.amount
    assert verify(at=scenario.now).findings == []
    with pytest.raises(PayoutError, match="Only payouts to suppliers are prepared again"):
        payouts.resend(payout=failed, value_date=scenario.today, by=scenario.operations, at=scenario.now)


def test_a_return_that_was_none_is_taken_back(scenario: Scenario, account: BankAccount, sent: MicroDeposits) -> None:
    back, other = sent.payouts.order_by("pk")
    money_out.debit(scenario, back, other)
    line = money_out.give_back(scenario, back, code="R03").credit_line
    assert line is not None
    returned_payouts.take_back(line=line, by=scenario.operations, at=scenario.now, reason="Another bank's line")
    assert Payout.objects.get(pk=back.pk).status == "confirmed"
    assert money_out.available_books()["bank_charges"] == back.amount + other.amount
    assert verify(at=scenario.now).findings == []


def test_what_did_not_leave_is_held_once_it_would_prove_nothing(scenario: Scenario, account: BankAccount) -> None:
    pair = micro_deposits.send(account=account, by=scenario.operations, at=scenario.now)
    bank_accounts.withdraw(account=account, by=scenario.owner, at=scenario.now)
    rows = approval.lock(payout_ids=[one.pk for one in pair.payouts.all()])
    found = blockers.of_payouts(payouts=rows, on=scenario.today)
    assert {" ".join(why) for why in found.values()} == {"These micro-deposits prove nothing any more. Stop them."}
    for one in rows:
        endings.stop(payout=one, reason="Withdrawn", by=scenario.operations, at=scenario.now)
    assert money_out.available_books() == {}
    assert verify(at=scenario.now).findings == []


def test_a_suspended_account_is_proved_anew(scenario: Scenario, account: BankAccount, sent: MicroDeposits) -> None:
    answer(scenario, account, amounts(sent))
    later = replace(scenario, now=account.usable_from)
    bank_accounts.confirm(account=account, proof=MICRO, by=later.operations, at=later.now)
    bank_accounts.suspend(account=account, because="It does not exist.", by=later.operations, at=later.now)
    with pytest.raises(CannotConfirm, match="No owner has entered the amounts"):
        bank_accounts.confirm(account=account, proof=MICRO, by=later.operations, at=later.now)
    again = micro_deposits.send(account=account, by=later.operations, at=later.now)
    money_out.send(later, *again.payouts.all())
    answer(later, account, amounts(again), at=later.now + timedelta(minutes=1))
    confirmed = bank_accounts.confirm(
        account=account, proof=MICRO, by=later.operations, at=later.now + timedelta(minutes=2)
    )
    assert confirmed.status == "in_use"
