"""Changes of a house account that redirect money: one person asks for them, another confirms.

These are its holder, its number, its bank, and whether buyers pay to it. What was before is kept, so that it stays
known with which number a file was written. What the account had when a change was asked for must still be so at the
confirmation: the second person confirms what was asked for.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from stdnum import bic, iban

from infactor.banking import accounts, open_accounts, payment_files
from infactor.banking.errors import BankingError
from infactor.banking.models import AccountChange, HouseAccount
from infactor.banking.models.house_account import number_ending, plain_number
from infactor.banking.movements import KEEP_HOUSE_ACCOUNTS
from infactor.core import audit, keys, reasons
from infactor.core.transitions import TransitionNotAllowed, move
from infactor.users import roles
from infactor.users.models import User

Kind, Status = AccountChange.Kind, AccountChange.Status
DETAILS = ("originator_name", "bank_name", "account_number", "last4", "routing_number", "bic")
FORMER = {name: "former_number" if name == "account_number" else f"former_{name}" for name in DETAILS}


class InvalidChange(BankingError):
    """The change is not possible like this. `field` is the input that is wrong, if one is."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class BankDetails:
    """Where an account is held, and in whose name, as staff enter it. An empty number means that it stays.

    Its repr hides the number.
    """

    bank_name: str
    originator_name: str = ""
    account_number: str = field(repr=False, default="")
    routing_number: str = ""
    bic: str = ""


def request_details(
    *, account: HouseAccount, details: BankDetails, reason: str, by: User, at: datetime
) -> AccountChange:
    """Ask that `details` be those of `account`. Raises NotAllowed, ReasonMissing, InvalidChange, AccountClosed."""
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    text = reasons.require_reason(reason)[:300]
    with transaction.atomic():
        current = open_accounts.lock(account=account)
        wanted = _validated(details, account=current)
        before = details_of(current)
        if wanted == before:
            raise InvalidChange(_("Nothing of this differs from what the account has."))
        _check(current, wanted)
        return _request(
            AccountChange(
                account=current,
                kind=Kind.DETAILS,
                **{FORMER[name]: value for name, value in before.items()},
                **wanted,
            ),
            reason=text,
            by=by,
            at=at,
        )


def request_pay_to(*, account: HouseAccount, reason: str, by: User, at: datetime) -> AccountChange:
    """Ask that buyers be told to pay to `account` in its currency, from the next notice on. Raises as the other."""
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    text = reasons.require_reason(reason)[:300]
    with transaction.atomic():
        current = open_accounts.lock(account=account)
        _require_holder(current)
        if current.is_pay_to:
            raise InvalidChange(_("Buyers are told to pay to it already."))
        change = AccountChange(account=current, kind=Kind.PAY_TO, **details_of(current))
        return _request(change, reason=text, by=by, at=at)


def confirm(*, change: AccountChange, by: User, at: datetime) -> AccountChange:
    """The second person confirms, which changes the account.

    Raises NotAllowed, also for who asked for it, InvalidChange where the account is no longer as it was,
    AccountClosed, TransitionNotAllowed where it is decided.
    """
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    with transaction.atomic():
        if change.kind == Kind.PAY_TO:
            open_accounts.lock_currency(currency=change.account.currency)
        current = open_accounts.lock(account=change.account)
        waiting = AccountChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
        if waiting.requested_by_id == by.pk:
            raise roles.NotAllowed(_("You asked for this change. Somebody else must confirm it."))
        if waiting.status != Status.WAITING:
            raise TransitionNotAllowed(f"{waiting} is decided.")
        _require_unchanged(current, waiting)
        if waiting.kind == Kind.DETAILS:
            event = _apply_details(current, waiting)
        else:
            event = _apply_pay_to(current, by=by, at=at)
        applied = move(
            waiting,
            to=Status.APPLIED,
            transitions=AccountChange.TRANSITIONS,
            by=by,
            at=at,
            changes={"decided_by": by, "decided_at": at},
        )
        details = {"change": applied.pk, "reason": applied.reason, "requested_by": applied.requested_by_id}
        audit.record(event=event, subject=current, by=by, at=at, details=details)
        return applied


def refuse(*, change: AccountChange, reason: str, by: User, at: datetime) -> AccountChange:
    """The second person refuses, or who asked withdraws. Raises NotAllowed, ReasonMissing, TransitionNotAllowed."""
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    text = reasons.require_reason(reason)[:300]
    return move(
        change,
        to=Status.REFUSED,
        transitions=AccountChange.TRANSITIONS,
        by=by,
        at=at,
        reason=text,
        changes={"decided_by": by, "decided_at": at, "refusal": text},
    )


def waiting(accounts: QuerySet[HouseAccount]) -> QuerySet[HouseAccount]:
    """Those of `accounts` of which a change waits: since `updated_at`, as asking for one touches the account."""
    return accounts.filter(pk__in=AccountChange.objects.filter(status=Status.WAITING).values("account"))


