"""The states of invoices and buyers as they were known at a moment, put together from what is kept.

A version holds only the columns that its successor changed. So a column had, at that moment, the value of the earliest
version after it that holds the column, and where none does, the value that it has now.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Field, QuerySet

from infactor.core.bulk import InArray
from infactor.invoices.models import Buyer, BuyerVersion, Invoice, InvoiceVersion
from infactor.invoices.models.version import Version
from infactor.suppliers.models import Supplier

# Columns that no version keeps: the row's own, derived ones, and those that a version has columns for.
UNTRACKED = frozenset({
    "id", "public_id", "created_at", "updated_at", "known_since", "search_text", "sync_token", "books_updated_at",
})  # fmt: skip
VERSIONS: Mapping[type[Invoice | Buyer], type[Version]] = {Invoice: InvoiceVersion, Buyer: BuyerVersion}
AT_ONCE = 1000  # rows of a query

# What was true until after `true_at` is undone, and so is all that came after it. One statement for each batch, so
# that a row and its versions are of the same moment. PostgreSQL gives each value its column's type back: amounts their
# two decimals, exactly.
AS_KNOWN = """
    SELECT {columns} latest.id, latest.created_at, latest.known_since, latest.books_updated_at,
        first.known_from AS first_known_from, first.known_until AS first_known_until, first.books_at AS first_books_at,
        span.oldest_id < first.id OR first.id IS NULL AND span.oldest_id IS NOT NULL AS has_older
    FROM {table} AS latest
    CROSS JOIN LATERAL (
        SELECT min(version.id) AS oldest_id,
            min(version.id) FILTER (WHERE version.known_until > %(at)s OR version.books_until > %(true_at)s) AS first_id
        FROM {versions} AS version WHERE version.subject_id = latest.id
    ) AS span
    LEFT JOIN {versions} AS first ON first.id = span.first_id
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(was.key, was.value) AS changed FROM (
            SELECT DISTINCT ON (one.key) one.key, one.value
            FROM {versions} AS version CROSS JOIN LATERAL jsonb_each(version.changed) AS one
            WHERE version.subject_id = latest.id AND version.id >= span.first_id AND one.key = ANY(%(names)s)
            ORDER BY one.key, version.id
        ) AS was
    ) AS undone
    CROSS JOIN LATERAL jsonb_populate_record(latest, COALESCE(undone.changed, '{{}}')) AS state
    WHERE latest.id = ANY(%(ids)s)
    ORDER BY latest.id
"""


class HistoryDeleted(LookupError):
    """The state of that moment was known once, and retention has deleted it since."""


@dataclass(frozen=True)
class State:
    """What infactor knew of one row, from `known_from` until `known_until` (None: it is what infactor knows now).

    `values` are by column, as the model has them. `books_at` is when the books say that they last saved it (None: they
    did not say).
    """

    id: int
    values: Mapping[str, Any]
    known_from: datetime
    known_until: datetime | None
    books_at: datetime | None


def tracked_fields(model: type[Invoice | Buyer]) -> dict[str, Field]:
    """The fields that versions keep, by column."""
    return {one.attname: one for one in model._meta.concrete_fields if one.attname not in UNTRACKED}


def states_as_known(
    *,
    model: type[Invoice | Buyer],
    supplier: Supplier,
    at: datetime,
    ids: Collection[int] | None = None,
    fields: Collection[str] | None = None,
    true_at: datetime | None = None,
) -> Iterator[State]:
    """The states of a supplier's rows (all, or those with `ids`) as infactor knew them at the moment `at`, by id.

    With `true_at` they are those that were true in the books at that moment, by what infactor knew at `at`. `fields`
    limits the columns of `values`. Rows that infactor did not know yet are left out; so are ids of another supplier.
    Raises HistoryDeleted, on the way, where retention has deleted a state that is asked for. One query, and one for
    each thousand rows; no more states than that are in memory.
    """
    names = [name for name in tracked_fields(model) if fields is None or name in fields]
    rows: QuerySet = model._default_manager.filter(supplier=supplier, created_at__lte=at).order_by("pk")
    if ids is not None:
        rows = rows.filter(InArray("pk", ids))
    quoted = connection.ops.quote_name
    statement = AS_KNOWN.format(
        columns="".join(f"state.{quoted(name)}, " for name in names),
        table=quoted(model._meta.db_table),
        versions=quoted(VERSIONS[model]._meta.db_table),
    )
    known = list(rows.values_list("pk", flat=True))
    for start in range(0, len(known), AT_ONCE):
        asked = {"ids": known[start : start + AT_ONCE], "names": names, "at": at, "true_at": true_at}
        for row in model._default_manager.raw(statement, asked):
            yield _state(row, names, at=at, true_at=true_at)


def _state(row: Any, names: Collection[str], *, at: datetime, true_at: datetime | None) -> State:
    known_from, books_at = row.known_since or row.created_at, row.books_updated_at
    if row.first_known_from is not None:
        known_from, books_at = row.first_known_from, row.first_books_at
    is_first_kept = known_from != row.created_at and not row.has_older
    if is_first_kept and (known_from > at or (true_at is not None and (books_at or known_from) > true_at)):
        raise HistoryDeleted(f"Its state before {known_from:%Y-%m-%d %H:%M} UTC has been deleted.")
    values = {name: getattr(row, name) for name in names}
    return State(row.pk, values, known_from, row.first_known_until, books_at)
