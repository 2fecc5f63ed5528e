"""Finds the invoice that a supplier has already, before it enters it once more.

The same number, buyer, amount, currency and date: the same invoice. The same number and buyer alone: perhaps.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Upper

from infactor.core.bulk import InArray
from infactor.invoices.by_hand.entry import Entry
from infactor.invoices.debtors.company_names import normalized_name
from infactor.invoices.duplicates import PURCHASED
from infactor.invoices.invoice_numbers import normalized_number
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from infactor.suppliers.models import Supplier

GONE = (BooksStatus.VOIDED, BooksStatus.DELETED)


class Match(NamedTuple):
    """An invoice that the supplier has. `is_same`: it is this one; else only number and buyer are the same."""

    public_id: UUID
    number: str
    source: str
    is_same: bool


def find(*, supplier: Supplier, entries: Sequence[Entry], but: int | None = None) -> list[Match | None]:
    """What the supplier has already of each of `entries`, in their order. Two queries for all of them.

    `but` is the invoice that is being changed.
    """
    index: dict[str, list[Invoice]] = {}
    for invoice in _candidates(supplier, entries, but=but):
        index.setdefault(normalized_number(invoice.invoice_no), []).append(invoice)
    return [_match(entry, index.get(normalized_number(entry.number), [])) for entry in entries]


def twin(invoice: Invoice) -> Match | None:
    """The same invoice from another source of its supplier, if it has one."""
    if invoice.invoice_amount is None or invoice.txn_date is None:
        return None
    entry = Entry(
        number=invoice.invoice_no,
        buyer_name=invoice.company_name,
        issued=invoice.txn_date,
        amount=invoice.invoice_amount,
        currency=invoice.currency,
    )
    rows = _candidates(invoice.supplier, [entry], but=invoice.pk)
    others = [one for one in rows if one.company_file_id != invoice.company_file_id]
    number = normalized_number(entry.number)
    found = _match(entry, [one for one in others if normalized_number(one.invoice_no) == number])
    return found if found is not None and found.is_same else None


def _candidates(supplier: Supplier, entries: Sequence[Entry], *, but: int | None) -> Iterable[Invoice]:
    live = ~Q(books_status__in=GONE) | Q(state__in=PURCHASED)
    rows = (
        Invoice.objects.for_supplier(supplier).filter(live).exclude(pk=but or 0).exclude(invoice_no="").order_by("pk")
    )
    columns = ("public_id", "invoice_no", "source", "company_name", "txn_date", "invoice_amount", "currency")
    rows = rows.only("company_file_id", "supplier_id", *columns)
    days = [one.issued for one in entries if one.issued]
    amounts = [one.amount for one in entries if one.amount is not None]
    same_figures = (
        rows.filter(txn_date__in=set(days), invoice_amount__in=set(amounts)) if days and amounts else rows.none()
    )
    same_number = rows.annotate(upper_no=Upper("invoice_no")).filter(
        InArray("upper_no", {one.number.upper() for one in entries if one.number})
    )
    return {one.pk: one for one in (*same_figures, *same_number)}.values()


def _match(entry: Entry, candidates: Iterable[Invoice]) -> Match | None:
    """The same invoice, else one that may be it."""
    buyer = normalized_name(entry.buyer_name)
    perhaps = None
    for one in candidates:
        if not entry.number or normalized_name(one.company_name) != buyer:
            continue
        is_same = (one.txn_date, one.invoice_amount, one.currency) == (entry.issued, entry.amount, entry.currency)
        found = Match(one.public_id, one.invoice_no, one.source, is_same)
        if is_same:
            return found
        perhaps = perhaps or found
    return perhaps
