"""What infactor knew at a past moment: of an invoice, a customer, or an assessment. Reports of past days begin here."""

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection

from infactor.core.bulk import InArray
from infactor.financing.eligibility import packed_breakdowns, serialization
from infactor.financing.models import AssessmentVersion, Eligibility
from infactor.invoices.history import HistoryDeleted, State, states_as_known
from infactor.invoices.models import Buyer, Invoice
from infactor.suppliers.models import Supplier

FIGURES = ("terms_id", "as_of", "decision", "face", "base", "advance", "deciding_rule", "next_change_on")
BREAKDOWN = frozenset({"results", "deductions"})
AT_ONCE = 1000  # assessments of a query
# By invoice: its assessment, and its currency, each from the earliest version after the moment, else as it is now. What
# the first kept version says of a moment before it, retention has deleted.
ASSESSED_SUMS = """
    SELECT COALESCE(was.currency, invoice.currency), one.decision, one.deciding_rule, count(*), sum(one.face),
        sum(one.base), sum(one.advance), count(*) FILTER (WHERE one.face <> one.base),
        bool_or(one.known_from > %(at)s OR (
            COALESCE(next.known_from, invoice.known_since, invoice.created_at) > %(at)s
            AND COALESCE(next.known_from, invoice.known_since) <> invoice.created_at
            AND NOT EXISTS (
                SELECT FROM invoices_invoiceversion AS older
                WHERE older.subject_id = invoice.id AND (next.id IS NULL OR older.id < next.id)
            )
        ))
    FROM financing_eligibility AS latest
    JOIN invoices_invoice AS invoice ON invoice.id = latest.invoice_id AND invoice.created_at <= %(at)s
    LEFT JOIN LATERAL (
        SELECT * FROM financing_assessmentversion AS version
        WHERE version.invoice_id = latest.invoice_id AND version.known_until > %(at)s ORDER BY version.id LIMIT 1
    ) AS version ON TRUE
    CROSS JOIN LATERAL (
        SELECT COALESCE(version.decision, latest.decision) AS decision,
            COALESCE(version.deciding_rule, latest.deciding_rule) AS deciding_rule,
            COALESCE(version.face, latest.face) AS face, COALESCE(version.base, latest.base) AS base,
            COALESCE(version.advance, latest.advance) AS advance,
            COALESCE(version.known_from, latest.known_from) AS known_from
    ) AS one
    LEFT JOIN LATERAL (
        SELECT version.id, version.known_from FROM invoices_invoiceversion AS version
        WHERE version.subject_id = invoice.id AND version.known_until > %(at)s ORDER BY version.id LIMIT 1
    ) AS next ON TRUE
    LEFT JOIN LATERAL (
        SELECT version.changed ->> 'currency' AS currency FROM invoices_invoiceversion AS version
        WHERE version.subject_id = invoice.id AND version.id >= next.id AND version.changed ? 'currency'
        ORDER BY version.id LIMIT 1
    ) AS was ON TRUE
    WHERE latest.supplier_id = %(supplier)s AND latest.assessed_since <= %(at)s AND one.face > 0
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
"""
__all__ = ["AssessedSum", "HistoryDeleted", "Kind", "State", "as_known", "assessed_sums", "iterate_as_known"]


class Kind(StrEnum):
    """Of what the state is asked. A customer is a `Buyer`; an assessment goes by the id of its invoice."""

    INVOICE = "invoice"
    CUSTOMER = "customer"
    ASSESSMENT = "assessment"


def as_known(
    *,
    kind: Kind,
    supplier: Supplier,
    at: datetime,
    ids: Collection[int] | None = None,
    fields: Collection[str] | None = None,
    true_at: datetime | None = None,
) -> dict[int, State]:
    """All that `iterate_as_known` gives for the same arguments, by id. For some rows, or for a small supplier."""
    states = iterate_as_known(kind=kind, supplier=supplier, at=at, ids=ids, fields=fields, true_at=true_at)
    return {one.id: one for one in states}


