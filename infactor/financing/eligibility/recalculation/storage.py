"""Storage of assessments: one Eligibility row for each invoice, written only where it has changed."""

import hashlib
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

from infactor.core.bulk import copy_rows, update_rows
from infactor.financing.eligibility import serialization
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.models import Eligibility

BATCH_SIZE = 5000  # rows
COLUMNS = (
    "invoice_id",
    "supplier_id",
    "terms_id",
    "as_of",
    "decision",
    "face",
    "base",
    "advance",
    "deciding_rule",
    "next_change_on",
    "breakdown",
    "digest",
)


def store(*, supplier_id: int, assessments: Iterator[Assessment], as_of: date) -> tuple[int, int]:
    """Write the assessments that are new or have changed, in their order; how many there were, and were written."""
    stored_digests = dict(
        Eligibility.objects.filter(supplier=supplier_id)
        .order_by()
        .values_list("invoice_id", "digest")
        .iterator(chunk_size=BATCH_SIZE)
    )
    count = written = 0
    while batch := list(islice(assessments, BATCH_SIZE)):
        rows = [_row(supplier_id, one, as_of=as_of) for one in batch]
        to_write = [row for row in rows if stored_digests.get(row[0]) != row[-1]]
        copy_rows(model=Eligibility, columns=COLUMNS, rows=(row for row in to_write if row[0] not in stored_digests))
        existing = [row for row in to_write if row[0] in stored_digests]
        update_rows(model=Eligibility, columns=COLUMNS[1:], rows=existing)
        count += len(batch)
        written += len(to_write)
    return count, written


def _row(supplier_id: int, one: Assessment, *, as_of: date) -> list[Any]:
    """The values of COLUMNS. The digest covers all but the day: an assessment that says the same is the same."""
    breakdown = serialization.dumps(assessment=one)
    values = [one.terms_version or None, as_of, one.decision, one.face, one.base, one.advance, one.deciding_rule]
    content = repr((values[0], *values[2:], one.next_change_on, breakdown))
    digest = int.from_bytes(hashlib.blake2b(content.encode(), digest_size=8).digest(), signed=True)
    return [one.invoice_id, supplier_id, *values, one.next_change_on, breakdown, digest]
