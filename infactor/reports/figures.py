"""The ten figures that matter to who manages infactor, and their course over the last twelve months.

What was known at the end of a past month never changes, so its figures are computed once and kept in the cache.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.core.cache import cache
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from infactor.core.business_day import business_zone
from infactor.financing.history import HistoryDeleted
from infactor.ledger.models import FEE_PURPOSES, Entry, Purpose
from infactor.reports.moments import Moment, Span
from infactor.reports.movements import Step, moved_by_supplier, within
from infactor.reports.receivables import outstanding
from infactor.reports.report import ZERO, Column, Kind, Report, Row, Text, day, share, text

MONTHS = 12
LATE_DAYS = 30
KEPT = 400 * 24 * 60 * 60  # seconds
VERSION = 1  # goes up when a figure is computed in another way


@dataclass(frozen=True)
class Title:
    text: Text
    explanation: Text
    kind: Kind = Kind.AMOUNT


TITLES = {
    "employed": Title(_("Funds employed"), _("Receivables less reserve: what infactor has paid and not got back.")),
    "outstanding": Title(_("Outstanding"), _("What buyers owe on purchased invoices.")),
    "late": Title(_("Over 30 days late"), _("The share of what is outstanding."), Kind.PERCENT),
    "largest": Title(_("Largest buyer"), _("Its share of what is outstanding."), Kind.PERCENT),
    "purchased": Title(_("Purchased in the month"), _("The face of the invoices that were bought.")),
    "collected": Title(_("Collected in the month"), _("What buyers paid on purchased invoices.")),
    "fees": Title(_("Fee income of the month"), _("What was posted to fee income, late entries included.")),
    "yield": Title(_("Yield"), _("The month's fees, for a year, of the funds employed at its end."), Kind.PERCENT),
    "due": Title(_("Suppliers owe"), _("What suppliers owe beyond their reserve.")),
    "lost": Title(_("Written off in the month"), _("Bad debt, less what was recovered.")),
}
COLUMNS = (day(_("Day")), text(_("Currency")), *(Column(one.text, one.kind) for one in TITLES.values()))
Figures = dict[str, dict[str, Decimal | None]]  # by currency, then by figure


@dataclass(frozen=True)
class Course:
    """One figure in one currency: now, and at the end of each month, the oldest first. None: nothing to measure."""

    title: Title
    currency: str
    values: Sequence[Decimal | None]

    @property
    def now(self) -> Decimal | None:
        return self.values[-1]


def courses(*, at: datetime) -> tuple[list[Moment], dict[str, list[Course]]]:
    """The moments, and by currency the ten figures with their course. The last moment is `at`.

    Raises HistoryDeleted where retention has deleted what was known then; earlier months are left out.
    """
    moments = [*_month_ends(at), Moment(at)]
    found = [*(_kept_or_deleted(moment) for moment in moments[:-1]), figures_at(moments[-1])]
    currencies = sorted({currency for figures in found for currency in figures})
    return moments, {
        currency: [
            Course(title, currency, [figures.get(currency, {}).get(name) for figures in found])
            for name, title in TITLES.items()
        ]
        for currency in currencies
    }


def rows(span: Span) -> Iterator[Row]:
    """The same as a report: a line for each currency and moment, the latest last. Raises HistoryDeleted."""
    moments, found = courses(at=span.moment.at)
    for currency, of_currency in found.items():
        for place, moment in enumerate(moments):
            yield Row(currency, (moment.day, currency, *(one.values[place] for one in of_currency)))


REPORT = Report("figures", _("Figures"), _("How is infactor doing, and how did it get here?"), COLUMNS, rows)


def figures_at(moment: Moment) -> Figures:
    """The figures as known at the moment. Raises HistoryDeleted."""
    found: Figures = defaultdict(lambda: dict.fromkeys(TITLES, ZERO))
    late: dict[str, Decimal] = defaultdict(lambda: ZERO)
    by_debtor: dict[str, dict[object, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for one in outstanding(moment):
        _add(found[one.currency], "employed", one.funds_employed)
        _add(found[one.currency], "outstanding", one.receivable)
        by_debtor[one.currency][one.debtor_key] += one.receivable
        if one.days_late(moment.day) > LATE_DAYS:
            late[one.currency] += one.receivable
    month = Span(moment=moment, since=_month_start(moment))
    for currency, _supplier, step, moved in moved_by_supplier(month):
        if step in (Step.PURCHASED, Step.COLLECTED):
            _add(found[currency], step.value, moved if step == Step.PURCHASED else -moved)
    for name, currency, moved in _postings(month):
        _add(found[currency], name, moved)
    for currency, figures in found.items():
        owed = figures["outstanding"] or ZERO
        figures["late"] = share(late[currency], owed)
        figures["largest"] = share(max(by_debtor[currency].values(), default=ZERO), owed)
        figures["yield"] = share((figures["fees"] or ZERO) * 365 / moment.day.day, figures["employed"] or ZERO)
    return dict(found)


def _add(figures: dict[str, Decimal | None], name: str, value: Decimal) -> None:
    figures[name] = (figures[name] or ZERO) + value


def _postings(month: Span) -> list[tuple[str, str, Decimal]]:
    """Fees and losses of the month, and what suppliers owe at its end, as (figure, currency, amount)."""
    sides = {
        **dict.fromkeys(FEE_PURPOSES, ("fees", -1)),
        Purpose.BAD_DEBT: ("lost", 1),
        Purpose.BAD_DEBT_RECOVERED: ("lost", 1),
    }
    found = []
    for entries, purposes in ((within(month), sides), (month.moment.postings, {Purpose.DUE_FROM_SUPPLIER: ("due", 1)})):
        rows = Entry.objects.filter(entries, account__purpose__in=purposes).order_by()
        for row in rows.values("account__currency", "account__purpose").annotate(moved=Sum(F("debit") - F("credit"))):
            name, sign = purposes[Purpose(row["account__purpose"])]
            found.append((name, row["account__currency"], sign * row["moved"]))
    return found


def _kept_or_deleted(moment: Moment) -> Figures:
    """Nothing where retention has deleted what was known, so that the later months are shown all the same."""
    try:
        return _kept(moment)
    except HistoryDeleted:
        return {}


def _kept(moment: Moment) -> Figures:
    key = f"reports:figures:{VERSION}:{moment.at.isoformat()}"
    found: Figures | None = cache.get(key)
    if found is None:
        found = figures_at(moment)
        cache.set(key, found, KEPT)
    return found


def _month_start(moment: Moment) -> Moment:
    """The last second of the month before, by infactor's day."""
    first = moment.at.astimezone(business_zone()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Moment((first - timedelta(seconds=1)).astimezone(UTC))


def _month_ends(at: datetime) -> list[Moment]:
    found = [_month_start(Moment(at))]
    while len(found) < MONTHS:
        found.insert(0, _month_start(found[0]))
    return found
