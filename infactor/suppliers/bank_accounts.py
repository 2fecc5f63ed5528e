"""Bank accounts for payouts: an owner adds one, and staff confirm it before it is used.

A replacement account of an approved supplier can be confirmed only after a cooling-off period, and all owners get an
e-mail at once. That leaves time to notice a hijacked mailbox or session before any money goes to another account. Until
then payouts go to the previous account. Every account that is entered soon after its person changed address, password
or second factor waits longer (BANK_COOLING_OFF_AFTER_CHANGE), and staff see why: that is how a stolen account is used.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from infactor.core import audit, reasons, transitions
from infactor.suppliers import bank_numbers, emails
from infactor.suppliers.access import require_member
from infactor.suppliers.countries import countries, currencies
from infactor.suppliers.models import Application, BankAccount, Membership, Supplier
from infactor.users import roles
from infactor.users.models import User
from infactor.users.security import account_changes

COOLING_OFF_PERIOD = timedelta(days=3)
Status = BankAccount.Status


class CannotAdd(ValueError):
    """This account cannot be added; the message says why."""


class CannotConfirm(ValueError):
    """This person cannot confirm this account now; the message says why."""


@dataclass(frozen=True)
class AccountDetails:
    """A bank account as an owner entered it. Its repr shows no number."""

    currency: str
    holder: str
    bank_name: str
    country: str
    account_number: str = field(repr=False)
    routing_number: str = field(repr=False, default="")


def add(
    *,
    supplier: Supplier,
    details: AccountDetails,
    by: User | None,
    at: datetime,
    cooling_off: timedelta = COOLING_OFF_PERIOD,
) -> BankAccount:
    """Add an account, to be confirmed with the application, or by staff after `cooling_off`.

    It replaces an account that is still unconfirmed. All owners of the company get an e-mail. Raises
    bank_numbers.InvalidBankNumber, CannotAdd, and roles.NotAllowed for anyone but an owner.
    """
    user = require_member(by=by, supplier=supplier, owner=True)
    if details.currency not in currencies() or details.country not in countries():
        raise CannotAdd("Choose a currency and a country from the list.")
    if not details.holder.strip() or not details.bank_name.strip():
        raise CannotAdd("Enter the account holder and the bank.")
    numbers = bank_numbers.parse(
        country=details.country, account_number=details.account_number, routing_number=details.routing_number
    )
    with transaction.atomic():
        _lock(supplier)
        in_use = _find_account(supplier, currency=details.currency, status=Status.IN_USE)
        waiting = _find_account(supplier, currency=details.currency, status=Status.WAITING)
        if in_use is not None and in_use.fingerprint in numbers.fingerprints:
            raise CannotAdd("This account is already in use.")
        if waiting is not None and waiting.fingerprint in numbers.fingerprints:
            raise CannotAdd("This account already waits to be confirmed.")
        if waiting is not None:
            _replace(waiting, by=user, at=at, reason="Another account was entered.")
        needs_cooling_off = in_use is not None or _is_application_approved(supplier)
        wait = cooling_off if needs_cooling_off else timedelta(0)
        changes = account_changes.recent(user=user, at=at)
        if changes:
            wait = max(wait, settings.BANK_COOLING_OFF_AFTER_CHANGE)
        account = BankAccount.objects.create(
            supplier=supplier,
            currency=details.currency,
            holder=details.holder.strip(),
            bank_name=details.bank_name.strip(),
            country=details.country,
            account_number=numbers.account,
            routing_number=numbers.routing,
            last4=numbers.last4,
            fingerprint=numbers.fingerprint,
            added_by=user,
            added_at=at,
            usable_from=at + wait,
            after_account_change=bool(changes),
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
    """Pay to `account` from now on, in place of the account in use.

    Raises CannotConfirm for the person who added it, before the cooling-off period is over, and while the application
    is not approved; transitions.TransitionNotAllowed if it is not waiting; roles.NotAllowed without
    `suppliers.confirm_bank_account`.
    """
    user = roles.require(by, "suppliers.confirm_bank_account")
    with transaction.atomic():
        _lock(account.supplier)
        if not _is_application_approved(account.supplier):
            raise CannotConfirm("The application is not approved yet. Its first account is confirmed together with it.")
        return _confirm(account, by=user, at=at)


def confirm_first(*, supplier: Supplier, by: User, at: datetime) -> list[BankAccount]:
    """Confirm the accounts that came with the application; the caller has checked the permission to approve it.

    Accounts that are to replace one in use are left out. Raises CannotConfirm for the person who added one.
    """
    with transaction.atomic():
        _lock(supplier)
        accounts = BankAccount.objects.filter(supplier=supplier)
        used = accounts.filter(status=Status.IN_USE).values("currency")
        first = accounts.filter(status=Status.WAITING, usable_from__lte=at).exclude(currency__in=used).order_by("pk")
        return [_confirm(account, by=by, at=at) for account in first]


def refuse(*, account: BankAccount, by: User | None, reason: str, at: datetime) -> BankAccount:
    """Refuse `account`; the supplier reads `reason`.

    Raises reasons.ReasonMissing, transitions.TransitionNotAllowed if it is not waiting, and roles.NotAllowed without
    `suppliers.confirm_bank_account`.
    """
    user = roles.require(by, "suppliers.confirm_bank_account")
    return _refuse(account, by=user, reason=reasons.require_reason(reason), at=at)


def withdraw(*, account: BankAccount, by: User | None, at: datetime) -> BankAccount:
    """Withdraw an account that waits to be confirmed; any owner may do this.

    Raises transitions.TransitionNotAllowed if it is not waiting, roles.NotAllowed for anyone but an owner.
    """
    user = require_member(by=by, supplier=account.supplier, owner=True)
    return _refuse(account, by=user, reason="Withdrawn by the company.", at=at)


def _was_added_by_current_owner(*, account: BankAccount) -> bool:
    """Whether the person who added `account` is still an owner. If not, the company may no longer want it."""
    return Membership.objects.filter(
        supplier=account.supplier, user=account.added_by, user__is_active=True, role=Membership.Role.OWNER
    ).exists()


def _confirm(account: BankAccount, *, by: User, at: datetime) -> BankAccount:
    if by.pk == account.added_by_id:
        raise CannotConfirm("The person who entered an account cannot confirm it.")
    if not _was_added_by_current_owner(account=account):
        raise CannotConfirm(
            "Who entered it is no longer an owner of the company. Refuse it; an owner can enter it again."
        )
    if at < account.usable_from:
        raise CannotConfirm("The cooling-off period of this account is not over yet.")
    before = _find_account(account.supplier, currency=account.currency, status=Status.IN_USE)
    if before is not None:
        _replace(before, by=by, at=at, reason="Another account was confirmed.")
    confirmed = transitions.move(
        account,
        to=Status.IN_USE,
        transitions=BankAccount.TRANSITIONS,
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
            transitions=BankAccount.TRANSITIONS,
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
        transitions=BankAccount.TRANSITIONS,
        by=by,
        at=at,
        supplier_id=account.supplier_id,
        reason=reason,
    )


def _lock(supplier: Supplier) -> None:
    """Serialize changes of one supplier's accounts. Rows that refer to the supplier can still be inserted meanwhile."""
    Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)


def _find_account(supplier: Supplier, *, currency: str, status: str) -> BankAccount | None:
    return BankAccount.objects.filter(supplier=supplier, currency=currency, status=status).first()


def _is_application_approved(supplier: Supplier) -> bool:
    return Application.objects.filter(supplier=supplier, status=Application.Status.APPROVED).exists()
