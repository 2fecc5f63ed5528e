"""Recalculation: evaluate every invoice of one supplier and store what has changed."""

import time
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction

from infactor.financing import terms_in_force
from infactor.financing.eligibility.recalculation import storage
from infactor.financing.eligibility.supplier_evaluation import evaluate_supplier
from infactor.financing.models import EligibilityRecalculation
from infactor.financing.value_dates import supplier_today
from infactor.invoices.ingest import revisions
from infactor.suppliers.models import Supplier

ADVISORY_LOCK = 0x1F57  # the first half of the lock's key; the second half is the supplier


@dataclass(frozen=True)
class RecalculationResult:
    """How many invoices one recalculation evaluated, how many rows it wrote, and how many seconds it took.

    `is_up_to_date` is False where another one of the same supplier was running, or something changed meanwhile.
    """

    evaluated: int = 0
    written: int = 0
    seconds: Decimal = Decimal(0)
    is_up_to_date: bool = False


def recalculate(*, supplier_id: int, at: datetime) -> RecalculationResult:
    """Evaluate every invoice of a supplier, and store each assessment that is not the same as before.

    Of two at once, the second returns without doing anything; what changes meanwhile makes the supplier due again.
    """
    started = time.perf_counter()
    EligibilityRecalculation.objects.get_or_create(supplier_id=supplier_id)
    with transaction.atomic():
        if not _try_lock(supplier_id):
            return RecalculationResult()
        supplier = Supplier.objects.get(pk=supplier_id)
        # The versions are read before the data: whatever changes in between makes the supplier due again.
        version = EligibilityRecalculation.objects.values_list("requested_version", flat=True).get(pk=supplier_id)
        books_revision = revisions.total(supplier=supplier)
        as_of = supplier_today(supplier=supplier, at=at)
        in_force = terms_in_force.terms_in_force(supplier=supplier, on=as_of)
        assessments = evaluate_supplier(supplier=supplier, in_force=in_force, as_of=as_of, at=at)
        evaluated, written = storage.store(supplier_id=supplier_id, assessments=assessments, as_of=as_of, at=at)
        # Foreign keys to invoices are checked here, before the row below is locked: whoever requests a recalculation
        # may have locked one of those invoices.
        connection.check_constraints()
        seconds = Decimal(str(time.perf_counter() - started)).quantize(Decimal("0.001"))
        is_up_to_date = _save_version(
            supplier_id, version=version, books_revision=books_revision, as_of=as_of, at=at, seconds=seconds
        )
    return RecalculationResult(evaluated=evaluated, written=written, seconds=seconds, is_up_to_date=is_up_to_date)


def _try_lock(supplier_id: int) -> bool:
    """Lock out other recalculations of this supplier until the transaction ends; False where one is running."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [ADVISORY_LOCK, supplier_id])
        return bool(cursor.fetchone()[0])


def _save_version(
    supplier_id: int, *, version: int, books_revision: int, as_of: date, at: datetime, seconds: Decimal
) -> bool:
    """Save what was computed, and return whether it is up to date.

    Whoever holds a lock on the row requests a recalculation right now: the row stays as it is, and nobody waits.
    """
    rows = EligibilityRecalculation.objects.select_for_update(no_key=True, skip_locked=True)
    row = rows.filter(pk=supplier_id).first()
    if row is None:
        return False
    row.computed_version = version
    row.books_revision = books_revision
    row.as_of = as_of
    row.computed_at = at
    row.duration_seconds = seconds
    row.save(update_fields=["computed_version", "books_revision", "as_of", "computed_at", "duration_seconds"])
    return row.requested_version == version
