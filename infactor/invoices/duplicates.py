"""The same invoice elsewhere: in another supplier's books, or in other books of the same supplier.

Same date, amount, currency, number and buyer, as people read them. One that was bought collides with its like in the
same books, too, and even when it is deleted or voided there: it may have been written once more to be sold again.
What it collided with is for staff only.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import connection

from infactor.invoices.customer_hierarchy import tops_among
from infactor.invoices.debtors.company_names import bare
from infactor.invoices.models import Buyer, CompanyFile
from infactor.invoices.search_text import fold
from infactor.invoices.states import FUNDED, BooksStatus, State
from infactor.suppliers.models import Supplier

BOUGHT = (State.PROPOSAL_ACCEPTED, *FUNDED)
AT_MOST = 20  # of one invoice: whoever reads them has seen enough by then
_RUN = re.compile(r"[^\W\d_]+|\d+")
_SAYS_NOTHING = re.compile(r"(invoice|inv|number|num|no|nr)+")


class Collision(NamedTuple):
    """One invoice that looks the same, and where it is. `state` is its state with infactor."""

    invoice_id: int
    supplier_id: int
    supplier_name: str
    company_file_name: str
    number: str
    state: str


class _Row(NamedTuple):
    """An invoice that shares its date, amount and currency with one of other books."""

    pk: int
    supplier_id: int
    company_file_id: int
    number: str
    state: str
    buyer_id: int | None
    company_name: str
    figures: tuple[object, ...]


def normalised(number: str) -> str:
    """`number` for comparing: "Invoice No. INV-00107/a" becomes "107a"; empty where it says nothing."""
    runs = _RUN.findall(fold(number))
    kept = (run.lstrip("0") or "0" if run.isdecimal() else run for run in runs if not _SAYS_NOTHING.fullmatch(run))
    return "".join(kept)


def collisions(*, supplier: Supplier) -> dict[int, tuple[Collision, ...]]:
    """For each invoice of `supplier` that is found elsewhere what it collides with, at most AT_MOST each.

    Deleted and voided ones that nobody bought and those worth nothing collide with nothing. A handful of queries,
    however many there are: only invoices whose figures are found once more are looked at one by one.
    """
    alike: dict[tuple[object, ...], list[_Row]] = defaultdict(list)
    for row in _shared(supplier):
        if number := normalised(row.number):
            alike[*row.figures, number].append(row)
    groups = [rows for rows in alike.values() if len(rows) > 1 and _may_collide(rows)]
    rows = [row for group in groups for row in group]
    buyers = _buyers(rows)
    files = CompanyFile.objects.select_related("supplier").in_bulk({row.company_file_id for row in rows})
    found: dict[int, tuple[Collision, ...]] = {}
    for group in groups:
        places = _places(group, buyers=buyers)
        for row in group:
            if row.supplier_id != supplier.pk:
                continue
            same = {
                other.pk: other
                for buyer in buyers[row.pk]
                for file, others in places[buyer].items()
                for other in others
                if other.pk != row.pk and (file != row.company_file_id or other.state in BOUGHT)
            }
            if same:
                told = sorted(same)[:AT_MOST]
                found[row.pk] = tuple(_told(same[pk], files[same[pk].company_file_id]) for pk in told)
    return found


def _may_collide(rows: Iterable[_Row]) -> bool:
    """Whether these are in several books, or one of them was bought."""
    return len({row.company_file_id for row in rows}) > 1 or any(row.state in BOUGHT for row in rows)


def _places(group: Iterable[_Row], *, buyers: Mapping[int, frozenset[object]]) -> dict[object, dict[int, list[_Row]]]:
    """The invoices of each buyer by company file, no more of one than are told: thousands may be the same.

    Those that were bought are among them before all others.
    """
    places: dict[object, dict[int, list[_Row]]] = defaultdict(lambda: defaultdict(list))
    for row in sorted(group, key=lambda row: row.state not in BOUGHT):
        for buyer in buyers[row.pk]:
            if len(others := places[buyer][row.company_file_id]) < AT_MOST:
                others.append(row)
    return places


def _shared(supplier: Supplier) -> Iterable[_Row]:
    """Live or bought invoices of anybody whose date, amount and currency `supplier` has in one company file and
    somebody, perhaps itself, in another; or has twice in one, and one of them was bought."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH mine AS MATERIALIZED (
                SELECT txn_date, invoice_amount, currency,
                       min(company_file_id) <> max(company_file_id)
                           OR (count(*) > 1 AND bool_or(state = ANY(%(bought)s))) AS is_shared
                FROM invoices_invoice
                WHERE supplier_id = %(supplier)s AND (books_status <> ALL(%(dead)s) OR state = ANY(%(bought)s))
                  AND txn_date IS NOT NULL AND invoice_amount > 0 AND invoice_no <> ''
                GROUP BY txn_date, invoice_amount, currency
            ), shared AS MATERIALIZED (
                SELECT txn_date, invoice_amount, currency FROM mine
                WHERE is_shared OR EXISTS (
                    SELECT FROM invoices_invoice AS other
                    WHERE other.txn_date = mine.txn_date AND other.invoice_amount = mine.invoice_amount
                      AND other.currency = mine.currency AND other.supplier_id <> %(supplier)s
                      AND (other.books_status <> ALL(%(dead)s) OR other.state = ANY(%(bought)s))
                )
            )
            SELECT invoice.id, invoice.supplier_id, invoice.company_file_id, invoice.invoice_no, invoice.state,
                   invoice.buyer_id, invoice.company_name, txn_date, invoice_amount, currency
            FROM shared JOIN invoices_invoice AS invoice USING (txn_date, invoice_amount, currency)
            WHERE (invoice.books_status <> ALL(%(dead)s) OR invoice.state = ANY(%(bought)s))
              AND invoice.invoice_no <> ''
            ORDER BY invoice.id
            """,
            {
                "supplier": supplier.pk,
                "dead": [BooksStatus.VOIDED.value, BooksStatus.DELETED.value],
                "bought": [state.value for state in BOUGHT],
            },
        )
        return [_Row._make((*row[:7], row[7:])) for row in cursor.fetchall()]


def _buyers(rows: Iterable[_Row]) -> dict[int, frozenset[object]]:
    """By what the buyer of each invoice is known: its top customer's debtor and names, else the invoice's own name."""
    rows = list(rows)
    tops = tops_among(buyers={row.buyer_id for row in rows if row.buyer_id is not None})
    known = {
        pk: frozenset({debtor, bare(name), bare(company_name)} - {None, ""})
        for pk, debtor, name, company_name in Buyer.objects.filter(pk__in=set(tops.values()))
        .order_by()
        .values_list("pk", "debtor_id", "name", "company_name")
    }
    return {
        row.pk: frozenset({bare(row.company_name)} - {""}) if row.buyer_id is None else known[tops[row.buyer_id]]
        for row in rows
    }


def _told(row: _Row, file: CompanyFile) -> Collision:
    return Collision(row.pk, row.supplier_id, file.supplier.name, file.name, row.number, row.state)
