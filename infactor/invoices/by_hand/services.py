"""Adds, changes, submits and deletes invoices by hand. Each locks the supplier's file of them first."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from infactor.core import audit
from infactor.core.bulk import copy_rows
from infactor.core.transitions import move
from infactor.invoices.by_hand import holds, matches
from infactor.invoices.by_hand.buyers import BuyerBook
from infactor.invoices.by_hand.entry import Entry, problems
from infactor.invoices.by_hand.matches import Match
from infactor.invoices.ingest import revisions
from infactor.invoices.ingest.diff import Difference
from infactor.invoices.ingest.renames import search_text
from infactor.invoices.models import Buyer, CompanyFile, Invoice, InvoiceChange
from infactor.invoices.models.company_file import BY_HAND
from infactor.invoices.states import TRANSITIONS, BooksStatus, State, derive_books_status
from infactor.suppliers import access
from infactor.suppliers.models import Supplier
from infactor.users.models import User

EDITABLE = (State.DRAFT, State.CREATED)
ANSWERED = (State.ACCEPTED, State.REJECTED)  # by the buyer: a correction takes the invoice back to CREATED
# What a change writes into the history of the invoice.
SHOWN = (
    "invoice_no",
    "company_name",
    "buyer_email",
    "txn_date",
    "payable_date",
    "invoice_amount",
    "tax_amount",
    "balance",
    "currency",
    "purchase_order_no",
    "items",
)


class Invalid(ValueError):
    """The entry is not complete or not right. `problems` says what is wrong, by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


class Known(ValueError):
    """The supplier has this invoice, or one that may be it."""

    def __init__(self, match: Match) -> None:
        super().__init__(gettext("Invoice %(number)s is already in your list.") % {"number": match.number})
        self.match = match


class Frozen(ValueError):
    """Something was asked for the invoice, so it is not changed any more; the message says what."""


def add(
    *,
    supplier: Supplier,
    entry: Entry,
    key: uuid.UUID,
    by: User,
    at: datetime,
    is_draft: bool = False,
    is_another: bool = False,
) -> Invoice:
    """Add an invoice. The same `key` again returns the first: a form that was sent twice adds one.

    `is_another`: the supplier says that one with the same number and buyer is another invoice. Raises Invalid, Known,
    and roles.NotAllowed for a stranger.
    """
    access.require_member(by=by, supplier=supplier)
    if wrong := problems(entry, is_draft=is_draft):
        raise Invalid(wrong)
    with transaction.atomic():
        file = lock_file(supplier=supplier)
        if (first := Invoice.objects.filter(company_file=file, qbk_invoice_id=key.hex).first()) is not None:
            return first
        _require_unknown(supplier, entry, is_another=is_another)
        insert(file=file, rows=[(key, entry)], at=at, state=State.DRAFT if is_draft else State.CREATED)
        added = Invoice.objects.get(company_file=file, qbk_invoice_id=key.hex)
        audit.record(event="invoice.entered", subject=added, by=by, at=at, supplier_id=supplier.pk)
        return added


def change(
    *, invoice: Invoice, entry: Entry, by: User, at: datetime, is_draft: bool = False, is_another: bool = False
) -> Invoice:
    """Replace what the supplier said of an invoice; a draft is submitted unless `is_draft`.

    Where its buyer was asked already, what was asked or answered ends, and the buyer is told. Raises Invalid, Known,
    Frozen, and roles.NotAllowed for a stranger.
    """
    access.require_member(by=by, supplier=invoice.supplier)
    if wrong := problems(entry, is_draft=is_draft):
        raise Invalid(wrong)
    with transaction.atomic():
        file = lock_file(supplier=invoice.supplier)
        locked = _lock(invoice, correcting=True)
        if is_draft and locked.state != State.DRAFT:
            raise Frozen(gettext("This invoice is submitted already."))
        _require_unknown(invoice.supplier, entry, is_another=is_another, but=locked.pk)
        buyer = BuyerBook(file, at=at).of([entry])[0]
        values = _columns(entry, buyer=buyer)
        stored = {**values, "items": json.loads(values["items"])}
        found = [
            Difference(name, getattr(locked, name), stored[name])
            for name in SHOWN
            if getattr(locked, name) != stored[name]
        ]
        if found and locked.state != State.DRAFT:
            InvoiceChange.objects.create(invoice=locked, at=at, changes=[one.as_json() for one in found])
        Invoice.objects.filter(pk=locked.pk).update(**stored, buyer=buyer, books_updated_at=at, updated_at=at)
        is_submitted = locked.state == State.DRAFT and not is_draft
        if found and locked.state != State.DRAFT:
            holds.corrected(locked, by=by, at=at)
        if is_submitted or (found and locked.state in ANSWERED):
            move(locked, to=State.CREATED, transitions=TRANSITIONS, by=by, at=at, supplier_id=locked.supplier_id)
        revisions.increment(company_file_ids=[file.pk])
        audit.record(event="invoice.changed_by_hand", subject=locked, by=by, at=at, supplier_id=locked.supplier_id)
        return Invoice.objects.get(pk=locked.pk)


