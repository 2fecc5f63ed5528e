"""Look-alikes: recorded payments, and money in the books, that a new payment may be. A person says whether it is.

The bank's reference, value date and amount alone keep only an exact copy out. The same payment comes again with the
day on which somebody typed it, with the reference of another statement, or with its line after it was typed.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection as Items
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from infactor.banking import matches
from infactor.banking.errors import BankingError
from infactor.banking.formats.records import NO_REFERENCES
from infactor.banking.models import HouseAccount, StatementLine
from infactor.core.dates import format_day
from infactor.financing.collections import invoice_tokens
from infactor.financing.collections.incoming import CollectionError
from infactor.financing.models import COUNTED_PAYMENTS, Collection
from infactor.invoices.debtors.company_names import normalized_name
from infactor.ledger.models import Entry

WINDOW = timedelta(days=10)  # between two banking days of one payment
SAME_NUMBER = timedelta(days=45)  # a buyer pays an invoice once; later its number may be another's
MAX_BOOKED = 10


@dataclass(frozen=True)
class Candidate:
    """A payment that is about to be recorded; `advance_ids` are the advances that it is for, where that is known.

    `line` is the line of a statement with which it comes.
    """

    currency: str
    amount: Decimal
    value_date: date
    bank_reference: str = ""
    payer: str = ""
    remittance: str = ""
    advance_ids: Items[int] = ()
    line: StatementLine | None = None


@dataclass(frozen=True)
class LookAlike:
    """A recorded payment, else an entry that no line confirms, and why the new one may be the same, in words."""

    collection: Collection | None
    why: str
    entry: Entry | None = None

    def __str__(self) -> str:
        if self.collection is None:
            return f"The books have it already, on no statement yet: {self.why}."
        return f"It looks like payment {self.collection.pk}: {self.why}."


class LooksRecorded(CollectionError):
    """The payment looks like what is recorded. Somebody must say that it is another: `is_another`."""

    def __init__(self, found: Sequence[LookAlike]) -> None:
        super().__init__(f"{found[0]} Say whether it is another payment.")
        self.found = found


def find(*, candidate: Candidate, excluding: Iterable[int] = ()) -> list[LookAlike]:
    """What `candidate` may be, the likeliest first; payments with the keys `excluding` are left out.

    A payment that the bank returned is no look-alike: it is presented again. Nor is one that was withdrawn. Where no
    payment looks like a line, money in the books of which the bank has not told yet does. Two queries at most, and one
    for a line.
    """
    found = find_all(candidates=[candidate], excluding=excluding)[0]
    if found or candidate.line is None:
        return found
    return [LookAlike(None, _described(one), one) for one in find_booked(lines=[candidate.line])[0]]


def find_all(*, candidates: Sequence[Candidate], excluding: Iterable[int] = ()) -> list[list[LookAlike]]:
    """The payments that look like each candidate, in its place. Two queries for all of them."""
    rows = Collection.objects.filter(
        COUNTED_PAYMENTS,
        currency__in={one.currency for one in candidates},
        amount__in={one.amount for one in candidates},
    ).exclude(pk__in=list(excluding))
    # Thousands of payments may have one amount: only those with the same reference or payer are compared, and loaded.
    wanted = {(one.currency, one.amount, key) for one in candidates for key in _said(one).keys}
    alike: dict[tuple[str, Decimal, str], dict[int, _Said]] = defaultdict(dict)
    columns = ("pk", "currency", "amount", "value_date", "bank_reference", "payer", "remittance")
    for pk, currency, amount, *told in rows.order_by("pk").values_list(*columns):
        said = _Said(*told)
        for key in said.keys:
            if (currency, amount, key) in wanted:
                alike[currency, amount, key][pk] = said
    keys = {pk for found in alike.values() for pk in found}
    loaded = _with_advances_paid(keys)
    paid = {pk: row.advances_paid for pk, row in loaded.items()}
    return [
        _look_alikes(
            one,
            {
                loaded[pk]: said
                for key in _said(one).keys
                for pk, said in alike.get((one.currency, one.amount, key), {}).items()
            },
            paid,
        )
        for one in candidates
    ]


def among(*, candidates: Sequence[Candidate]) -> list[bool]:
    """For each candidate whether it looks like another one. Pure."""
    said = [_said(one) for one in candidates]
    comparable: dict[tuple[str, Decimal, str], list[int]] = defaultdict(list)
    for place, one in enumerate(candidates):
        for key in said[place].keys:
            comparable[one.currency, one.amount, key].append(place)
    found = [False] * len(candidates)
    for places in comparable.values():
        for first, second in combinations(places, 2):
            days = abs(said[first].value_date - said[second].value_date)
            if _why(said[first], said[second], days=days, has_same_advance=False):
                found[first] = found[second] = True
    return found


def find_booked(*, lines: Sequence[StatementLine]) -> list[list[Entry]]:
    """For each line the entries of about its day on its account that have its amount and that no line confirms.

    One query for each account.
    """
    by_account: dict[HouseAccount, list[StatementLine]] = defaultdict(list)
    for line in lines:
        by_account[line.account].append(line)
    known: dict[tuple[int, Decimal], list[Entry]] = defaultdict(list)
    for account, own in by_account.items():
        days = [line.value_date for line in own]
        # What counts in a later month, because its own was closed, is on the statement of its own day.
        own_day = Coalesce("transaction__original_value_date", "transaction__value_date")
        entries = matches.unconfirmed_entries(account=account).annotate(own_day=own_day)
        entries = entries.filter(
            moved__in={line.amount for line in own},
            own_day__gte=min(days) - WINDOW,
            own_day__lte=max(days) + WINDOW,
        )
        for entry in entries.order_by("own_day", "pk"):
            known[account.pk, entry.debit - entry.credit].append(entry)
    return [_of_about_its_day(line, known.get((line.account.pk, line.amount), ())) for line in lines]


def identifies(reference: str) -> bool:
    """Whether a bank reference identifies a payment: NONREF and the like do not."""
    plain = _normalized(reference)
    return bool(plain.strip("0")) and plain not in NO_REFERENCES


def lock_open_line(line: StatementLine) -> StatementLine:
    """The line as it is now, locked. Raises CollectionError if it is decided already."""
    try:
        return matches.lock_open(line=line)
    except BankingError as problem:
        raise CollectionError(str(problem)) from problem


@dataclass
class _Said:
    """What is said of a payment, in the forms that are compared, each made once."""

    value_date: date
    bank_reference: str
    payer: str
    remittance: str

    @cached_property
    def reference(self) -> str:
        return _normalized(self.bank_reference) if identifies(self.bank_reference) else ""

    @cached_property
    def names(self) -> frozenset[str]:
        return _names(self.payer)

    @property
    def keys(self) -> list[str]:
        """What two payments must share to look alike: the reference, or a name of the payer."""
        return [*([f"reference {self.reference}"] if self.reference else []), *(f"payer {one}" for one in self.names)]

    @cached_property
    def text(self) -> str:
        return _normalized(self.remittance)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return invoice_tokens.numbers_in(self.remittance)


@lru_cache(maxsize=16_384)
def _names(payer: str) -> frozenset[str]:
    return frozenset({_normalized(payer), normalized_name(payer)} - {""})


def _look_alikes(
    candidate: Candidate, rows: Mapping[Collection, _Said], paid: Mapping[int, Items[int]]
) -> list[LookAlike]:
    own = _said(candidate)
    found = []
    for row, said in rows.items():
        days = abs(said.value_date - own.value_date)
        has_same_advance = any(pk in candidate.advance_ids for pk in paid.get(row.pk, ()))
        if why := _why(own, said, days=days, has_same_advance=has_same_advance):
            when = "on the same day" if not days else f"{days.days} day{'s' if days.days > 1 else ''} apart"
            found.append((days, row.pk, LookAlike(row, f"{why}, {when}")))
    return [one for _, _, one in sorted(found, key=lambda each: each[:2])]


def _said(candidate: Candidate) -> _Said:
    return _Said(candidate.value_date, candidate.bank_reference, candidate.payer, candidate.remittance)


def _why(own: _Said, other: _Said, *, days: timedelta, has_same_advance: bool) -> str:
    if own.reference and own.reference == other.reference and days <= WINDOW:
        return "the same amount and reference"
    if own.names.isdisjoint(other.names):
        return ""
    if has_same_advance:
        return "the same payer, amount and advance"
    if own.text and own.text == other.text:
        return "the same payer, amount and text"
    if days <= SAME_NUMBER and not own.numbers.isdisjoint(other.numbers):
        return "the same payer, amount and invoice"
    return ""


def _with_advances_paid(collection_ids: Items[int]) -> dict[int, Any]:
    """These payments by their keys, each with `advances_paid`: the advances that it is allocated to."""
    in_force = Q(allocations__reversed_at__isnull=True, allocations__advance__isnull=False)
    paid = ArrayAgg("allocations__advance", filter=in_force, default=Value([]))
    return dict(Collection.objects.annotate(advances_paid=paid).in_bulk(collection_ids))


def _of_about_its_day(line: StatementLine, entries: Iterable[Entry]) -> list[Entry]:
    return [one for one in entries if abs(one.transaction.effective_date - line.value_date) <= WINDOW][:MAX_BOOKED]


def _described(entry: Entry) -> str:
    posted = entry.transaction
    return f"{posted.description or posted.reference}, {format_day(posted.effective_date)}"


@lru_cache(maxsize=16_384)
def _normalized(text: str) -> str:
    """Letters and digits in capitals: banks write one reference with spaces, dashes or slashes, or without."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).upper()
