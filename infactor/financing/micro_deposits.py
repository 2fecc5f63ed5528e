"""Micro-deposits: staff send two small amounts to an account, and an owner of the supplier says what they were.

They leave like any payout: a second person approves them, and a file for the bank holds them. Who enters both amounts
can read the statement of the account. Staff still confirm it, and compare its holder with the company.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.core.money import smallest_unit
from infactor.core.transitions import move
from infactor.financing import locks
from infactor.financing.accounting import micro_deposit_postings
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.models import MicroDeposits, Payout
from infactor.financing.payouts import PREPARE_PAYOUTS
from infactor.suppliers import account_proofs, emails
from infactor.suppliers.access import require_member
from infactor.suppliers.models import BankAccount
from infactor.users import roles
from infactor.users.models import User

LIFETIME = timedelta(days=30)
MOST_UNITS = 99  # of the smallest unit of the currency: cents, or whole yen
PROVABLE = (BankAccount.Status.WAITING, BankAccount.Status.SUSPENDED)
ARRIVING = (Payout.Status.SENT, Payout.Status.CONFIRMED)
Status = MicroDeposits.Status


class CannotSend(ValueError):
    """No micro-deposits go to this account now; the message says why."""


class CannotAnswer(ValueError):
    """No amounts are awaited now; the message says why."""


def send(*, account: BankAccount, by: User, at: datetime) -> MicroDeposits:
    """Prepare two payouts of different small amounts to `account`. The owners get an email.

    Raises CannotSend, banking's Overdrawn, and NotAllowed without PREPARE_PAYOUTS.
    """
    roles.require(by, PREPARE_PAYOUTS)
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=account.supplier_id)
        account = BankAccount.objects.get(pk=account.pk)
        _end_expired(account=account, at=at)
        if blocker := why_not(account=account, at=at):
            raise CannotSend(blocker)
        pair = MicroDeposits.objects.create(account=account, sent_by=by, sent_at=at, expires_at=at + LIFETIME)
        context = PostingContext(business_day(at), at, by)
        for amount in _amounts(account.currency):
            payout = Payout.objects.create(
                purpose=Payout.Purpose.MICRO_DEPOSIT,
                bank_account=account,
                micro_deposits=pair,
                currency=account.currency,
                amount=amount,
                value_date=context.value_date,
                prepared_by=by,
                prepared_at=at,
            )
            micro_deposit_postings.post_deposit(payout=payout, context=context)
        audit.record(event="microdeposits.sent", subject=pair, by=by, at=at, supplier_id=account.supplier_id)
        emails.micro_deposits_sent(account=account, occurrence=f"{pair.pk}", at=at)
        return pair


def why_not(*, account: BankAccount, at: datetime) -> str:
    """Why no micro-deposits go to `account` now, as a sentence for staff; "" where they can."""
    if account.status not in PROVABLE:
        return _("Micro-deposits go only to an account that waits to be confirmed, or is suspended.")
    if account_proofs.has_matching_deposits(account):
        return _("An owner has entered the right amounts already. Confirm the account.")
    latest = MicroDeposits.objects.filter(account=account).first()
    if latest is not None and latest.status == Status.SENT and latest.expires_at > at:
        return _("Two amounts are on their way already.")
    if latest is not None and latest.status == Status.FAILED:
        return _("Wrong amounts were entered too often. Ask for a bank letter, or call.")
    return ""


def are_over(pair: MicroDeposits) -> bool:
    """Whether the answer is in, or the account needs none: payouts of it that did not leave need not leave any more."""
    return pair.status != Status.SENT or pair.account.status not in PROVABLE


def _end_expired(*, account: BankAccount, at: datetime) -> None:
    for pair in MicroDeposits.objects.filter(account=account, status=Status.SENT, expires_at__lte=at):
        _end(pair, at=at, by=None, reason="Nobody answered in time.")


def awaited(*, accounts: Collection[BankAccount], at: datetime) -> dict[int, MicroDeposits]:
    """The pairs whose amounts can be entered now, by the key of their account: both left, and none came back."""
    pairs = MicroDeposits.objects.filter(account__in=accounts, status=Status.SENT, expires_at__gt=at)
    return {pair.account_id: pair for pair in pairs.prefetch_related("payouts") if _has_left(pair)}


def answer(*, account: BankAccount, amounts: Collection[Decimal], by: User, at: datetime) -> MicroDeposits:
    """Compare `amounts` with what was sent, in any order, and return the pair: matched, failed, or with fewer tries.

    A wrong answer costs a try. Raises CannotAnswer, and NotAllowed for anyone but an owner.
    """
    require_member(by=by, supplier=account.supplier, owner=True)
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=account.supplier_id)
        account = BankAccount.objects.get(pk=account.pk)
        pair = awaited(accounts=[account], at=at).get(account.pk)
        if pair is None or account.status not in PROVABLE:
            raise CannotAnswer(
                _("We are not waiting for amounts sent to account %(account)s.") % {"account": account.masked}
            )
        if sorted(amounts) == sorted(one.amount for one in pair.payouts.all()):
            account_proofs.record_matching_deposits(account=account, by=by, at=at)
            return _answered(pair, Status.MATCHED, by=by, at=at)
        pair.tries += 1
        pair.save(update_fields=["tries", "updated_at"])
        audit.record(event="microdeposits.wrong", subject=pair, by=by, at=at, supplier_id=account.supplier_id)
        return pair if pair.tries_left else _answered(pair, Status.FAILED, by=by, at=at)


def after_failure(*, payout: Payout, context: PostingContext) -> None:
    """One of a pair did not arrive: it cost nothing, and the pair has ended. The caller has locked the supplier."""
    micro_deposit_postings.undo_deposit(payout=payout, context=context)
    pair = payout.micro_deposits
    if pair is not None and pair.status == Status.SENT:
        _end(pair, at=context.at, by=context.by, reason=f"{payout} did not arrive.")


def _amounts(currency: str) -> list[Decimal]:
    """Two different amounts that nobody can guess."""
    units = secrets.SystemRandom().sample(range(1, MOST_UNITS + 1), 2)
    return [one * smallest_unit(currency) for one in units]


def _has_left(pair: MicroDeposits) -> bool:
    return all(one.status in ARRIVING for one in pair.payouts.all())


def _answered(pair: MicroDeposits, status: str, *, by: User, at: datetime) -> MicroDeposits:
    return move(
        pair,
        to=status,
        transitions=MicroDeposits.TRANSITIONS,
        by=by,
        at=at,
        supplier_id=pair.account.supplier_id,
        changes={"answered_by": by, "answered_at": at},
    )


def _end(pair: MicroDeposits, *, at: datetime, by: User | None, reason: str) -> None:
    move(
        pair,
        to=Status.ENDED,
        transitions=MicroDeposits.TRANSITIONS,
        by=by,
        at=at,
        supplier_id=pair.account.supplier_id,
        reason=reason,
    )
