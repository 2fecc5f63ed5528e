"""Certain lines of a statement, accepted together: a few queries for many lines, and every line checked as if alone.

What is not plain here (an advance with a short payment, two lines for one advance, a line that looks like another) is
left to `line_acceptance.accept_certain`, which takes one line at a time.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from infactor.banking import matches
from infactor.banking.models import StatementLine
from infactor.core import audit
from infactor.financing import locks
from infactor.financing.accounting import bulk_postings
from infactor.financing.advances import collected
from infactor.financing.collections import line_acceptance, look_alikes, payments
from infactor.financing.collections.allocation import validated_amount
from infactor.financing.collections.incoming import CollectionError
from infactor.financing.eligibility import recalculation
from infactor.financing.invoice_state import WIDE_COLUMNS
from infactor.financing.models import Advance, Collection, CollectionAllocation
from infactor.financing.value_dates import InvalidValueDate
from infactor.ledger.balances import balances_by_owner
from infactor.ledger.models import Purpose
from infactor.users import roles
from infactor.users.models import User


@dataclass(frozen=True)
class _Plain:
    """A line that may be accepted with others: what of it goes to which advance, in the order of the advances."""

    line: StatementLine
    parts: Sequence[tuple[Advance, Decimal]]


def accept(
    *, lines: Sequence[StatementLine], targets: Mapping[int, Mapping[int, Decimal]], by: User, at: datetime
) -> set[int]:
    """Record those of `lines`, of one currency, that plainly pay the advances of their `targets`: in one transaction.

    Returns the keys of the recorded lines. The others are as they were. Raises NotAllowed.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    with transaction.atomic():
        wanted = {pk for line in lines for pk in targets[line.pk]}
        supplier_ids = set(Advance.objects.filter(pk__in=wanted).order_by().values_list("supplier_id", flat=True))
        for supplier_id in sorted(supplier_ids):
            locks.lock_supplier_and_debtors(supplier_id=supplier_id)
        plain = _plain(lines=matches.lock_all_open(lines=lines), targets=targets, wanted=wanted, at=at)
        if plain:
            _record(plain, by=by, at=at)
        return {one.line.pk for one in plain}


def _plain(
    *,
    lines: Sequence[StatementLine],
    targets: Mapping[int, Mapping[int, Decimal]],
    wanted: set[int],
    at: datetime,
) -> list[_Plain]:
    """Those lines of which nothing is to be asked, by the books as they are under the locks."""
    advances = (
        Advance.objects.select_related("invoice").defer(*(f"invoice__{one}" for one in WIDE_COLUMNS)).in_bulk(wanted)
    )
    owed = balances_by_owner(purpose=Purpose.RECEIVABLE, owners=[one.ledger_owner for one in advances.values()])
    short = bulk_postings.with_short_payments(advances=list(advances.values()))
    times = Counter(pk for line in lines for pk in targets[line.pk])
    found = [
        _Plain(line, [(advances[pk], amount) for pk, amount in targets[line.pk].items()])
        for line in lines
        if all(
            times[pk] == 1
            and pk in advances
            and pk not in short
            and collected.is_plainly_closed_by(
                advance=advances[pk], owed=owed[advances[pk].ledger_owner], amount=amount
            )
            for pk, amount in targets[line.pk].items()
        )
        and sum(targets[line.pk].values(), Decimal(0)) == line.amount
        and _is_valid(line, at=at)
    ]
    candidates = [
        replace(
            payments.candidate(payment=line_acceptance.payment_of(line=one.line), targets=()),
            advance_ids=list(targets[one.line.pk]),
        )
        for one in found
    ]
    alike = look_alikes.find_all(candidates=candidates)
    booked = look_alikes.find_booked(lines=[one.line for one in found])
    among = look_alikes.among(candidates=candidates)
    return [
        one
        for one, similar, entries, is_twin in zip(found, alike, booked, among, strict=True)
        if not (similar or entries or is_twin)
    ]


def _is_valid(line: StatementLine, *, at: datetime) -> bool:
    try:
        payments.validate(payment=line_acceptance.payment_of(line=line), at=at)
    except (CollectionError, InvalidValueDate):
        return False
    return True


def _record(plain: Sequence[_Plain], *, by: User, at: datetime) -> None:
    collections = Collection.objects.bulk_create(_collection(one.line, by=by, at=at) for one in plain)
    allocations: dict[int, list[CollectionAllocation]] = defaultdict(list)
    for collection, one in zip(collections, plain, strict=True):
        for position, (advance, amount) in enumerate(one.parts, start=1):
            allocations[collection.pk].append(
                CollectionAllocation(
                    collection=collection,
                    position=position,
                    kind=CollectionAllocation.Kind.ADVANCE,
                    supplier_id=advance.supplier_id,
                    advance=advance,
                    amount=amount,
                    allocated_by=by,
                    allocated_at=at,
                )
            )
    CollectionAllocation.objects.bulk_create(one for parts in allocations.values() for one in parts)
    entries = bulk_postings.post_new_collections(collections=collections, allocations=allocations, at=at, by=by)
    advances = [advance for one in plain for advance, _ in one.parts]
    collected.mark_all_collected(advances=advances, by=by, at=at)
    recalculation.request_recalculation_for_invoices(invoice_ids=[one.invoice_id for one in advances])
    matches.link_each(
        pairs=[(one.line, entries[collection.pk]) for collection, one in zip(collections, plain, strict=True)],
        by=by,
        at=at,
    )
    audit.record_all(
        audit.unsaved(
            event="collection.recorded", subject=one, by=by, at=at, details={"parts": len(allocations[one.pk])}
        )
        for one in collections
    )


def _collection(line: StatementLine, *, by: User, at: datetime) -> Collection:
    payment = line_acceptance.payment_of(line=line)
    return payment.row(amount=validated_amount(payment.amount, payment.currency), by=by, at=at)
