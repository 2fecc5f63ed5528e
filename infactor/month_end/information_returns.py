"""What the house paid for collecting in a calendar year, by payee, as Forms 1099 ask for it.

A payment counts in the year in which the bank debited it. The rules are those of the instructions for Forms 1099-MISC
and 1099-NEC; whoever files checks them for the year.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q
from django.db.transaction import atomic

from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.core.csv_files import csv_lines
from infactor.financing.advances.payees import formatted_tin
from infactor.financing.models import CollectionCost, Payee
from infactor.financing.models.payee import EXPORT_TINS
from infactor.users import roles
from infactor.users.models import User

ZERO = Decimal("0.00")
FORM, BOX = "1099-NEC", "1"  # nonemployee compensation, with attorneys' fees; 1099-MISC box 10 is for settlements
FIRST_YEAR = 2020  # of Form 1099-NEC
CURRENCY = "USD"
# Persons there are persons of the United States, too.
UNITED_STATES = frozenset({"US", "AS", "GU", "MP", "PR", "UM", "VI"})
HEADER = (
    *("Year", "Form", "Box", "Legal name", "Service", "Kind of business", "Kind of number", "TIN"),
    *("Address", "Address, second line", "City", "State", "ZIP", "Country", "Amount, USD", "To be done"),
)


@dataclass(frozen=True)
class Threshold:
    """From the payments of `first_year` on, a payee is reported who was paid at least `amount` in US dollars."""

    first_year: int
    amount: Decimal
    source: str


# The latest first.
THRESHOLDS = (
    Threshold(2026, Decimal(2000), "Public Law 119-21, section 70433 (26 U.S.C. 6041(a))"),
    Threshold(FIRST_YEAR, Decimal(600), "26 U.S.C. 6041(a) as it was for payments until the end of 2025"),
)
INDEXED_FROM = 2027  # the amount follows prices: each year's is published by the IRS


@dataclass(frozen=True)
class PayeeYear:
    """A payee in one year: what it was `paid` in US dollars, and whether that is reported.

    `reason` says why not; `to_do` what is missing for the form, or what somebody must look into.
    """

    payee: Payee
    paid: Decimal
    payments: int
    foreign: Sequence[tuple[str, Decimal]]
    in_transit: Sequence[CollectionCost]
    is_reported: bool
    reason: str
    to_do: Sequence[str]


def threshold(year: int) -> Threshold:
    """The threshold of payments made in `year`, which is FIRST_YEAR or later."""
    return next(one for one in THRESHOLDS if one.first_year <= year)


def current_year(at: datetime) -> int:
    """The calendar year where infactor is."""
    return business_day(at).year


def payees_of(*, year: int) -> list[PayeeYear]:
    """Every payee who was paid in `year`, or waits for the bank by its end; joined ones as one. Two queries."""
    last = date(year, 12, 31)
    counts = Q(debited_on__range=(date(year, 1, 1), last)) | Q(debited_on=None, value_date__lte=last)
    by_payee: dict[int, list[CollectionCost]] = defaultdict(list)
    costs = CollectionCost.objects.filter(counts, cancelled_on=None).select_related("advance", "payee")
    for cost in costs.order_by("pk"):
        by_payee[cost.payee.joined_into_id or cost.payee_id].append(cost)
    rows = Payee.objects.filter(pk__in=by_payee).order_by("name", "pk")
    return [payee_year(payee, by_payee[payee.pk], year=year) for payee in rows]


def export(*, year: int, by: User, at: datetime) -> Iterator[str]:
    """The payees that are reported for `year`, with their full numbers, as CSV. Raises NotAllowed."""
    roles.require(by, EXPORT_TINS)
    found = [one for one in payees_of(year=year) if one.is_reported]
    with atomic():
        details = {"year": year, "payees": [one.payee.pk for one in found]}
        audit.record(event="month_end.payees_exported", subject=by, by=by, at=at, details=details)
    return csv_lines(header=HEADER, rows=(_line(one, year=year) for one in found))


def payee_year(payee: Payee, costs: Iterable[CollectionCost], *, year: int) -> PayeeYear:
    """What `payee` was paid by `costs`, which were debited in `year` or by no statement yet."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    payments, in_transit = 0, []
    for cost in costs:
        if cost.debited_on is None:
            in_transit.append(cost)
        else:
            payments += 1
            sums[cost.advance.currency] += cost.amount
    paid = sums.pop(CURRENCY, ZERO)
    foreign = sorted(sums.items())
    reason = _why_not(payee, paid, year=year)
    to_do = [] if reason and not (reason == _below(year) and foreign) else list(_to_do(payee, foreign))
    return PayeeYear(payee, paid, payments, foreign, in_transit, not reason, reason, to_do)


def _why_not(payee: Payee, paid: Decimal, *, year: int) -> str:
    """Why the payee is not reported, as a sentence; empty where it is."""
    kinds = Payee.BusinessType
    if payee.country not in UNITED_STATES and payee.w9_received_on is None:
        return "Not of the United States: no Form W-9. Keep its Form W-8."
    if payee.business_type == kinds.EXEMPT:
        return "Tax-exempt organization or public body."
    if payee.business_type == kinds.CORPORATION and payee.service != Payee.Service.ATTORNEY:
        return "A corporation. Only attorneys are reported as corporations."
    return _below(year) if paid < threshold(year).amount else ""


def _below(year: int) -> str:
    return f"Below ${threshold(year).amount:,} in the year."


def _to_do(payee: Payee, foreign: Sequence[tuple[str, Decimal]]) -> Iterator[str]:
    """What is missing, as sentences."""
    if not payee.last4:
        yield "Number (TIN) missing."
    if payee.w9_received_on is None:
        yield "W-9 missing."
    if not payee.address:
        yield "Address missing."
    if payee.business_type == Payee.BusinessType.UNKNOWN:
        yield "Kind of business not known."
    if foreign:
        yield "Add what was paid in another currency, in US dollars at the rate of the day."


def _line(one: PayeeYear, *, year: int) -> Sequence[str | int | Decimal]:
    payee = one.payee
    return (
        year,
        FORM,
        BOX,
        payee.name,
        payee.get_service_display(),
        payee.get_business_type_display(),
        payee.get_tin_type_display() if payee.tin_type else "",
        formatted_tin(payee),
        payee.address_line1,
        payee.address_line2,
        payee.city,
        payee.region,
        payee.postal_code,
        payee.country,
        one.paid,
        " ".join(one.to_do),
    )
