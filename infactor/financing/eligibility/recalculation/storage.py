"""Storage of assessments: one Eligibility row for each invoice, written only where it has changed.

Where the result has changed, and not only what a rule measured, the assessment before is kept as a version.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

import msgspec
from django.db.models import TextField
from django.db.models.functions import Cast, Greatest

from infactor.core.bulk import InArray, copy_rows, update_rows
from infactor.financing.eligibility import packed_breakdowns, serialization
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.models import AssessmentVersion, Eligibility

BATCH_SIZE = 2000  # rows: as many assessments are in memory at once
FIGURES = (
    "supplier_id",
    "terms_id",
    "as_of",
    "decision",
    "face",
    "base",
    "advance",
    "deciding_rule",
    "next_change_on",
)
COLUMNS = ("invoice_id", *FIGURES, "breakdown", "digest", "result_digest")


def store(*, supplier_id: int, assessments: Iterator[Assessment], as_of: date, at: datetime) -> tuple[int, int]:
    """Write the assessments that are new or have changed, in their order; how many there were, and were written."""
    count = written = 0
    while batch := list(islice(assessments, BATCH_SIZE)):
        rows = [_row(supplier_id, one, as_of=as_of) for one in batch]
        stored = Eligibility.objects.filter(InArray("pk", [row[0] for row in rows])).order_by()
        stored_digests = dict(stored.values_list("invoice_id", "digest"))
        changed = {row[0]: row for row in rows if stored_digests.get(row[0]) != row[-1]}
        results = {one.invoice_id: _result_digest(one) for one in batch if one.invoice_id in changed}
        new = [[*row, results[key], at, at] for key, row in changed.items() if key not in stored_digests]
        copy_rows(model=Eligibility, columns=[*COLUMNS, "known_from", "assessed_since"], rows=new)
        _update({key: [*row, results[key]] for key, row in changed.items() if key in stored_digests}, at=at)
        count += len(batch)
        written += len(changed)
    return count, written


def _update(rows: Mapping[int, Sequence[Any]], *, at: datetime) -> None:
    """Update stored rows, by invoice, and keep those whose result changes."""
    before = dict(Eligibility.objects.filter(pk__in=rows).order_by().values_list("invoice_id", "result_digest"))
    superseded = [key for key, row in rows.items() if before[key] != row[-1]]
    _keep(superseded, at=at)
    update_rows(
        model=Eligibility,
        columns=[*COLUMNS[1:], "known_from"],
        rows=[[*rows[key], at] for key in superseded],
    )
    same_result = [row for key, row in rows.items() if before[key] == row[-1]]
    update_rows(model=Eligibility, columns=COLUMNS[1:], rows=same_result)


def _keep(invoice_ids: Sequence[int], *, at: datetime) -> None:
    """Keep these assessments as versions that were known until `at`. One query and one COPY."""
    if not invoice_ids:
        return
    packer = packed_breakdowns.packer()
    rows = (
        Eligibility.objects.filter(pk__in=invoice_ids)
        .order_by("pk")
        .annotate(text=Cast("breakdown", TextField()), until=Greatest("known_from", at))
        .values_list("invoice_id", *FIGURES, "known_from", "until", "text")
    )
    copy_rows(
        model=AssessmentVersion,
        columns=["invoice_id", *FIGURES, "known_from", "known_until", "breakdown", "dictionary_id"],
        rows=([*row, packer.pack(text.encode()), packer.dictionary_id] for *row, text in rows),
    )


def _row(supplier_id: int, one: Assessment, *, as_of: date) -> list[Any]:
    """The values of COLUMNS but the last. The digest covers all but the day."""
    breakdown = serialization.dumps(assessment=one)
    values = [one.terms_version or None, as_of, one.decision, one.face, one.base, one.advance, one.deciding_rule]
    digest = _digest(repr((values[0], *values[2:], one.next_change_on, breakdown)).encode())
    return [one.invoice_id, supplier_id, *values, one.next_change_on, breakdown, digest]


def _result_digest(one: Assessment) -> int:
    """Covers what an assessment comes to, without what was measured on the way."""
    outcomes = [result[:3] for result in one.results]  # rule, outcome, reason
    content = (one.terms_version, one.decision, one.face, one.base, one.advance, one.deductions, outcomes)
    return _digest(msgspec.json.encode(content))


def _digest(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), signed=True)
