"""Bank accounts for payouts: an owner adds one, and Operations confirm it on a proof before it is used.

Who approved the supplier or set its terms confirms none of its accounts (`duties`): nobody alone decides that a company
is financed, at what price, and where the money goes.

A replacement account of an approved supplier can be confirmed only after a cooling-off period, and all owners get an
email at once. That leaves time to notice a hijacked mailbox or session before any money goes to another account. Until
then payouts go to the previous account. Every account that is entered soon after its person changed address, password
or second factor waits longer (BANK_COOLING_OFF_AFTER_CHANGE), and staff see why: that is how a stolen account is used.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit, reasons, transitions
from infactor.suppliers import account_proofs, bank_numbers, duties, emails
from infactor.suppliers.access import require_member
from infactor.suppliers.account_proofs import AccountProof, CannotConfirm
from infactor.suppliers.countries import countries, currencies
from infactor.suppliers.models import Application, BankAccount, Membership, Supplier
from infactor.users import roles
from infactor.users.models import User
from infactor.users.security import account_changes

COOLING_OFF_PERIOD = timedelta(days=3)
Status = BankAccount.Status
CURRENT = (Status.IN_USE, Status.SUSPENDED)


class CannotAdd(ValueError):
    """This account cannot be added; the message says why."""


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
    """Add an account, to be confirmed by staff once the application is approved, or after `cooling_off`.

    It replaces an account that is still unconfirmed. All owners of the company get an email. Raises
    bank_numbers.InvalidBankNumber, CannotAdd, and roles.NotAllowed for anyone but an owner.
    """
    user = require_member(by=by, supplier=supplier, owner=True)
    if details.currency not in currencies() or details.country not in countries():
        raise CannotAdd(_("Choose a currency and a country from the list."))
    if not details.holder.strip() or not details.bank_name.strip():
        raise CannotAdd(_("Enter the account holder and the bank."))
    numbers = bank_numbers.parse(
        country=details.country, account_number=details.account_number, routing_number=details.routing_number
    )
    with transaction.atomic():
        _lock(supplier)
        in_use = _find_current(supplier, currency=details.currency)
        waiting = _find_account(supplier, currency=details.currency, status=Status.WAITING)
        if in_use is not None and in_use.fingerprint in numbers.fingerprints:
            if in_use.status == Status.SUSPENDED:
                raise CannotAdd(_("A payout to this account came back. Enter another account, or ask us to check it."))
            raise CannotAdd(_("This account is already in use."))
        if waiting is not None and waiting.fingerprint in numbers.fingerprints:
            raise CannotAdd(_("This account already waits to be confirmed."))
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


def confirm(*, account: BankAccount, proof: AccountProof, by: User | None, at: datetime) -> BankAccount:
    """Pay to `account` from now on, in place of the account in use, if any; to a suspended one again, on a new proof.

    Raises CannotConfirm for who added it, approved the supplier or set its terms; without a proof; before
    the cooling-off period is over; while the application is not approved. Raises transitions.TransitionNotAllowed if it
    is not waiting, and roles.NotAllowed without `suppliers.confirm_bank_account`.
    """
    user = roles.require(by, "suppliers.confirm_bank_account")
    with transaction.atomic():
        _lock(account.supplier)
        is_micro = proof.kind == BankAccount.Proof.MICRO_DEPOSITS
        subject = BankAccount.objects.get(pk=account.pk) if is_micro else account.supplier
        account_proofs.require_proof(proof, subject=subject)
        if not _is_application_approved(account.supplier):
            raise CannotConfirm(_("The application is not approved yet. Its accounts are confirmed afterwards."))
        if conflict := duties.conflict_with(account=account, by=user, at=at):
            raise CannotConfirm(conflict)
        return _confirm(account, proof=proof, by=user, at=at)


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


def suspend(*, account: BankAccount, because: str, by: User | None, at: datetime) -> BankAccount | None:
    """Pay nothing to `account` until it is confirmed anew: the bank says that it is closed, or that it does not exist.

    The owners get an email, and the staff that confirm accounts. The caller has the right. None if the account is not
    in use any more.
    """
    with transaction.atomic():
        _lock(account.supplier)
        if BankAccount.objects.get(pk=account.pk).status != Status.IN_USE:
            return None
        suspended = transitions.move(
            account,
            to=Status.SUSPENDED,
            transitions=BankAccount.TRANSITIONS,
            by=by,
            at=at,
            supplier_id=account.supplier_id,
            reason=because,
            changes={"suspended_at": at, "suspended_because": because[:300]},
        )
        emails.account_suspended(account=suspended, at=at)
        return suspended


def _was_added_by_current_owner(*, account: BankAccount) -> bool:
    """Whether the person who added `account` is still an owner. If not, the company may no longer want it."""
    return Membership.objects.filter(
        supplier=account.supplier, user=account.added_by, user__is_active=True, role=Membership.Role.OWNER
    ).exists()


def _confirm(account: BankAccount, *, proof: AccountProof, by: User, at: datetime) -> BankAccount:
    if by.pk == account.added_by_id:
        raise CannotConfirm(_("The person who entered an account cannot confirm it."))
    if not _was_added_by_current_owner(account=account):
        raise CannotConfirm(
            _("Who entered it is no longer an owner of the company. Refuse it; an owner can enter it again.")
        )
    if at < account.usable_from:
        raise CannotConfirm(_("The cooling-off period of this account is not over yet."))
    before = _find_current(account.supplier, currency=account.currency)
    if before is not None and before.pk != account.pk:
        _replace(before, by=by, at=at, reason="Another account was confirmed.")
    confirmed = transitions.move(
        account,
        to=Status.IN_USE,
        transitions=BankAccount.TRANSITIONS,
        by=by,
        at=at,
        supplier_id=account.supplier_id,
        changes={
            "confirmed_by": by,
            "confirmed_at": at,
            "suspended_at": None,
            "suspended_because": "",
            **proof.columns(),
        },
    )
    emails.account_confirmed(account=confirmed, at=at)
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


def _find_current(supplier: Supplier, *, currency: str) -> BankAccount | None:
    """The account that payouts go to, even if it is suspended."""
    return BankAccount.objects.filter(supplier=supplier, currency=currency, status__in=CURRENT).first()


def _is_application_approved(supplier: Supplier) -> bool:
    return Application.objects.filter(supplier=supplier, status=Application.Status.APPROVED).exists()
