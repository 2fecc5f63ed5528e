"""Where a supplier is paid to: entered by an owner, and used once another person has confirmed it.

A change of an approved supplier's account waits first, and every owner hears of it at once: whoever took over a mailbox
or a session is found out before any money goes elsewhere. Until then payouts go to the account before.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from infactor.core import audit, reasons, transitions
from infactor.suppliers import bank_numbers, emails
from infactor.suppliers.access import require_member
from infactor.suppliers.countries import countries, currencies
from infactor.suppliers.models import Application, BankAccount, Membership, Supplier
from infactor.users import roles
from infactor.users.models import User

COOLING_OFF = timedelta(days=3)
Status = BankAccount.Status


class CannotAdd(ValueError):
    """This account cannot be entered; the message says why."""


class CannotConfirm(ValueError):
    """This account cannot be confirmed by this person at this moment; the message says why."""


@dataclass(frozen=True)
class Entry:
    """An account as it was typed. Its words hold no number."""

    currency: str
    holder: str
    bank_name: str
    country: str
    account_number: str = field(repr=False)
    routing_number: str = field(repr=False, default="")


def add(
    *, supplier: Supplier, entry: Entry, by: User | None, at: datetime, cooling_off: timedelta = COOLING_OFF
) -> BankAccount:
    """Enter an account, which then waits: for the approval of the application, or for `cooling_off` and staff.

    One that waits already is replaced by it. All owners of the company are told. Raises bank_numbers.NumberWrong,
    CannotAdd, and roles.NotAllowed for who is no owner.
    """
    user = require_member(by=by, supplier=supplier, owner=True)
    if entry.currency not in currencies() or entry.country not in countries():
        raise CannotAdd("Choose a currency and a country of the list.")
    if not entry.holder.strip() or not entry.bank_name.strip():
        raise CannotAdd("Name the holder of the account and the bank.")
    numbers = bank_numbers.read(
        country=entry.country, account_number=entry.account_number, routing_number=entry.routing_number
    )
    with transaction.atomic():
        _lock(supplier)
        in_use = _account(supplier, currency=entry.currency, status=Status.IN_USE)
        waiting = _account(supplier, currency=entry.currency, status=Status.WAITING)
        if in_use is not None and in_use.fingerprint == numbers.fingerprint:
            raise CannotAdd("This account is in use already.")
        if waiting is not None and waiting.fingerprint == numbers.fingerprint:
            raise CannotAdd("This account waits already.")
        if waiting is not None:
            _replace(waiting, by=user, at=at, reason="Another account was entered.")
        waits = in_use is not None or _is_approved(supplier)
        account = BankAccount.objects.create(
            supplier=supplier,
            currency=entry.currency,
            holder=entry.holder.strip(),
            bank_name=entry.bank_name.strip(),
            country=entry.country,
            account_number=numbers.account,
            routing_number=numbers.routing,
            last4=numbers.last4,
            fingerprint=numbers.fingerprint,
            added_by=user,
            added_at=at,
            usable_from=at + cooling_off if waits else at,
        )
        audit.record(
            event="bankaccount.added",
            subject=account,
            by=user,
            at=at,
            supplier_id=supplier.pk,
            details={"currency": account.currency, "replaces": in_use.pk if in_use else None},
        )
        emails.account_added(account=account, replaces=in_use)
        return account


def confirm(*, account: BankAccount, by: User | None, at: datetime) -> BankAccount:
    """Pay to `account` from now on; the one before it is replaced.

    Raises CannotConfirm for who entered it, before its time, and while the application is not approved;
    transitions.MoveRefused if it does not wait; roles.NotAllowed without `suppliers.confirm_bank_account`.
    """
    user = roles.require(by, "suppliers.confirm_bank_account")
    with transaction.atomic():
        _lock(account.supplier)
        if not _is_approved(account.supplier):
            raise CannotConfirm("The application is not approved. Its first account is confirmed with it.")
        return _confirm(account, by=user, at=at)


def confirm_first(*, supplier: Supplier, by: User, at: datetime) -> list[BankAccount]:
    """Confirm the accounts with which `supplier` applied: part of the approval, whose service has asked for authority.

    An account that is to replace another one is not among them. Raises CannotConfirm for who entered one.
    """
    with transaction.atomic():
        _lock(supplier)
        mine = BankAccount.objects.filter(supplier=supplier)
        used = mine.filter(status=Status.IN_USE).values("currency")
        first = mine.filter(status=Status.WAITING, usable_from__lte=at).exclude(currency__in=used).order_by("pk")
        return [_confirm(account, by=by, at=at) for account in first]


def refuse(*, account: BankAccount, by: User | None, reason: str, at: datetime) -> BankAccount:
    """Never pay to `account`; the supplier reads why.

    Raises reasons.ReasonMissing, transitions.MoveRefused if it does not wait, and roles.NotAllowed without
    `suppliers.confirm_bank_account`.
    """
    user = roles.require(by, "suppliers.confirm_bank_account")
    return _refuse(account, by=user, reason=reasons.said(reason), at=at)


def withdraw(*, account: BankAccount, by: User | None, at: datetime) -> BankAccount:
    """An owner takes back an account that waits, whoever entered it.

    Raises transitions.MoveRefused if it does not wait, roles.NotAllowed for who is no owner.
    """
    user = require_member(by=by, supplier=account.supplier, owner=True)
    return _refuse(account, by=user, reason="Taken back by the company.", at=at)


def _is_of_an_owner(*, account: BankAccount) -> bool:
    """Whether who entered `account` is still an owner of the company: else nobody there may want it any more."""
    return Membership.objects.filter(
        supplier=account.supplier, user=account.added_by, user__is_active=True, role=Membership.Role.OWNER
    ).exists()


def _confirm(account: BankAccount, *, by: User, at: datetime) -> BankAccount:
    if by.pk == account.added_by_id:
        raise CannotConfirm("Another person than who entered the account must confirm it.")
    if not _is_of_an_owner(account=account):
        raise CannotConfirm("Who entered it is no owner of the company any more. Refuse it: an owner enters it anew.")
    if at < account.usable_from:
        raise CannotConfirm("The account has not waited long enough yet.")
    before = _account(account.supplier, currency=account.currency, status=Status.IN_USE)
    if before is not None:
        _replace(before, by=by, at=at, reason="Another account was confirmed.")
    confirmed = transitions.move(
        account,
        to=Status.IN_USE,
        moves=BankAccount.MOVES,
        by=by,
        at=at,
        supplier_id=account.supplier_id,
        changes={"confirmed_by": by, "confirmed_at": at},
    )
    emails.account_confirmed(account=confirmed)
    return confirmed


def _refuse(account: BankAccount, *, by: User, reason: str, at: datetime) -> BankAccount:
    with transaction.atomic():
        _lock(account.supplier)
        refused = transitions.move(
            account,
            to=Status.REFUSED,
            moves=BankAccount.MOVES,
            by=by,
            at=at,
            supplier_id=account.supplier_id,
            reason=reason,
            changes={"refused_by": by, "refused_at": at, "reason": reason},
        )
        emails.account_refused(account=refused)
        return refused


def _replace(account: BankAccount, *, by: User, at: datetime, reason: str) -> None:
    transitions.move(
        account,
        to=Status.REPLACED,
        moves=BankAccount.MOVES,
        by=by,
        at=at,
        supplier_id=account.supplier_id,
        reason=reason,
    )


def _lock(supplier: Supplier) -> None:
    """One change at a time of where one supplier is paid; rows that name the supplier are still written meanwhile."""
    Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)


def _account(supplier: Supplier, *, currency: str, status: str) -> BankAccount | None:
    return BankAccount.objects.filter(supplier=supplier, currency=currency, status=status).first()


def _is_approved(supplier: Supplier) -> bool:
    return Application.objects.filter(supplier=supplier, status=Application.Status.APPROVED).exists()
