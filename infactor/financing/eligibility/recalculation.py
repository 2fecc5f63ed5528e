"""Keeping what the rules say of every invoice in step with the books, the terms, what is financed, and the day."""

import hashlib
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    DateField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from infactor.core.bulk import copy_rows, update_rows
from infactor.financing import locks, terms_in_force
from infactor.financing.eligibility import evaluation, portfolio_loader, serialization
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.models import Eligibility, FundingTerms, Offer, Reckoning
from infactor.financing.value_dates import today_of
from infactor.invoices.ingest import revisions
from infactor.invoices.models import Buyer, CompanyFile, Invoice
from infactor.suppliers.models import Supplier

AT_ONCE = 5000  # rows
RESTS = 3  # times as long as the last judgement took
INTERVAL = "make_interval(secs => %(expressions)s)"
ADVISORY = 0x1F57  # the first half of the key of the lock; the second is the supplier
COLUMNS = (
    "invoice_id",
    "supplier_id",
    "terms_id",
    "as_of",
    "verdict",
    "face",
    "base",
    "advance",
    "main_rule",
    "changes_on",
    "rules",
    "digest",
)


@dataclass(frozen=True)
class Reckoned:
    """What one reckoning came to: invoices judged, rows written, and how long it took in seconds.

    `is_done` is False where another one of the same supplier was under way, or something changed meanwhile.
    """

    count: int = 0
    changed: int = 0
    seconds: Decimal = Decimal(0)
    is_done: bool = False


