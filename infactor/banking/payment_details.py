"""Payment details: what payment files say of a house account, and by which calendar its bank works."""

from dataclasses import dataclass, fields
from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext as _
from stdnum import bic, iban
from stdnum.us import rtn

from infactor.banking import bank_days, open_accounts, payment_files
from infactor.banking.errors import BankingError
from infactor.banking.models import AccountChange, HouseAccount
from infactor.banking.models.house_account import plain_number
from infactor.banking.movements import KEEP_HOUSE_ACCOUNTS
from infactor.core import audit
from infactor.suppliers.countries import countries
from infactor.users import roles
from infactor.users.models import User

ROUTING_LENGTH = 9
BUYERS_USE = ("originator_name", "routing_number", "bic")


@dataclass(frozen=True)
class PaymentDetails:
    """As staff enter them. `holiday_calendar` is FED, ECB or a country; `cut_off` is in infactor's time zone."""

    originator_name: str = ""
    originator_id: str = ""
    routing_number: str = ""
    bic: str = ""
    country: str = ""
    originating_dfi: str = ""
    immediate_destination: str = ""
    destination_name: str = ""
    immediate_origin: str = ""
    payment_format: str = ""
    holiday_calendar: str = ""
    holiday_subdivision: str = ""
    cut_off: time | None = None


class InvalidDetails(BankingError):
    """The payment details are not valid. `field` is that of PaymentDetails."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def save(*, account: HouseAccount, details: PaymentDetails, by: User, at: datetime) -> HouseAccount:
    """Keep the payment details of an account. Raises NotAllowed, InvalidDetails, AccountClosed."""
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    with transaction.atomic():
        current: HouseAccount = HouseAccount.objects.select_for_update().get(pk=account.pk)
        if reason := open_accounts.closed_because(current):
            raise open_accounts.AccountClosed(reason)
        before = {field.name: getattr(current, field.name) for field in fields(details)}
        for name, value in _cleaned(details, account=current).items():
            setattr(current, name, value)
        _keep_what_buyers_use(current, before)
        if current.payment_format:
            lacking = payment_files.problem(format=current.payment_format, account=current)
            if lacking:
                raise InvalidDetails("payment_format", lacking)
        changed = sorted(name for name, value in before.items() if getattr(current, name) != value)
        current.save(update_fields=[*before, "updated_at"])
        audit.record(
            event="house_account.payment_details_changed", subject=current, by=by, at=at, details={"fields": changed}
        )
        return current


def _keep_what_buyers_use(account: HouseAccount, before: dict[str, object]) -> None:
    """Where buyers pay to is changed by two people: see banking.account_changes. Raises InvalidDetails.

    So it is while the change waits that lets them pay to it: the second person confirms what was asked for.
    """
    name = next((one for one in BUYERS_USE if getattr(account, one) != before[one]), "")
    if not name:
        return
    if account.is_pay_to:
        raise InvalidDetails(name, _("Buyers pay to this account. Only two people together change this."))
    waiting = account.changes.filter(kind=AccountChange.Kind.PAY_TO, status=AccountChange.Status.WAITING)
    if waiting.exists():
        raise InvalidDetails(
            name, _("That buyers pay to it waits for a second person. Withdraw that first, then change this.")
        )


def _cleaned(details: PaymentDetails, *, account: HouseAccount) -> dict[str, object]:
    """Every field as it is stored. Raises InvalidDetails."""
    values: dict[str, object] = {
        field.name: value.strip() if isinstance(value := getattr(details, field.name), str) else value
        for field in fields(details)
    }
    bank = plain_number(details.bic)
    if bank and not bic.is_valid(bank):
        raise InvalidDetails("bic", "This is not a BIC. It has 8 or 11 letters and digits.")
    country = details.country.strip().upper()
    if iban.is_valid(account.account_number):
        own = account.account_number[:2]
        if country not in ("", own):
            raise InvalidDetails("country", f"The IBAN of this account is of {own}.")
        country = own
    elif country and country not in countries():
        raise InvalidDetails("country", "This is no country. Enter two letters, like US.")
    for name in ("originating_dfi", "immediate_destination"):
        number = plain_number(getattr(details, name))
        if number and (name == "originating_dfi" or len(number) == ROUTING_LENGTH) and not rtn.is_valid(number):
            raise InvalidDetails(name, "This is not a routing number. It has 9 digits, the last of which checks it.")
        values[name] = number
    calendar, subdivision = details.holiday_calendar.strip(), details.holiday_subdivision.strip().upper()
    if subdivision and not calendar:
        raise InvalidDetails("holiday_subdivision", "Choose the calendar that this state or region belongs to.")
    if calendar:
        try:
            bank_days.calendar_of(calendar, subdivision)
        except bank_days.UnknownCalendar as error:
            raise InvalidDetails("holiday_subdivision" if subdivision else "holiday_calendar", str(error)) from error
    return values | {
        "bic": bank,
        "country": country,
        "routing_number": plain_number(details.routing_number),
        "holiday_subdivision": subdivision,
    }
