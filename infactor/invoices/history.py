"""The states of invoices and buyers as they were known at a moment, put together from what is kept.

A version holds only the columns that its successor changed. So a state is the row as it is now, with every later change
undone, the last one first.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Field, QuerySet

from infactor.invoices.models import Buyer, BuyerVersion, Invoice, InvoiceVersion
from infactor.invoices.models.version import Version
from infactor.suppliers.models import Supplier

# Columns that no version keeps: the row's own, derived ones, and those that a version has columns for.
UNTRACKED = frozenset({
    "id", "public_id", "created_at", "updated_at", "known_since", "search_text", "sync_token", "books_updated_at",
})  # fmt: skip
VERSIONS: Mapping[type[Invoice | Buyer], type[Version]] = {Invoice: InvoiceVersion, Buyer: BuyerVersion}


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
) -> dict[int, State]:
    """The states of a supplier's rows (all, or those with `ids`) as infactor knew them at the moment `at`, by id.

    With `true_at` they are those that were true in the books at that moment, by what infactor knew at `at`. `fields`
    limits the columns of `values`. Rows that infactor did not know yet are left out; so are ids of another supplier.
    Raises HistoryDeleted where retention has deleted a state that is asked for. Two queries.
    """
    columns = {name: one for name, one in tracked_fields(model).items() if fields is None or name in fields}
    rows: QuerySet = model._default_manager.filter(supplier=supplier, created_at__lte=at).order_by()
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    # The rows before the versions: a change in between is then undone twice, which does no harm.
    latest = list(rows.values("pk", "created_at", "known_since", "books_updated_at", *columns))
    chains = _chains(model, supplier=supplier, at=at, ids=ids, true_at=true_at)
    none = _Chain()
    return {row["pk"]: _state(row, chains.get(row["pk"], none), columns, at=at, true_at=true_at) for row in latest}


@dataclass
class _Chain:
    """The versions of one row to undo, the oldest first, and whether there are older ones, which need not be."""

    versions: list[Version] = field(default_factory=list)
    has_older: bool = False


def _chains(
    model: type[Invoice | Buyer],
    *,
    supplier: Supplier,
    at: datetime,
    ids: Collection[int] | None,
    true_at: datetime | None,
) -> dict[int, _Chain]:
    """The chain of each row that has one."""
    every: QuerySet = VERSIONS[model]._default_manager.all()
    rows = every.filter(subject__supplier=supplier).order_by("subject_id", "pk")
    if ids is not None:
        rows = rows.filter(subject__in=ids)
    if true_at is None:
        rows = rows.filter(known_until__gt=at)
    found: dict[int, _Chain] = defaultdict(_Chain)
    for version in rows.iterator(chunk_size=5000):
        # What was true until after `true_at` is undone, and so is all that came after it.
        chain = found[version.subject_id]
        is_later = version.known_until > at or (true_at is not None and version.books_until > true_at)
        if chain.versions or is_later:
            chain.versions.append(version)
        else:
            chain.has_older = True
    return found


def _state(
    row: dict[str, Any],
    chain: _Chain,
    columns: Mapping[str, Field],
    *,
    at: datetime,
    true_at: datetime | None,
) -> State:
    created_at = row.pop("created_at")
    known_from = row.pop("known_since") or created_at
    books_at, known_until = row.pop("books_updated_at"), None
    pk = row.pop("pk")
    for version in reversed(chain.versions):
        for name, value in version.changed.items():
            if name in columns:
                row[name] = columns[name].to_python(value)
    if chain.versions:
        first = chain.versions[0]
        known_from, known_until, books_at = first.known_from, first.known_until, first.books_at
    is_first_kept = known_from != created_at and not chain.has_older
    if is_first_kept and (known_from > at or (true_at is not None and (books_at or known_from) > true_at)):
        raise HistoryDeleted(f"Its state before {known_from:%Y-%m-%d %H:%M} UTC has been deleted.")
    return State(pk, row, known_from, known_until, books_at)
