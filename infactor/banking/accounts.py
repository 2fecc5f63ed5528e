"""House accounts: open one, change it, make it the default of its currency, and post its opening balance."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from stdnum import iban
from stdnum.exceptions import ValidationError

from infactor.banking import bank_days, cash, movements, open_accounts
from infactor.banking.errors import BankingError
from infactor.banking.models import AccountChange, HouseAccount, Movement
from infactor.banking.models.house_account import plain_number
from infactor.core import audit, keys
from infactor.ledger.models import Entry, Purpose
from infactor.users import roles
from infactor.users.models import User

KEEP_HOUSE_ACCOUNTS = movements.KEEP_HOUSE_ACCOUNTS
MIN_NUMBER_LENGTH = 6
MIN_END_OF_IBAN = 12


@dataclass(frozen=True)
class AccountDetails:
    """A bank account as staff enter it. Its repr hides the number."""

    name: str
    currency: str
    bank_name: str
    account_number: str
    routing_number: str = ""
    bic: str = ""
    may_be_overdrawn: bool = False

    def __repr__(self) -> str:
        return f"AccountDetails({self.name}, {self.currency})"


def open_account(*, details: AccountDetails, by: User, at: datetime) -> HouseAccount:
    """Open a house account. The first one of a currency is its default, and takes over the cash posted before it.

    So is the first one after every account of the currency was closed.

    Raises NotAllowed, BankingError.
    """
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    number = validated_number(details.account_number)
    with transaction.atomic():
        others = list(HouseAccount.objects.select_for_update().filter(currency=details.currency).order_by("pk"))
        try:
            with transaction.atomic():
                account = HouseAccount.objects.create(
                    name=details.name.strip(),
                    currency=details.currency,
                    bank_name=details.bank_name.strip(),
                    account_number=number,
                    routing_number=plain_number(details.routing_number),
                    bic=plain_number(details.bic),
                    last4=number[-4:],
                    fingerprint=keys.fingerprint("house-account", details.currency, number),
                    ledger_owner=f"bank:{len(others) + 1}" if others else "",
                    is_default=not any(one.is_default for one in others),
                    may_be_overdrawn=details.may_be_overdrawn,
                    holiday_calendar=bank_days.USUAL_CALENDARS.get(details.currency, ""),
                    added_by=by,
                    added_at=at,
                )
        except IntegrityError as error:
            raise BankingError("There is a house account with this name, or with this number.") from error
        audit.record(
            event="house_account.opened", subject=account, by=by, at=at, details={"currency": account.currency}
        )
        return account


def change(*, account: HouseAccount, name: str, may_be_overdrawn: bool, by: User, at: datetime) -> HouseAccount:
    """Change the name of an account and whether it may be overdrawn. Raises NotAllowed, BankingError."""
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    with transaction.atomic():
        current = HouseAccount.objects.select_for_update().get(pk=account.pk)
        current.name, current.may_be_overdrawn = name.strip(), may_be_overdrawn
        try:
            with transaction.atomic():
                current.save(update_fields=["name", "may_be_overdrawn", "updated_at"])
        except IntegrityError as error:
            raise BankingError("There is a house account with this name.") from error
        details = {"may_be_overdrawn": may_be_overdrawn}
        audit.record(event="house_account.changed", subject=current, by=by, at=at, details=details)
        return current


def make_default(*, account: HouseAccount, by: User, at: datetime) -> HouseAccount:
    """Move money of its currency on this account from now on, unless another is named.

    Raises NotAllowed, AccountClosed.
    """
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    with transaction.atomic():
        open_accounts.lock_currency(currency=account.currency)
        open_accounts.lock(account=account)
        HouseAccount.objects.filter(currency=account.currency, is_default=True).update(is_default=False, updated_at=at)
        HouseAccount.objects.filter(pk=account.pk).update(is_default=True, updated_at=at)
        current: HouseAccount = HouseAccount.objects.get(pk=account.pk)
        audit.record(event="house_account.made_default", subject=current, by=by, at=at)
        return current


def post_opening_balance(
    *, account: HouseAccount, balance: Decimal, value_date: date, by: User, at: datetime
) -> Movement:
    """Post what is missing in the books so that they agree with the bank's `balance` at the end of `value_date`.

    The other side is capital. Raises NotAllowed, BankingError (posted before, nothing missing, or a bad amount).
    """
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    with transaction.atomic():
        current: HouseAccount = HouseAccount.objects.select_for_update().get(pk=account.pk)
        missing = balance - balance_on(account=current, on=value_date)
        if not missing:
            raise BankingError("The books say the same balance for this day. There is nothing to post.")
        return movements.record(
            account=current, kind=Movement.Kind.OPENING, amount=missing, value_date=value_date, note="", by=by, at=at
        )


def balance_on(*, account: HouseAccount, on: date) -> Decimal:
    """What the books say that was on the account at the end of a day, by value dates."""
    entries = Entry.objects.filter(
        account__purpose=Purpose.CASH,
        account__owner=account.ledger_owner,
        account__currency=account.currency,
        transaction__value_date__lte=on,
    )
    return cash.sum_of(entries)


def find_by_number(*, number: str, currency: str) -> list[HouseAccount]:
    """The house accounts that a statement's `number` may mean; `currency` "" is any.

    Banks write a number with the bank's code before a stroke, with the currency behind it, or without its first zeros.
    A number that an account had before it was corrected still means it, where no account has it now.
    """
    text = plain_number(number)
    parts = {text, plain_number(number.rpartition("/")[2])}
    parts |= {one.removesuffix(currency) for one in parts} if currency else set()
    wanted = {one.lstrip("0") for one in parts if len(one) >= MIN_NUMBER_LENGTH - 2}
    rows = HouseAccount.objects.all() if not currency else HouseAccount.objects.filter(currency=currency)
    if found := [one for one in rows if _is_meant(one.account_number, wanted)]:
        return found
    changes = AccountChange.objects.filter(account__in=rows, kind=AccountChange.Kind.DETAILS)
    former = changes.filter(status=AccountChange.Status.APPLIED).select_related("account").order_by("account")
    return list(dict.fromkeys(one.account for one in former if _is_meant(one.former_number, wanted)))


def _is_meant(own: str, wanted: set[str]) -> bool:
    """Whether a number is one of `wanted`. An IBAN also ends with the bank's code and the number within the bank."""
    ends = own[:2].isalpha() and any(own.endswith(one) for one in wanted if len(one) >= MIN_END_OF_IBAN)
    return ends or own.lstrip("0") in wanted


def validated_number(number: str) -> str:
    """An account number as it is stored. Raises BankingError."""
    plain = plain_number(number)
    if plain[:2].isalpha() and plain[2:4].isdecimal():
        try:
            return str(iban.validate(plain))
        except ValidationError as error:
            raise BankingError("This is not a valid IBAN. Check its digits.") from error
    if not MIN_NUMBER_LENGTH <= len(plain) <= 34:
        raise BankingError(f"An account number has {MIN_NUMBER_LENGTH} to 34 digits or letters.")
    return plain
