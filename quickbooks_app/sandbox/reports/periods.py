"""QuickBooks' named periods (`date_macro`) as days."""

from datetime import date, timedelta

_DAY = timedelta(days=1)
_MONTHS_OF = {"month": 1, "fiscal quarter": 3, "fiscal year": 12, "calendar quarter": 3, "calendar year": 12}
ALL = (date(1900, 1, 1), date(2199, 12, 31))


def period_named(name: str, *, today: date, first_month: int = 1) -> tuple[date, date] | None:
    """Return the first and last day of a named period, or None if QuickBooks knows no such name.

    Names are case-insensitive. Weeks begin on Sunday, fiscal years in `first_month`.
    """
    words = name.strip().lower().replace("_", " ")
    if words in ("today", "yesterday"):
        day = today if words == "today" else today - _DAY
        return day, day
    if words == "next 4 weeks":
        first = _week_of(today) + 7 * _DAY
        return first, first + 27 * _DAY
    if words in ("all", "all dates"):
        return ALL
    which, _, unit = words.partition(" ")
    base, to_date = unit.removesuffix("-to-date"), unit.endswith("-to-date")
    offset = {"last": -1, "this": 0, "next": 1}.get(which)
    if offset is None or (offset == 1 and to_date):
        return None
    if base == "week":
        first, following = _week_of(today) + 7 * offset * _DAY, _week_of(today) + 7 * (offset + 1) * _DAY
        day = today + 7 * offset * _DAY
    elif months := _MONTHS_OF.get(base):
        begins = 1 if base.startswith("calendar") else first_month
        current = _month_after(today.replace(day=1), -((today.month - begins) % months))
        first, following = _month_after(current, offset * months), _month_after(current, (offset + 1) * months)
        day = _same_day(today, months=offset * months)
    else:
        return None
    return first, day if to_date else following - _DAY


def fiscal_year_start(day: date, *, first_month: int = 1) -> date:
    """Return the first day of the fiscal year that holds `day`."""
    return _month_after(day.replace(day=1), -((day.month - first_month) % 12))


def _week_of(day: date) -> date:
    return day - (day.weekday() + 1) % 7 * _DAY


def _month_after(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _same_day(day: date, *, months: int) -> date:
    """The same day of another month, or that month's last day."""
    first = _month_after(day.replace(day=1), months)
    return min(first + (day.day - 1) * _DAY, _month_after(first, 1) - _DAY)
