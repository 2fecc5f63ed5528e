"""Bank days: when the bank of a house account works, in infactor's time zone and by the account's holiday calendar."""

import functools
from datetime import date, datetime, timedelta

import holidays
from holidays.constants import BANK

from infactor.banking.models import HouseAccount
from infactor.core.business_day import business_day, business_zone

FEDERAL_RESERVE, TARGET = "FED", "ECB"
USUAL_CALENDARS = {"USD": FEDERAL_RESERVE, "EUR": TARGET}
SATURDAY = 5
ONE_DAY = timedelta(days=1)


class UnknownCalendar(ValueError):
    """There is no such holiday calendar, or it has no such state or region. The message says which."""


def is_bank_day(account: HouseAccount, day: date) -> bool:
    """Whether the bank of `account` carries out payments on `day`. Without a calendar, on every Monday to Friday."""
    if not account.holiday_calendar:
        return day.weekday() < SATURDAY
    return bool(calendar_of(account.holiday_calendar, account.holiday_subdivision).is_working_day(day))


def next_bank_day(account: HouseAccount, day: date) -> date:
    """The first bank day after `day`."""
    return first_bank_day(account, day + ONE_DAY)


def first_bank_day(account: HouseAccount, day: date) -> date:
    """`day` if it is a bank day, else the next one."""
    while not is_bank_day(account, day):
        day += ONE_DAY
    return day


def execution_day(account: HouseAccount, at: datetime) -> date:
    """The earliest day on which the bank carries out a file that it is given at the moment `at`.

    Today where infactor is; the next bank day after the account's cut-off time.
    """
    today = business_day(at)
    is_late = account.cut_off is not None and at.astimezone(business_zone()).time() > account.cut_off
    return next_bank_day(account, today) if is_late else first_bank_day(account, today)


def closed_because(account: HouseAccount, day: date) -> str:
    """Why `day` is no bank day, as a part of a sentence: "a Saturday", "Thanksgiving Day". Empty for a bank day."""
    if is_bank_day(account, day):
        return ""
    named = calendar_of(account.holiday_calendar, account.holiday_subdivision) if account.holiday_calendar else {}
    return str(named.get(day) or f"a {day:%A}")


@functools.cache
def calendar_of(code: str, subdivision: str = "") -> holidays.HolidayBase:
    """A calendar of the `holidays` library: FED, ECB, or a country's public and bank holidays.

    Raises UnknownCalendar.
    """
    if code in (FEDERAL_RESERVE, TARGET):
        if subdivision:
            raise UnknownCalendar("This holiday calendar is the same in every state or region.")
        return holidays.financial_holidays(code)
    try:
        calendar = holidays.country_holidays(code, subdiv=subdivision or None)
    except NotImplementedError as error:
        raise UnknownCalendar(_unknown(code, subdivision)) from error
    if BANK not in calendar.supported_categories:
        return calendar
    categories = (calendar.default_category, BANK)
    return holidays.country_holidays(code, subdiv=subdivision or None, categories=categories)


def countries() -> frozenset[str]:
    """The countries whose holidays are known, as ISO 3166 codes."""
    return frozenset(code for code in holidays.list_supported_countries() if len(code) == 2)


def _unknown(code: str, subdivision: str) -> str:
    known = holidays.list_supported_countries().get(code)
    if known is None:
        return f"There is no holiday calendar of “{code}”."
    if not known:
        return f"Holidays are the same everywhere in {code}. Leave “{subdivision}” out."
    return f"{code} has no state or region “{subdivision}”. It has {', '.join(known)}."
