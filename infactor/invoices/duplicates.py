"""Finds invoices that were financed or entered twice: in another supplier's books, or again in the same supplier's.

Two invoices are duplicates if they have the same date, amount, currency, number and buyer. Within one company file this
counts only if one of them was purchased: it may have been entered again to be sold again. A purchased invoice counts
even after it was deleted or voided in the books. Only staff see what an invoice duplicates.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from django.db import connection

from infactor.invoices.customer_hierarchy import roots_of
from infactor.invoices.debtors.company_names import normalized_name
from infactor.invoices.invoice_numbers import normalized_number
from infactor.invoices.models import Buyer, CompanyFile
from infactor.invoices.states import FUNDED, BooksStatus, State
from infactor.suppliers.models import Supplier

PURCHASED = (State.PROPOSAL_ACCEPTED, *FUNDED)
MAX_DUPLICATES = 20  # reported for one invoice; staff need no more to decide


class Duplicate(NamedTuple):
    """One invoice that looks the same, and where it is. `state` is its state at infactor."""

    invoice_id: int
    supplier_id: int
    supplier_name: str
    company_file_name: str
    number: str
    state: str


class _Candidate(NamedTuple):
    """An invoice that shares its date, amount and currency with another one."""

    pk: int
    supplier_id: int
    company_file_id: int
    number: str
    state: str
    buyer_id: int | None
    company_name: str
    date_amount_currency: tuple[object, ...]

    @property
    def is_purchased(self) -> bool:
        return self.state in PURCHASED


# The ways in which a buyer is known: the key of its debtor, or a normalized name.
_Identity = int | str
# The candidates of each buyer in each company file.
_Index = Mapping[_Identity, Mapping[int, list[_Candidate]]]


def find_duplicates(
    *, supplier: Supplier, invoice_ids: Collection[int] | None = None
) -> dict[int, tuple[Duplicate, ...]]:
    """The duplicates of each invoice of `supplier` that has any, by invoice id, at most MAX_DUPLICATES each.

    With `invoice_ids`, only among the invoices that have date, amount and currency of one of these: they and others.
    Invoices without an amount above zero have none, nor do deleted and voided ones that were never purchased. Takes
    three queries, and one for each level of sub-customers, however many invoices there are.
    """
    groups = _candidate_groups(supplier, invoice_ids)
    candidates = [candidate for group in groups for candidate in group]
    identities = _buyer_identities(candidates)
    files = CompanyFile.objects.select_related("supplier").in_bulk({one.company_file_id for one in candidates})
    found: dict[int, tuple[Duplicate, ...]] = {}
    for group in groups:
        index = _index_by_buyer_and_file(group, identities=identities)
        for invoice in group:
            if invoice.supplier_id == supplier.pk:
                others = {one.pk: one for one in _duplicates_of(invoice, index=index, identities=identities)}
                if others:
                    reported = [others[pk] for pk in sorted(others)[:MAX_DUPLICATES]]
                    found[invoice.pk] = tuple(_duplicate(one, files[one.company_file_id]) for one in reported)
    return found


def _candidate_groups(supplier: Supplier, invoice_ids: Collection[int] | None) -> list[list[_Candidate]]:
    """Candidates with the same date, amount, currency and number, where at least one may duplicate another."""
    groups: dict[tuple[object, ...], list[_Candidate]] = defaultdict(list)
    for candidate in _candidates(supplier, invoice_ids):
        if number := normalized_number(candidate.number):
            groups[*candidate.date_amount_currency, number].append(candidate)
    return [group for group in groups.values() if len(group) > 1 and _may_hold_duplicates(group)]


def _may_hold_duplicates(group: Iterable[_Candidate]) -> bool:
    """Whether the group spans several company files or holds a purchased invoice."""
    return len({one.company_file_id for one in group}) > 1 or any(one.is_purchased for one in group)


def _index_by_buyer_and_file(group: Iterable[_Candidate], *, identities: Mapping[int, frozenset[_Identity]]) -> _Index:
    """The candidates of each buyer in each company file, purchased ones first.

    At most MAX_DUPLICATES for one buyer and file: thousands may be the same, and no more are reported.
    """
    index: dict[_Identity, dict[int, list[_Candidate]]] = defaultdict(lambda: defaultdict(list))
    for candidate in sorted(group, key=lambda one: not one.is_purchased):
        for identity in identities[candidate.pk]:
            entries = index[identity][candidate.company_file_id]
            if len(entries) < MAX_DUPLICATES:
                entries.append(candidate)
    return index


def _duplicates_of(
    invoice: _Candidate, *, index: _Index, identities: Mapping[int, frozenset[_Identity]]
) -> Iterator[_Candidate]:
    """Candidates of the same buyer that are in another company file or were purchased; some may come twice."""
    for identity in identities[invoice.pk]:
        for company_file_id, others in index[identity].items():
            for other in others:
                if other.pk != invoice.pk and (company_file_id != invoice.company_file_id or other.is_purchased):
                    yield other


def _candidates(supplier: Supplier, invoice_ids: Collection[int] | None) -> list[_Candidate]:
    """Live or purchased invoices, of any supplier, whose date, amount and currency are shared.

    `supplier` has them in one company file, and somebody, perhaps `supplier` itself, has them in another; or `supplier`
    has them twice in one file, and one of those was purchased.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH mine AS MATERIALIZED (
                SELECT txn_date, invoice_amount, currency,
                       min(company_file_id) <> max(company_file_id)
                           OR (count(*) > 1 AND bool_or(state = ANY(%(purchased)s)))
                           OR %(named)s::bigint[] IS NOT NULL AS is_shared
                FROM invoices_invoice
                WHERE supplier_id = %(supplier)s AND (books_status <> ALL(%(inactive)s) OR state = ANY(%(purchased)s))
                  AND txn_date IS NOT NULL AND invoice_amount > 0 AND invoice_no <> ''
                  AND (%(named)s::bigint[] IS NULL OR id = ANY(%(named)s))
                GROUP BY txn_date, invoice_amount, currency
            ), shared AS MATERIALIZED (
                SELECT txn_date, invoice_amount, currency FROM mine
                WHERE is_shared OR EXISTS (
                    SELECT FROM invoices_invoice AS other
                    WHERE other.txn_date = mine.txn_date AND other.invoice_amount = mine.invoice_amount
                      AND other.currency = mine.currency AND other.supplier_id <> %(supplier)s
                      AND (other.books_status <> ALL(%(inactive)s) OR other.state = ANY(%(purchased)s))
                )
            )
            SELECT invoice.id, invoice.supplier_id, invoice.company_file_id, invoice.invoice_no, invoice.state,
                   invoice.buyer_id, invoice.company_name, txn_date, invoice_amount, currency
            FROM shared JOIN invoices_invoice AS invoice USING (txn_date, invoice_amount, currency)
            WHERE (invoice.books_status <> ALL(%(inactive)s) OR invoice.state = ANY(%(purchased)s))
              AND invoice.invoice_no <> ''
            ORDER BY invoice.id
            """,
            {
                "supplier": supplier.pk,
                "inactive": [BooksStatus.VOIDED.value, BooksStatus.DELETED.value],
                "purchased": [state.value for state in PURCHASED],
                "named": None if invoice_ids is None else list(invoice_ids),
            },
        )
        return [_Candidate._make((*row[:7], row[7:])) for row in cursor.fetchall()]


def _buyer_identities(candidates: Iterable[_Candidate]) -> dict[int, frozenset[_Identity]]:
    """How the buyer of each candidate is known, by invoice id.

    The debtor and the names of its root customer; for an invoice without a buyer, the company name on the invoice.
    """
    candidates = list(candidates)
    roots = roots_of(buyers={one.buyer_id for one in candidates if one.buyer_id is not None})
    of_root: dict[int, frozenset[_Identity]] = {
        pk: frozenset(
            identity for identity in (debtor_id, normalized_name(name), normalized_name(company_name)) if identity
        )
        for pk, debtor_id, name, company_name in Buyer.objects.filter(pk__in=set(roots.values()))
        .order_by()
        .values_list("pk", "debtor_id", "name", "company_name")
    }
    return {
        one.pk: frozenset({normalized_name(one.company_name)} - {""})
        if one.buyer_id is None
        else of_root[roots[one.buyer_id]]
        for one in candidates
    }


def _duplicate(candidate: _Candidate, file: CompanyFile) -> Duplicate:
    return Duplicate(
        candidate.pk, candidate.supplier_id, file.supplier.name, file.name, candidate.number, candidate.state
    )
