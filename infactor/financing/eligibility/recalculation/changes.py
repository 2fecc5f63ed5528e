"""What is known to have changed in a supplier's books since its last recalculation."""

from typing import NamedTuple

from infactor.invoices.ingest import revisions
from infactor.invoices.models import NamedRevision
from infactor.suppliers.models import Supplier


class NamedChanges(NamedTuple):
    """The invoices and customers that changed up to these `revisions` of company files."""

    revisions: dict[int, int]
    invoice_ids: frozenset[int]
    buyer_ids: frozenset[int]


def named_since(*, supplier: Supplier, books_revision: int) -> NamedChanges | None:
    """What changed since the sum of revisions was `books_revision`.

    None where nothing did, where a revision does not say what it changed, or where there is too much. Two queries.
    """
    read = revisions.by_file(supplier=supplier)
    missing = sum(read.values()) - books_revision
    if not 0 < missing <= revisions.MAX_NAMED:
        return None
    rows = NamedRevision.objects.filter(company_file__in=read).order_by()
    found = [row for row in rows[: revisions.MAX_NAMED + 1] if row.revision <= read[row.company_file_id]]
    changes = NamedChanges(
        read,
        frozenset(pk for row in found for pk in row.invoice_ids),
        frozenset(pk for row in found for pk in row.buyer_ids),
    )
    is_small = max(len(changes.invoice_ids), len(changes.buyer_ids)) <= revisions.MAX_NAMED
    return changes if len(found) == missing and is_small else None