def delete(*, invoice: Invoice, by: User, at: datetime) -> Invoice:
    """Delete an invoice: its row stays for whoever must know what was there, and no page of its supplier shows it.

    Raises Frozen, and roles.NotAllowed for a stranger.
    """
    access.require_member(by=by, supplier=invoice.supplier)
    with transaction.atomic():
        file = lock_file(supplier=invoice.supplier)
        locked = _lock(invoice)
        Invoice.objects.filter(pk=locked.pk).update(
            books_status=BooksStatus.DELETED, balance=Decimal(0), books_updated_at=at, updated_at=at
        )
        revisions.increment(company_file_ids=[file.pk])
        audit.record(event="invoice.deleted_by_hand", subject=locked, by=by, at=at, supplier_id=locked.supplier_id)
        return locked


def why_frozen(invoice: Invoice, *, correcting: bool = False) -> str:
    """Why this invoice cannot be deleted, or changed if `correcting`; "" where it can: it is by hand, and not used."""
    if invoice.source != BY_HAND:
        return gettext("This invoice comes from %(source)s. Change it there.") % {"source": invoice.source}
    if invoice.books_status == BooksStatus.DELETED:
        return gettext("This invoice is deleted.")
    states = (*EDITABLE, *ANSWERED) if correcting else EDITABLE
    past = "" if invoice.state in states else gettext("This invoice can no longer be changed.")
    return holds.reason(invoice, correcting=correcting) or past


def lock_file(*, supplier: Supplier) -> CompanyFile:
    """The supplier's file of invoices by hand, made when it is first needed, and locked."""
    CompanyFile.objects.bulk_create(
        [CompanyFile(supplier=supplier, source=BY_HAND, name="Entered by hand")], ignore_conflicts=True
    )
    return CompanyFile.objects.select_for_update(no_key=True).get(supplier=supplier, source=BY_HAND)


def insert(*, file: CompanyFile, rows: Sequence[tuple[uuid.UUID, Entry]], at: datetime, state: State) -> None:
    """Insert invoices that were checked, into the locked `file`, each with its key."""
    buyers = BuyerBook(file, at=at).of([entry for _, entry in rows])
    values = [_columns(entry, buyer=buyer) for (_, entry), buyer in zip(rows, buyers, strict=True)]
    names = list(values[0]) if values else []
    own = ["public_id", "supplier_id", "company_file_id", "buyer_id", "qbk_invoice_id", "source", "state"]
    times = ["invoice_date", "books_updated_at", "created_at", "updated_at"]
    given = ["tax_details", "linked_txn", "sync_token", "sales_term", "private_note", "email_status"]
    copy_rows(
        model=Invoice,
        columns=[*names, *own, *times, *given],
        rows=(
            [
                *columns.values(),
                uuid.uuid4(),
                file.supplier_id,
                file.pk,
                buyer.pk if buyer else None,
                key.hex,
                BY_HAND,
                state.value,
                *[at] * len(times),
                f'{{"TotalTax": {entry.tax:f}}}' if entry.tax else "{}",
                "[]",
                *[""] * 4,
            ]
            for (key, entry), columns, buyer in zip(rows, values, buyers, strict=True)
        ),
    )
    revisions.increment(company_file_ids=[file.pk])


def _require_unknown(supplier: Supplier, entry: Entry, *, is_another: bool, but: int | None = None) -> None:
    found = matches.find(supplier=supplier, entries=[entry], but=but)[0] if entry.number else None
    if found is not None and (found.is_same or not is_another):
        raise Known(found)


def _lock(invoice: Invoice, *, correcting: bool = False) -> Invoice:
    locked = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    if why := why_frozen(locked, correcting=correcting):
        raise Frozen(why)
    return locked


def _columns(entry: Entry, *, buyer: Buyer | None) -> dict[str, Any]:
    """The columns of the mapping table and further ones, from what the supplier said. JSON columns are JSON text."""
    amount = entry.amount
    balance = None if amount is None else amount - entry.paid
    return {
        "invoice_no": entry.number,
        "invoice_amount": amount,
        "payable_date": entry.due,
        "tax_amount": entry.tax,
        "items": json.dumps(_items(entry)),
        "company_name": entry.buyer_name,
        "buyer_email": entry.buyer_email,
        "contact_name": (buyer and buyer.contact_name) or entry.buyer_name,
        "company_email": entry.buyer_email,
        "txn_date": entry.issued,
        "balance": balance,
        "currency": entry.currency,
        "customer_reference": buyer.reference if buyer else "",
        "purchase_order_no": entry.purchase_order,
        "books_status": derive_books_status(total=amount, balance=balance, voided=False).value,
        "search_text": search_text(
            invoice_no=entry.number, company_name=entry.buyer_name, qbk_invoice_id=entry.purchase_order
        ),
    }


def _items(entry: Entry) -> list[dict[str, Any]]:
    if not entry.description or entry.amount is None:
        return []
    return [
        {
            "Amount": f"{entry.amount - entry.tax:f}",
            "Description": entry.description,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {},
        }
    ]
