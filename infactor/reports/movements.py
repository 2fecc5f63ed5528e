"""What moved in the ledger between two moments, by the step of financing that moved it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, TruncMonth

from infactor.ledger.models import Entry, Purpose
from infactor.reports.moments import Span


class Step(StrEnum):
    """Why a receivable changed. A reversal counts, with the opposite sign, as what it reverses."""

    PURCHASED = "purchased"
    COLLECTED = "collected"
    SHORT = "short"
    REPURCHASED = "repurchased"
    WRITTEN_OFF = "written_off"
    OTHER = "other"


def step() -> Combinable:
    """The step of an entry, as an expression: by the reference of its transaction, or of the one that it reverses."""
    of = "step_reference"
    return Case(
        When(Q(**{f"{of}__startswith": "collection:"}), then=Value(Step.COLLECTED.value)),
        When(Q(**{f"{of}__endswith": ":funded"}), then=Value(Step.PURCHASED.value)),
        When(Q(**{f"{of}__contains": ":short:"}), then=Value(Step.SHORT.value)),
        When(Q(**{f"{of}__contains": ":repurchased"}), then=Value(Step.REPURCHASED.value)),
        When(Q(**{f"{of}__contains": ":written-off"}), then=Value(Step.WRITTEN_OFF.value)),
        default=Value(Step.OTHER.value),
    )


def within(span: Span) -> Q:
    """The entries that count at the end of `span` and did not at its beginning."""
    return span.moment.postings & ~span.since.postings


def receivables_moved(span: Span, *, owners: Sequence[str]) -> dict[str, dict[Step, Decimal]]:
    """How the receivable of each owner changed within `span`, by step. One query."""
    entries = Entry.objects.filter(within(span), account__owner__in=owners, account__purpose=Purpose.RECEIVABLE)
    found: dict[str, dict[Step, Decimal]] = defaultdict(dict)
    for row in _by_step(entries, "account__owner"):
        found[row["account__owner"]][Step(row["step"])] = row["moved"]
    return found


def moved_by_supplier(span: Span) -> Iterator[tuple[str, int, Step, Decimal]]:
    """The receivables' changes within `span` as (currency, supplier id, step, amount). One query."""
    entries = Entry.objects.filter(within(span), account__purpose=Purpose.RECEIVABLE)
    for row in _by_step(entries, "account__currency", "account__supplier_id"):
        yield row["account__currency"], row["account__supplier_id"], Step(row["step"]), row["moved"]


def by_day(span: Span, *, purposes: Sequence[Purpose]) -> Iterator[tuple[str, date, Decimal]]:
    """Debits less credits on accounts of `purposes` for each currency and value date, by both. One query."""
    entries = Entry.objects.filter(span.moment.postings, account__purpose__in=purposes)
    rows = entries.order_by("account__currency", "transaction__value_date")
    for row in rows.values("account__currency", "transaction__value_date").annotate(
        moved=Sum(F("debit") - F("credit"))
    ):
        yield row["account__currency"], row["transaction__value_date"], row["moved"]


def by_month(span: Span, *, purpose: Purpose) -> Iterator[tuple[str, date, int | None, Decimal]]:
    """Debits less credits of `purpose` for each currency, month of the value date, and supplier. One query."""
    entries = Entry.objects.filter(within(span), account__purpose=purpose)
    months = entries.annotate(month=TruncMonth("transaction__value_date"))
    rows = months.order_by("account__currency", "month", "transaction__supplier_id")
    for row in rows.values("account__currency", "month", "transaction__supplier_id").annotate(
        moved=Sum(F("debit") - F("credit"))
    ):
        yield row["account__currency"], row["month"], row["transaction__supplier_id"], row["moved"]


def _by_step(entries: QuerySet[Entry], *keys: str) -> Iterator[dict[str, Any]]:
    named = entries.annotate(step_reference=Coalesce("transaction__reverses__reference", "transaction__reference"))
    grouped = named.annotate(step=step()).order_by().values(*keys, "step")
    yield from grouped.annotate(moved=Sum(F("debit") - F("credit")))


def collected_by_day(span: Span) -> Iterator[tuple[str, date, Decimal]]:
    """What buyers paid of purchased invoices within `span`, by currency and value date; a return lowers its day."""
    entries = Entry.objects.filter(within(span), account__purpose=Purpose.RECEIVABLE)
    for row in _by_step(entries, "account__currency", "transaction__value_date"):
        if row["step"] == Step.COLLECTED:
            yield row["account__currency"], row["transaction__value_date"], -row["moved"]