def masked_number_at(*, account: HouseAccount, at: datetime) -> str:
    """The bank and the end of the number that `account` had at the moment `at`."""
    later = account.changes.filter(kind=Kind.DETAILS, status=Status.APPLIED, decided_at__gt=at).order_by("decided_at")
    first = later.first()
    if first is None:
        return number_ending(account.last4, bank=account.bank_name)
    return number_ending(first.former_last4, bank=first.former_bank_name)


def details_of(account: HouseAccount) -> dict[str, str]:
    """What a change of `account` may say, as it is now."""
    return {name: getattr(account, name) for name in DETAILS}


def _request(change: AccountChange, *, reason: str, by: User, at: datetime) -> AccountChange:
    change.reason, change.requested_by, change.requested_at = reason, by, at
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError as error:
        if "one_change_waiting_a_house_account" not in str(error):
            raise
        raise InvalidChange(_("A change of this account waits already. Confirm or refuse that first.")) from error
    HouseAccount.objects.filter(pk=change.account_id).update(updated_at=at)
    audit.record(
        event="house_account.change_requested",
        subject=change.account,
        by=by,
        at=at,
        details={"change": change.pk, "kind": change.kind, "reason": reason},
    )
    return change


def _validated(details: BankDetails, *, account: HouseAccount) -> dict[str, str]:
    """The details as they are stored. Raises InvalidChange."""
    number = account.account_number
    if details.account_number.strip():
        try:
            number = accounts.validated_number(details.account_number)
        except BankingError as error:
            raise InvalidChange(str(error), field="account_number") from error
    if account.is_pay_to and not details.originator_name.strip():
        raise InvalidChange(_("Buyers pay to it: enter in whose name it is."), field="originator_name")
    if not details.bank_name.strip():
        raise InvalidChange(_("Enter the bank."), field="bank_name")
    bank = plain_number(details.bic)
    if bank and not bic.is_valid(bank):
        raise InvalidChange(_("This is not a BIC. It has 8 or 11 letters and digits."), field="bic")
    return {
        "originator_name": details.originator_name.strip(),
        "bank_name": details.bank_name.strip(),
        "account_number": number,
        "last4": number[-4:],
        "routing_number": plain_number(details.routing_number),
        "bic": bank,
    }


def _check(account: HouseAccount, wanted: dict[str, str]) -> None:
    """Raise InvalidChange where no other account has the number, or payment files could not be written with it."""
    changed = HouseAccount.objects.get(pk=account.pk)
    _set(changed, wanted)
    known = HouseAccount._meta.get_field("fingerprint").accepted(changed)
    if HouseAccount.objects.exclude(pk=account.pk).filter(fingerprint__in=known).exists():
        raise InvalidChange(_("Another house account has this number."), field="account_number")
    if account.payment_format and (problem := payment_files.problem(format=account.payment_format, account=changed)):
        raise InvalidChange(problem)


def _set(account: HouseAccount, wanted: dict[str, str]) -> None:
    for name, value in wanted.items():
        setattr(account, name, value)
    account.fingerprint = keys.fingerprint("house-account", account.currency, account.account_number)
    if iban.is_valid(account.account_number):
        account.country = account.account_number[:2]


def _require_unchanged(account: HouseAccount, change: AccountChange) -> None:
    """Raise InvalidChange where the account is no longer as it was when the change was asked for."""
    names = FORMER if change.kind == Kind.DETAILS else {name: name for name in DETAILS}
    if details_of(account) != {name: getattr(change, kept) for name, kept in names.items()}:
        raise InvalidChange(_("The account has changed since this was asked for. Refuse it, and ask anew."))


def _apply_details(account: HouseAccount, change: AccountChange) -> str:
    wanted = {name: getattr(change, name) for name in DETAILS}
    _check(account, wanted)
    _set(account, wanted)
    account.save(update_fields=[*DETAILS, "fingerprint", "country", "updated_at"])
    return "house_account.details_changed"


def _apply_pay_to(account: HouseAccount, *, by: User, at: datetime) -> str:
    """The accounts of the currency are locked."""
    _require_holder(account)
    for former in HouseAccount.objects.filter(currency=account.currency, is_pay_to=True):
        HouseAccount.objects.filter(pk=former.pk).update(is_pay_to=False, updated_at=at)
        audit.record(
            event="house_account.no_longer_pay_to", subject=former, by=by, at=at, details={"instead": account.pk}
        )
    HouseAccount.objects.filter(pk=account.pk).update(is_pay_to=True, updated_at=at)
    return "house_account.made_pay_to"


def _require_holder(account: HouseAccount) -> None:
    if not account.originator_name:
        raise InvalidChange(
            _("Buyers must know in whose name it is. Enter the originator's name in the payment details first.")
        )
