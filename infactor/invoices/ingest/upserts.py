"""Inserts and updates buyers and invoices in bulk. Records may come in any order and any number of times."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from django.db import transaction
from django.db.models import F

from infactor.core.bulk import InArray, copy_rows, update_rows
from infactor.invoices.ingest import naming, revisions
from infactor.invoices.ingest.diff import Difference, differences, is_older
from infactor.invoices.ingest.linking import (
    link_allocations,
    link_documents_to_buyers,
    link_invoices_to_buyers,
    link_sub_customers,
)
from infactor.invoices.ingest.records import BuyerRecord, InvoiceRecord
from infactor.invoices.ingest.renames import apply_renames, search_text
from infactor.invoices.models import Buyer, CompanyFile, Invoice, InvoiceChange

BUYER_FIELDS = BuyerRecord._fields
INVOICE_FIELDS = InvoiceRecord._fields
# An update never touches the state that an invoice has reached, nor where it came from. Nor does it set its id in the
# books, by which it was found: PostgreSQL locks a row whose trigger sees a key column set, changed or not, so that
# nobody can insert a row that refers to it.
SYNCED_FIELDS = tuple(name for name in INVOICE_FIELDS if name not in ("state", "source", "qbk_invoice_id"))
SYNCED_BUYER_FIELDS = tuple(name for name in BUYER_FIELDS if name != "reference")
# Who a customer is: by its names other invoices are duplicates, and its parent owes for it.
IDENTITY_FIELDS = ("name", "full_name", "company_name", "is_job", "parent_reference")

Record = TypeVar("Record", BuyerRecord, InvoiceRecord)


class UpsertCounts(NamedTuple):
    """How many rows were inserted, updated and left unchanged."""

    new: int
    changed: int
    unchanged: int


class _ChangedInvoice(NamedTuple):
    """An invoice, the record that replaces its values, and the fields that differ."""

    invoice: Invoice
    record: InvoiceRecord
    differences: list[Difference]


def upsert_buyers(*, company_file: CompanyFile, records: Sequence[BuyerRecord], at: datetime) -> UpsertCounts:
    """Insert or update the buyers of `company_file` and link them to their parents, invoices, payments and credits.

    A record that is older than the row changes nothing. A new name or address reaches the buyer's invoices.
    """
    with transaction.atomic():
        latest = _latest(records, key="reference")
        existing = {
            buyer.reference: buyer
            # This lock leaves the keys free: inserting a row that refers to one of these buyers need not wait.
            for buyer in Buyer.objects.select_for_update(no_key=True)
            .filter(InArray("reference", latest), company_file=company_file)
            .order_by("pk")
        }
        new = [record for reference, record in latest.items() if reference not in existing]
        changed = [
            (buyer, latest[reference])
            for reference, buyer in existing.items()
            if not is_older(latest[reference], than=buyer)
            and differences(row=buyer, record=latest[reference], fields=BUYER_FIELDS)
        ]
        written = [*(record.reference for record in new), *(buyer.reference for buyer, _ in changed)]
        with naming.one_revision(company_file=company_file, model=Buyer, references=written) as named:
            _insert_buyers(new, company_file=company_file, at=at)
            update_rows(
                model=Buyer,
                columns=[*SYNCED_BUYER_FIELDS, "updated_at"],
                rows=[
                    [buyer.pk, *(getattr(record, name) for name in SYNCED_BUYER_FIELDS), at]
                    for buyer, record in changed
                ],
            )
            if written:
                moved = link_sub_customers(company_file=company_file, at=at)
                named.is_complete &= moved <= {record.reference for record in new}
            if new:
                named.add(invoice_ids=link_invoices_to_buyers(company_file=company_file, at=at))
                link_documents_to_buyers(company_file=company_file)
            named.is_complete &= not any(_is_another(buyer, record) for buyer, record in changed)
            names = [(buyer, record.full_name or record.name) for buyer, record in changed]
            apply_renames(
                company_file=company_file,
                renamed=[(buyer, name) for buyer, name in names if (buyer.full_name or buyer.name) != name],
                at=at,
            )
            new_addresses = [(buyer, record.email) for buyer, record in changed if buyer.email != record.email]
            _update_invoice_emails(new_addresses=new_addresses, at=at)
        return UpsertCounts(len(new), len(changed), len(latest) - len(new) - len(changed))


def upsert_invoices(*, company_file: CompanyFile, records: Sequence[InvoiceRecord], at: datetime) -> UpsertCounts:
    """Insert or update the invoices of `company_file`, and write each update into the invoice's history.

    A record that is older than the row changes nothing. An update never changes `state`.
    """
    with transaction.atomic():
        latest = _latest(records, key="qbk_invoice_id")
        existing = _lock_invoices(company_file=company_file, references=latest)
        new = [record for reference, record in latest.items() if reference not in existing]
        changed = list(_changed_invoices(existing, latest))
        buyer_ids = _buyer_ids(company_file=company_file, records=latest.values())
        written = [*(record.qbk_invoice_id for record in new), *(one.record.qbk_invoice_id for one in changed)]
        with naming.one_revision(company_file=company_file, model=Invoice, references=written):
            _insert_invoices(new, company_file=company_file, buyer_ids=buyer_ids, at=at)
            _update_invoices(changed, buyer_ids=buyer_ids, at=at)
            _record_history(changed, at=at)
        return UpsertCounts(len(new), len(changed), len(latest) - len(new) - len(changed))


def emails_by_reference(*, company_file: CompanyFile, references: Sequence[str]) -> Mapping[str, str]:
    """The primary email address of each of these buyers that has one: `{reference: address}`."""
    found = Buyer.objects.filter(InArray("reference", references), company_file=company_file).exclude(email="")
    return dict(found.values_list("reference", "email"))


def set_as_of(*, company_file: CompanyFile, as_of: datetime) -> None:
    """Note that the books were read completely as of `as_of`. An earlier moment changes nothing.

    A balance of a customer counts once the books were read past its last document (`open_credits`). So where a document
    changed since the books were last read completely, this is a change of the books as well.
    """
    since = company_file.as_of
    row = CompanyFile.objects.filter(pk=company_file.pk).exclude(as_of__gte=as_of)
    if since is None:
        row.update(as_of=as_of, revision=F("revision") + 1)
        return
    touched = naming.customers_changed_since(company_file=company_file, since=since)
    with transaction.atomic():
        if row.update(as_of=as_of) and touched:
            buyer_ids = {one for one in touched if one is not None}
            revisions.increment_named(company_file=company_file, invoice_ids=(), buyer_ids=buyer_ids)


def _latest(records: Sequence[Record], *, key: str) -> dict[str, Record]:
    """The newest version of each object, by its field `key`."""
    latest: dict[str, Record] = {}
    for record in records:
        other = latest.get(getattr(record, key))
        if other is None or not is_older(record, than=other):
            latest[getattr(record, key)] = record
    return latest


def _is_another(buyer: Buyer, record: BuyerRecord) -> bool:
    return any(getattr(buyer, name) != getattr(record, name) for name in IDENTITY_FIELDS)


def _insert_buyers(new: Sequence[BuyerRecord], *, company_file: CompanyFile, at: datetime) -> None:
    if new:
        copy_rows(
            model=Buyer,
            columns=[*BUYER_FIELDS, "public_id", "supplier_id", "company_file_id", "created_at", "updated_at"],
            rows=([*record, uuid.uuid4(), company_file.supplier_id, company_file.pk, at, at] for record in new),
        )


def _buyer_ids(*, company_file: CompanyFile, records: Iterable[InvoiceRecord]) -> dict[str, int]:
    references = {record.customer_reference for record in records}
    named = Buyer.objects.filter(InArray("reference", references), company_file=company_file)
    return dict(named.values_list("reference", "pk"))


def _lock_invoices(*, company_file: CompanyFile, references: Iterable[str]) -> dict[str, Invoice]:
    """The invoices of these references that exist, locked, by reference."""
    rows = (
        Invoice.objects.select_for_update()
        .filter(InArray("qbk_invoice_id", references), company_file=company_file)
        .order_by("pk")
    )
    return {invoice.qbk_invoice_id: invoice for invoice in rows}


def _changed_invoices(
    existing: Mapping[str, Invoice], latest: Mapping[str, InvoiceRecord]
) -> Iterator[_ChangedInvoice]:
    """Each existing invoice whose record is not older and differs."""
    for reference, invoice in existing.items():
        record = latest[reference]
        if is_older(record, than=invoice):
            continue
        if found := differences(row=invoice, record=record, fields=SYNCED_FIELDS):
            yield _ChangedInvoice(invoice, record, found)


def _insert_invoices(
    new: Sequence[InvoiceRecord], *, company_file: CompanyFile, buyer_ids: Mapping[str, int], at: datetime
) -> None:
    """Insert `new`, and link the payment lines that were imported before their invoice."""
    if not new:
        return
    own_columns = ["public_id", "supplier_id", "company_file_id", "buyer_id", "search_text", "created_at", "updated_at"]
    copy_rows(
        model=Invoice,
        columns=[*INVOICE_FIELDS, *own_columns],
        rows=(
            [
                *record,
                uuid.uuid4(),
                company_file.supplier_id,
                company_file.pk,
                buyer_ids.get(record.customer_reference),
                _search_text(record),
                at,
                at,
            ]
            for record in new
        ),
    )
    link_allocations(company_file=company_file, invoices=[record.qbk_invoice_id for record in new])


def _update_invoices(changed: Sequence[_ChangedInvoice], *, buyer_ids: Mapping[str, int], at: datetime) -> None:
    update_rows(
        model=Invoice,
        columns=[*SYNCED_FIELDS, "buyer_id", "search_text", "updated_at"],
        rows=[
            [
                invoice.pk,
                *(getattr(record, name) for name in SYNCED_FIELDS),
                buyer_ids.get(record.customer_reference),
                _search_text(record),
                at,
            ]
            for invoice, record, _ in changed
        ],
    )


def _record_history(changed: Sequence[_ChangedInvoice], *, at: datetime) -> None:
    """One InvoiceChange for each invoice that changed in a field that people see."""
    InvoiceChange.objects.bulk_create(
        InvoiceChange(
            invoice=invoice,
            at=at,
            books_at=record.books_updated_at,
            changes=[difference.as_json() for difference in found if difference.is_visible],
        )
        for invoice, record, found in changed
        if any(difference.is_visible for difference in found)
    )


def _search_text(record: InvoiceRecord) -> str:
    return search_text(
        invoice_no=record.invoice_no, company_name=record.company_name, qbk_invoice_id=record.qbk_invoice_id
    )


def _update_invoice_emails(*, new_addresses: Sequence[tuple[Buyer, str]], at: datetime) -> None:
    """Write a buyer's new address into its invoices that have no address of their own, and into their history.

    An invoice has its buyer's address, unless its own mapping took another one.
    """
    for buyer, address in new_addresses:
        invoices = list(
            Invoice.objects.select_for_update()
            .filter(buyer=buyer, company_email="", buyer_email__in=["", buyer.email])
            .exclude(buyer_email=address)
            .only("pk", "buyer_email")
        )
        InvoiceChange.objects.bulk_create(
            InvoiceChange(
                invoice=invoice,
                at=at,
                changes=[Difference("buyer_email", invoice.buyer_email, address).as_json()],
            )
            for invoice in invoices
        )
        Invoice.objects.filter(pk__in=[invoice.pk for invoice in invoices]).update(buyer_email=address, updated_at=at)
