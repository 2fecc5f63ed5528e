"""Look-alikes: recorded payments that a new one may be the same as. A person says whether it is.

The bank's reference, value date and amount alone keep only an exact copy out. The same payment comes again with the
day on which somebody typed it, or with the reference of another statement.
"""

import re
import unicodedata
from collections.abc import Collection as Items
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from infactor.financing.models import Collection, CollectionAllocation

WINDOW = timedelta(days=10)
# What banks write where they have no reference: it identifies nothing.
MEANINGLESS_REFERENCES = frozenset({
    "", "NONREF", "NOTPROVIDED", "NOTAVAILABLE", "NONE", "NA", "NULL", "UNKNOWN", "REF", "REFERENCE", "0",
})  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A payment that is about to be recorded; `advance_ids` are the advances that it is for, where that is known."""

    currency: str
    amount: Decimal
    value_date: date
    bank_reference: str = ""
    payer: str = ""
    remittance: str = ""
    advance_ids: Items[int] = ()


@dataclass(frozen=True)
class LookAlike:
    """A recorded payment, and why the new one may be the same, as a sentence."""

    collection: Collection
    why: str

    def __str__(self) -> str:
        return f"It looks like payment {self.collection.pk}: {self.why}."


def find(*, candidate: Candidate, excluding: Iterable[int] = ()) -> list[LookAlike]:
    """The recorded payments that `candidate` may be, the likeliest first; those with the keys `excluding` are left out.

    A payment that the bank returned is no look-alike: it is presented again. Two queries at most.
    """
    return find_all(candidates=[candidate], excluding=excluding)[0]


def find_all(*, candidates: Sequence[Candidate], excluding: Iterable[int] = ()) -> list[list[LookAlike]]:
    """The look-alikes of each candidate, in its place. Two queries for all of them."""
    rows = Collection.objects.filter(
        returned_on__isnull=True,
        currency__in={one.currency for one in candidates},
        amount__in={one.amount for one in candidates},
    ).exclude(pk__in=list(excluding))
    by_amount: dict[tuple[str, Decimal], list[Collection]] = {}
    for row in rows.order_by("pk"):
        by_amount.setdefault((row.currency, row.amount), []).append(row)
    paid = _advances_paid([row.pk for found in by_amount.values() for row in found])
    return [_look_alikes(one, by_amount.get((one.currency, one.amount), ()), paid) for one in candidates]


def identifies(reference: str) -> bool:
    """Whether a bank reference identifies a payment: NONREF and the like do not."""
    return _normalized(reference) not in MEANINGLESS_REFERENCES


def _look_alikes(candidate: Candidate, rows: Iterable[Collection], paid: Mapping[int, Items[int]]) -> list[LookAlike]:
    found = []
    for row in rows:
        days = abs(row.value_date - candidate.value_date)
        if why := _why(candidate, row, advance_ids=paid.get(row.pk, ())):
            found.append((days, row.pk, LookAlike(row, why)))
    return [one for _, _, one in sorted(found, key=lambda each: each[:2])]


def _why(candidate: Candidate, row: Collection, *, advance_ids: Items[int]) -> str:
    days = abs(row.value_date - candidate.value_date)
    when = "on the same day" if not days else f"{days.days} day{'s' if days.days > 1 else ''} apart"
    reference = _normalized(candidate.bank_reference)
    if identifies(reference) and reference == _normalized(row.bank_reference) and days <= WINDOW:
        return f"the same amount and reference, {when}"
    if not _normalized(candidate.payer) or _normalized(candidate.payer) != _normalized(row.payer):
        return ""
    if set(candidate.advance_ids) & set(advance_ids):
        return f"the same payer, amount and advance, {when}"
    text = _normalized(candidate.remittance)
    if text and text == _normalized(row.remittance):
        return f"the same payer, amount and text, {when}"
    return ""


def _advances_paid(collection_ids: Sequence[int]) -> dict[int, set[int]]:
    """The advances that each of these payments is allocated to."""
    paid: dict[int, set[int]] = {}
    rows = CollectionAllocation.objects.filter(
        collection__in=collection_ids, reversed_at__isnull=True, advance__isnull=False
    )
    for collection_id, advance_id in rows.order_by().values_list("collection_id", "advance_id"):
        paid.setdefault(collection_id, set()).add(advance_id)
    return paid


def _normalized(text: str) -> str:
    """Letters and digits in capitals: banks write one reference with spaces, dashes or slashes, or without."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).upper()