def iterate_as_known(
    *,
    kind: Kind,
    supplier: Supplier,
    at: datetime,
    ids: Collection[int] | None = None,
    fields: Collection[str] | None = None,
    true_at: datetime | None = None,
) -> Iterator[State]:
    """The states of a supplier's invoices, customers or assessments as infactor knew them at the moment `at`.

    They come by ascending id, and a thousand at most are in memory, so a report of a large supplier reads them one by
    one. `ids` limits the rows, and `fields` the columns of `State.values` (default: all of both). What infactor did not
    know yet is left out, and so is an id of another supplier. Amounts are in the currency of the invoice or customer.

    With `true_at`, invoices and customers are as they were true in the books at that moment, by what infactor knew at
    `at`: a payment that was entered late counts from the day on which the books say that it was saved. An assessment is
    infactor's own and true when it was made, so `true_at` raises ValueError for it.

    An assessment also has `results` and `deductions`. What its rules measured is as of `State.values["as_of"]`, the
    last day on which it was recalculated with this result. Raises HistoryDeleted, when it comes to it, where retention
    has deleted a state that is asked for: a report that was written until then is not valid. One query, and one (of
    assessments, two) for each thousand rows.
    """
    match kind:
        case Kind.INVOICE:
            return states_as_known(model=Invoice, supplier=supplier, at=at, ids=ids, fields=fields, true_at=true_at)
        case Kind.CUSTOMER:
            return states_as_known(model=Buyer, supplier=supplier, at=at, ids=ids, fields=fields, true_at=true_at)
        case Kind.ASSESSMENT:
            if true_at is not None:
                raise ValueError("An assessment is not in the books.")
            return _assessments_as_known(supplier=supplier, at=at, ids=ids, fields=fields)


class AssessedSum(NamedTuple):
    """Invoices of one currency that were assessed alike: how many, sums, and of how many something is taken off."""

    currency: str
    decision: str
    deciding_rule: str
    invoices: int
    face: Decimal
    base: Decimal
    advance: Decimal
    reduced: int


def assessed_sums(*, supplier: Supplier, at: datetime) -> list[AssessedSum]:
    """The assessments of a supplier's open invoices as infactor knew them at `at`, summed up by the database.

    Raises HistoryDeleted where retention has deleted the state of an invoice or an assessment. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(ASSESSED_SUMS, {"supplier": supplier.pk, "at": at})
        rows = cursor.fetchall()
    if any(row[-1] for row in rows):
        raise HistoryDeleted(f"A state of {at:%Y-%m-%d %H:%M} UTC has been deleted.")
    return [AssessedSum(*row[:-1]) for row in rows]


def _assessments_as_known(
    *, supplier: Supplier, at: datetime, ids: Collection[int] | None, fields: Collection[str] | None
) -> Iterator[State]:
    known = Eligibility.objects.filter(supplier=supplier, assessed_since__lte=at).order_by("pk")
    if ids is not None:
        known = known.filter(InArray("pk", ids))
    with_breakdown = fields is None or not BREAKDOWN.isdisjoint(fields)
    keys = list(known.values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        yield from _batch(keys[start : start + AT_ONCE], at=at, fields=fields, with_breakdown=with_breakdown)


def _batch(
    keys: Collection[int], *, at: datetime, fields: Collection[str] | None, with_breakdown: bool
) -> Iterator[State]:
    latest = Eligibility.objects.filter(InArray("pk", keys)).order_by("pk")
    superseded = AssessmentVersion.objects.filter(InArray("invoice_id", keys), known_until__gt=at)
    if not with_breakdown:
        latest, superseded = latest.defer("breakdown"), superseded.defer("breakdown")
    # The latest first: one that is superseded between the two queries is then found among the versions as well.
    found: dict[int, Eligibility | AssessmentVersion] = {one.invoice_id: one for one in latest}
    versions = list(superseded.order_by("invoice_id", "pk").distinct("invoice_id"))
    found |= {one.invoice_id: one for one in versions if one.invoice_id in found}
    breakdowns: dict[int, dict[str, Any]] = {}
    if with_breakdown:
        unpacked = packed_breakdowns.unpack_many((bytes(one.breakdown), one.dictionary_id) for one in versions)
        breakdowns = {key: one.breakdown for key, one in found.items() if isinstance(one, Eligibility)}
        breakdowns |= {one.invoice_id: value for one, value in zip(versions, unpacked, strict=True)}
    for key, one in found.items():
        yield _state(one, breakdowns.get(key, {}), at=at, fields=fields)


def _state(
    one: Eligibility | AssessmentVersion,
    breakdown: dict[str, Any],
    *,
    at: datetime,
    fields: Collection[str] | None,
) -> State:
    if one.known_from > at:
        raise HistoryDeleted(f"Its state before {one.known_from:%Y-%m-%d %H:%M} UTC has been deleted.")
    results, deductions = serialization.loads(breakdown)
    values = {name: getattr(one, name) for name in FIGURES} | {"results": results, "deductions": deductions}
    return State(
        id=one.invoice_id,
        values={name: value for name, value in values.items() if fields is None or name in fields},
        known_from=one.known_from,
        known_until=None if isinstance(one, Eligibility) else one.known_until,
        books_at=None,
    )
