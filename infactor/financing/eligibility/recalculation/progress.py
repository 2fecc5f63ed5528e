"""How far the recalculation of one supplier has come: its lock, its row, and what one recalculation did."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q

from infactor.financing.models import EligibilityRecalculation
from infactor.invoices.models import NamedRevision

ADVISORY_LOCK = 0x1F57  # the first half of the lock's key; the second half is the supplier
MAX_DUPLICATES = 1000  # invoices that duplicate others; with more of them changes are not followed


@dataclass(frozen=True)
class RecalculationResult:
    """How many invoices one recalculation evaluated, how many rows it wrote, and how many seconds it took.

    `is_up_to_date` is False where another one of the same supplier was running, or something changed meanwhile.
    `is_narrow`: only what changes could touch was evaluated.
    """

    evaluated: int = 0
    written: int = 0
    seconds: Decimal = Decimal(0)
    is_up_to_date: bool = False
    is_narrow: bool = False


def try_lock(supplier_id: int) -> bool:
    """Lock out other recalculations of this supplier until the transaction ends; False where one is running."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [ADVISORY_LOCK, supplier_id])
        return bool(cursor.fetchone()[0])


def duplicate_ids(found: Collection[int]) -> list[int] | None:
    """What is remembered of the invoices that duplicate others."""
    return sorted(found) if len(found) <= MAX_DUPLICATES else None


def save(supplier_id: int, *, version: int, revisions: Mapping[int, int], **values: Any) -> bool:
    """Save that the requested `version` and these `revisions` of company files are evaluated. Is that up to date?

    What named the changes up to these revisions is deleted. Whoever holds a lock on the row requests a recalculation
    right now: everything stays as it is, and nobody waits.
    """
    # Foreign keys to invoices are checked here, before the row below is locked: whoever requests a recalculation may
    # have locked one of those invoices.
    connection.check_constraints()
    rows = EligibilityRecalculation.objects.select_for_update(no_key=True, skip_locked=True)
    row = rows.filter(pk=supplier_id).first()
    if row is None:
        return False
    changed = {"computed_version": version, "books_revision": sum(revisions.values()), **values}
    EligibilityRecalculation.objects.filter(pk=supplier_id).update(**changed)
    answered = Q()
    for company_file, revision in revisions.items():
        answered |= Q(company_file=company_file, revision__lte=revision)
    if answered:
        NamedRevision.objects.filter(answered).delete()
    return bool(row.requested_version == version)