def ask(*, supplier_ids: Iterable[int]) -> None:
    """Have these suppliers judged anew, in the caller's transaction, behind every other row that it locks.

    Rows are locked by key, first to last.
    """
    keys = sorted(set(supplier_ids))
    if not keys:
        return
    Reckoning.objects.bulk_create((Reckoning(supplier_id=key, asked=0) for key in keys), ignore_conflicts=True)
    with transaction.atomic():
        list(Reckoning.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").only("pk"))
        Reckoning.objects.filter(pk__in=keys).update(asked=F("asked") + 1)


def ask_about(*, invoice_ids: Collection[int]) -> None:
    """Have everybody judged anew for whom it matters what became of these invoices: their suppliers, and the suppliers
    of the same debtors, with whom they share its limit. In the caller's transaction, after its other locks."""
    debtors = locks.debtors_of(invoice_ids=invoice_ids)
    own = Invoice.objects.filter(pk__in=list(invoice_ids)).order_by().values_list("supplier_id", flat=True)
    sharing = Buyer.objects.filter(debtor__in=debtors).order_by().values_list("supplier_id", flat=True)
    ask(supplier_ids={*own.distinct(), *sharing.distinct()})


def ask_all() -> None:
    """Have every supplier with books judged anew: the terms for everybody changed."""
    ask(supplier_ids=CompanyFile.objects.order_by().values_list("supplier_id", flat=True).distinct())


def due(*, at: datetime, among: Collection[int] | None = None) -> list[int]:
    """Suppliers (all, or of these) whose judgements are behind: something was asked, their books or their day moved on.

    While books are being read they move all the time: after it was judged a supplier rests for some times as long as
    that took, unless somebody asks. One query.
    """
    mine = CompanyFile.objects.filter(supplier=OuterRef("pk")).order_by().values("supplier")
    revision = Subquery(mine.annotate(sum=Sum("revision")).values("sum"))
    today = Cast(Func(F("time_zone"), Value(at), function="timezone"), DateField())
    behind = (
        Q(reckoning=None)
        | Q(reckoning__asked__gt=F("reckoning__answered"))
        | Q(reckoning__day=None)
        | ~Q(reckoning__day=F("today"))
        | (~Q(reckoning__books=F("revision")) & Q(reckoning__reckoned_at__lte=F("rested")))
    )
    rest = Func(F("reckoning__seconds") * RESTS, template=INTERVAL, output_field=DurationField())
    rested = ExpressionWrapper(Value(at, output_field=DateTimeField()) - rest, output_field=DateTimeField())
    rows = Supplier.objects.annotate(revision=Coalesce(revision, Value(0)), today=today, rested=rested)
    if among is not None:
        rows = rows.filter(pk__in=among)
    return list(rows.filter(Exists(mine)).filter(behind).order_by("pk").values_list("pk", flat=True))


def fresh_assessments(
    *,
    supplier: Supplier,
    invoice_ids: Collection[int],
    at: datetime,
    as_of: date | None = None,
    terms: FundingTerms | None = None,
    theirs: bool = False,
    without_offer: Offer | None = None,
    bought_only: bool = False,
) -> dict[int, Assessment]:
    """Judge these invoices now, from the rows as this transaction sees them; nothing is written.

    `as_of` is the supplier's day (today by default) and `terms` those to judge their currency by (of that day by
    default). With `theirs` their own waiting request or open offer is left out of sight, and they keep their room
    before all others; with `without_offer` that of every invoice of an offer. With `bought_only` what is offered or
    asked for beside them takes up no room under limits.
    """
    day = as_of or today_of(supplier=supplier, at=at)
    released = set(invoice_ids) if theirs else set()
    if without_offer is not None:
        released |= set(without_offer.lines.order_by().values_list("invoice_id", flat=True))
    in_force = terms_in_force.terms_in_force(supplier=supplier, on=day)
    if terms is not None:
        in_force[terms.currency] = terms
    wanted = set(invoice_ids)
    judged = _assess(
        supplier,
        in_force=in_force,
        as_of=day,
        at=at,
        released=released,
        among=wanted,
        bought_only=bought_only,
    )
    return {one.invoice_id: one for one in judged}


def reckon(*, supplier_id: int, at: datetime) -> Reckoned:
    """Judge every invoice of a supplier and write what is another judgement than before.

    Two at once do no harm: the second one goes without doing anything, and what changes meanwhile is due again. A
    supplier that is gone has nothing to judge.
    """
    began = time.perf_counter()
    Reckoning.objects.get_or_create(supplier_id=supplier_id)
    with transaction.atomic():
        if not _is_alone(supplier_id):
            return Reckoned()
        supplier = Supplier.objects.get(pk=supplier_id)
        # What it answers is read before what it looks at: whatever changes in between makes it due again.
        asked = Reckoning.objects.values_list("asked", flat=True).get(pk=supplier_id)
        books, day = revisions.of(supplier=supplier), today_of(supplier=supplier, at=at)
        in_force = terms_in_force.terms_in_force(supplier=supplier, on=day)
        judged = _assess(supplier, in_force=in_force, as_of=day, at=at)
        count, changed = _write(supplier_id, judged, as_of=day)
        # Invoices are checked for here, and not with the lock below held: whoever asks may have locked one of them.
        connection.check_constraints()
        seconds = Decimal(str(time.perf_counter() - began)).quantize(Decimal("0.001"))
        is_done = _note(supplier_id, asked=asked, books=books, day=day, at=at, seconds=seconds)
    return Reckoned(count=count, changed=changed, seconds=seconds, is_done=is_done)


def _assess(
    supplier: Supplier,
    *,
    in_force: dict[str, FundingTerms],
    as_of: date,
    at: datetime,
    released: Collection[int] = (),
    among: Collection[int] | None = None,
    bought_only: bool = False,
) -> Iterator[Assessment]:
    terms_by_currency = {currency: terms.record() for currency, terms in in_force.items()}
    portfolio = portfolio_loader.portfolio(
        supplier=supplier,
        terms_by_currency=terms_by_currency,
        as_of=as_of,
        at=at,
        released=released,
        among=among,
        bought_only=bought_only,
    )
    return evaluation.assess_each(portfolio=portfolio, terms_by_currency=terms_by_currency, as_of=as_of, among=among)


def _is_alone(supplier_id: int) -> bool:
    """Whether nobody else reckons this supplier until the end of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [ADVISORY, supplier_id])
        return bool(cursor.fetchone()[0])


def _note(supplier_id: int, *, asked: int, books: int, day: date, at: datetime, seconds: Decimal) -> bool:
    """Note what was answered. Somebody who holds the row is asking anew: it is left behind, and nobody waits."""
    row = Reckoning.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=supplier_id).first()
    if row is None:
        return False
    row.answered, row.books, row.day, row.reckoned_at, row.seconds = asked, books, day, at, seconds
    row.save(update_fields=["answered", "books", "day", "reckoned_at", "seconds"])
    return row.asked == asked


def _write(supplier_id: int, judged: Iterator[Assessment], *, as_of: date) -> tuple[int, int]:
    """Write the judgements that are new or other than before, in the order of their invoices.

    How many there are, and how many of them were written.
    """
    known = dict(
        Eligibility.objects.filter(supplier=supplier_id)
        .order_by()
        .values_list("invoice_id", "digest")
        .iterator(chunk_size=AT_ONCE)
    )
    count = written = 0
    while batch := list(islice(judged, AT_ONCE)):
        rows = [row for row in (_row(supplier_id, one, as_of=as_of) for one in batch) if known.get(row[0]) != row[-1]]
        changed = [row for row in rows if row[0] in known]
        copy_rows(model=Eligibility, columns=COLUMNS, rows=(row for row in rows if row[0] not in known))
        update_rows(model=Eligibility, columns=COLUMNS[1:], rows=changed)
        count += len(batch)
        written += len(rows)
    return count, written


def _row(supplier_id: int, one: Assessment, *, as_of: date) -> list[Any]:
    """Columns of the table. The digest is of all but the day: one that says the same on another day is the same."""
    text = serialization.dumps(assessment=one)
    values = [one.terms_version or None, as_of, one.verdict, one.face, one.base, one.advance, one.main_rule]
    said = repr((values[0], *values[2:], one.changes_on, text))
    digest = int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), signed=True)
    return [one.invoice_id, supplier_id, *values, one.changes_on, text, digest]
