"""Money out as its days go: approved by a second person, exported in a batch, debited and returned by a statement."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from infactor.banking import cash
from infactor.banking.models import HouseAccount, Statement, StatementFile, StatementLine
from infactor.financing.advances import payees
from infactor.financing.corrections import payee_accounts, refunds
from infactor.financing.models import (
    UNSENT,
    Advance,
    Collection,
    CollectionCost,
    Payee,
    PayeeAccount,
    Payout,
    PayoutBatch,
    Refund,
)
from infactor.financing.money_out import approval, bank_lines, batches, endings
from infactor.ledger.balances import trial_balance
from infactor.ledger.models import Entry, Purpose
from infactor.suppliers.account_proofs import AccountProof
from infactor.users.models import User
from tests.support.statements import house_account

NUMBERS = itertools.count(1)


def account_for(currency: str, *, by: User, at: datetime) -> HouseAccount:
    """The default house account of a currency; one that may be overdrawn is opened where there is none."""
    number = f"0009{sum(ord(one) for one in currency):08d}"
    return cash.default_account(currency=currency) or house_account(by, at, currency=currency, number=number)


def payee(*, by: User, at: datetime, name: str = "A lawyer", **given: Any) -> Payee:
    """The payee of collection costs of this name, entered if there is none."""
    known: Payee | None = Payee.objects.filter(name=name).first()
    details = payees.PayeeDetails(**{"name": name, "service": "attorney", "country": "US", **given})
    return known or payees.enter(details=details, by=by, at=at)


def line_on(account: HouseAccount, amount: Decimal | str, *, on: date, at: datetime, **given: Any) -> StatementLine:
    """An open line of a statement, as an import leaves it."""
    value = Decimal(amount)
    file = StatementFile.objects.create(
        name="s.csv", digest="0" * 64, size=1, format="csv", status="imported", uploaded_at=at, imported_at=at
    )
    statement = Statement.objects.create(file=file, account=account, line_count=1)
    return StatementLine.objects.create(
        **{
            "account": account,
            "statement": statement,
            "place": "1",
            "value_date": on,
            "booking_date": on,
            "amount": value,
            "identity": f"test-{next(NUMBERS)}",
            "status": "waiting" if value > 0 else "debit",
            **given,
        }
    )


def refund(payment: Collection, amount: Decimal | str, *, by: User, at: datetime, **given: Any) -> Refund:
    """Refund an amount of a payment to an account of its payer."""
    details = payee_accounts.PayeeDetails(
        payment.payer or "Its payer", "Bank of Payers", "US", "000777888999", "021000021"
    )
    with transaction.atomic():
        account = payee_accounts.enter(details=details, by=by, at=at)
        return refunds.refund(collection=payment, amount=Decimal(amount), account=account, by=by, at=at, **given)


def confirm_account(account: PayeeAccount, *, by: User, at: datetime) -> PayeeAccount:
    """A second person has called the payer, who named the number of the account."""
    proof = AccountProof(kind="call", phone_number="+1 555 0100", note="The payer named all digits")
    return payee_accounts.confirm(account=account, proof=proof, by=by, at=at)


def available_books() -> dict[str, Decimal]:
    """The balance of each purpose that is not zero. "cash" is what is available: less what is in transit."""
    found = {line.purpose.value: Decimal(0) for line in trial_balance()}
    for line in trial_balance():
        found[line.purpose.value] += line.balance
    found["cash"] = found.get("cash", Decimal(0)) - found.pop("payout_in_transit", Decimal(0))
    return {purpose: balance for purpose, balance in found.items() if balance}


def available(currency: str = "USD") -> Decimal:
    """Cash, less what is in transit."""
    rows = Entry.objects.filter(
        account__purpose__in=[Purpose.CASH, Purpose.PAYOUT_IN_TRANSIT], account__currency=currency
    )
    return cash.sum_of(rows)


def approve(scenario: Any, *payouts: Payout) -> None:
    """A person who prepared none of them approves what is to be approved, and confirms the accounts of refunds."""
    found = Payout.objects.filter(pk__in=[one.pk for one in payouts], status=Payout.Status.PREPARED)
    waiting = list(found.order_by("pk").values_list("pk", flat=True))
    for account in PayeeAccount.objects.filter(payouts__in=waiting):
        confirm_account(account, by=scenario.approver, at=scenario.now)
    if waiting:
        approval.approve(payout_ids=waiting, by=scenario.approver, at=scenario.now)


def send(scenario: Any, *payouts: Payout) -> PayoutBatch:
    """Approve these payouts of one currency, and export them in a batch."""
    approve(scenario, *payouts)
    account = account_for(payouts[0].currency, by=scenario.operations, at=scenario.now)
    made = batches.make(
        payout_ids=[one.pk for one in payouts],
        house_account=account,
        format="csv",
        by=scenario.operations,
        at=scenario.now,
    )
    return batches.export(batch=made, by=scenario.operations, at=scenario.now)


def leave(scenario: Any, advance: Advance) -> Advance:
    """The money of `advance` was sent when it was prepared, where it is not yet: until then nobody owes it."""
    unsent = Payout.objects.filter(advance=advance, purpose=Payout.Purpose.ADVANCE, status__in=UNSENT)
    for payout in unsent:
        send(replace(scenario, now=payout.prepared_at), payout)
    return advance


def debit(scenario: Any, *payouts: Payout, costs: Sequence[CollectionCost] = ()) -> StatementLine:
    """The statement of today takes these payouts, which were sent, from the account in one line."""
    total = sum((one.amount for one in (*payouts, *costs)), Decimal(0))
    currency = payouts[0].currency if payouts else costs[0].advance.currency
    account = account_for(currency, by=scenario.operations, at=scenario.now)
    line = line_on(account, -total, on=scenario.today, at=scenario.now)
    return bank_lines.confirm(
        line=line,
        payout_ids=[one.pk for one in payouts],
        cost_ids=[one.pk for one in costs],
        by=scenario.operations,
        at=scenario.now,
    )


def confirm(scenario: Any, *payouts: Payout) -> list[Payout]:
    """Approve, send and debit these payouts, as far as that is not done."""
    unsent = [one for one in payouts if Payout.objects.get(pk=one.pk).status in ("prepared", "approved")]
    for currency in {one.currency for one in unsent}:
        send(scenario, *(one for one in unsent if one.currency == currency))
    for currency in {one.currency for one in payouts}:
        debit(scenario, *(one for one in payouts if one.currency == currency))
    return list(Payout.objects.filter(pk__in=[one.pk for one in payouts]).order_by("pk"))


def confirm_all(scenario: Any) -> None:
    """Everything that is on its way arrives."""
    rows = Payout.objects.filter(status__in=["prepared", "approved", "sent"]).order_by("pk")
    if found := list(rows):
        confirm(scenario, *found)


def give_back(scenario: Any, payout: Payout, *, code: str = "", reason: str = "Returned") -> Payout:
    """The bank returns a payout: by a credit if it had debited it, by word alone if it had not."""
    current = Payout.objects.get(pk=payout.pk)
    given: Any = {"code": code, "reason": reason, "by": scenario.operations, "at": scenario.now}
    if current.debited_on is None:
        return endings.record_return(payout=current, value_date=scenario.today, **given)
    account = account_for(current.currency, by=scenario.operations, at=scenario.now)
    line = line_on(account, current.amount, on=scenario.today, at=scenario.now)
    return endings.record_return(payout=current, line=line, **given)


def fail(scenario: Any, payout: Payout, *, code: str = "", reason: str = "Returned") -> Payout:
    """Send a payout, and let the bank refuse it before it is debited."""
    if Payout.objects.get(pk=payout.pk).status in ("prepared", "approved"):
        send(scenario, payout)
    return give_back(scenario, payout, code=code, reason=reason)
