"""Buyers and invoices from records, in bulk: any number of times, in any order, the result is the same."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from django.db import connection, transaction

from infactor.core.bulk import InArray, copy_rows, update_rows
from infactor.invoices.ingest.diff import Difference, differences, is_older
from infactor.invoices.ingest.linking import tie_allocations, tie_to_buyers
from infactor.invoices.ingest.records import BuyerRecord, InvoiceRecord
from infactor.invoices.ingest.renames import follow_names, search_text
from infactor.invoices.ingest.revisions import bump
from infactor.invoices.models import Buyer, CompanyFile, Invoice, InvoiceChange

BUYER_FIELDS = BuyerRecord._fields
INVOICE_FIELDS = InvoiceRecord._fields
# A known invoice keeps the state that it has reached, and where it came from.
FOLLOWS_BOOKS = tuple(name for name in INVOICE_FIELDS if name not in ("state", "source"))

Record = TypeVar("Record", BuyerRecord, InvoiceRecord)


class Outcome(NamedTuple):
    """How many rows were new, changed, and left as they were."""

    new: int
    changed: int
    unchanged: int


def upsert_buyers(*, company_file: CompanyFile, records: Sequence[BuyerRecord], at: datetime) -> Outcome:
    """Make the buyers of `company_file` what `records` say, and tie them to the invoices that name them."""
    with transaction.atomic():
        latest = _latest(records, key="reference")
        known = {
            buyer.reference: buyer
            # Their keys stay: whoever writes a row that names one of them, and holds its invoices, need not wait.
            for buyer in Buyer.objects.select_for_update(no_key=True)
            .filter(InArray("reference", latest), company_file=company_file)
            .order_by("pk")
        }
        new = [record for reference, record in latest.items() if reference not in known]
        changed = [
            (buyer, latest[reference])
            for reference, buyer in known.items()
            if not is_older(latest[reference], than=buyer)
            and differences(row=buyer, record=latest[reference], fields=BUYER_FIELDS)
        ]
        if new:
            copy_rows(
                model=Buyer,
                columns=[*BUYER_FIELDS, "public_id", "supplier_id", "company_file_id", "created_at", "updated_at"],
                rows=([*record, uuid.uuid4(), company_file.supplier_id, company_file.pk, at, at] for record in new),
            )
        update_rows(
            model=Buyer,
            columns=[*BUYER_FIELDS, "updated_at"],
            rows=[[buyer.pk, *record, at] for buyer, record in changed],
        )
        if new or changed:
            _tie_jobs_to_parents(company_file=company_file)
        if new:
            _tie_invoices_to_buyers(company_file=company_file)
            tie_to_buyers(company_file=company_file)
        follow_names(renamed={buyer.pk: record.name for buyer, record in changed if buyer.name != record.name}, at=at)
        moved = [(buyer, record.email) for buyer, record in changed if buyer.email != record.email]
        _follow_addresses(moved=moved, at=at)
        if new or changed:
            bump(company_file_ids=[company_file.pk])
        return Outcome(len(new), len(changed), len(latest) - len(new) - len(changed))


def upsert_invoices(*, company_file: CompanyFile, records: Sequence[InvoiceRecord], at: datetime) -> Outcome:
    """Make the invoices of `company_file` what `records` say; write down what changed from what to what.

    An older version than the one known changes nothing, and `state` is never set back.
    """
    with transaction.atomic():
        latest = _latest(records, key="qbk_invoice_id")
        known = {
            invoice.qbk_invoice_id: invoice
            for invoice in Invoice.objects.select_for_update()
            .filter(InArray("qbk_invoice_id", latest), company_file=company_file)
            .order_by("pk")
        }
        buyers = _buyers_of(company_file=company_file, records=latest.values())
        new = [record for reference, record in latest.items() if reference not in known]
        changed: list[tuple[Invoice, InvoiceRecord, list[Difference]]] = []
        for reference, invoice in known.items():
            record = latest[reference]
            if is_older(record, than=invoice):
                continue
            if found := differences(row=invoice, record=record, fields=FOLLOWS_BOOKS):
                changed.append((invoice, record, found))
        if new:
            copy_rows(
                model=Invoice,
                columns=[
                    *INVOICE_FIELDS,
                    "public_id",
                    "supplier_id",
                    "company_file_id",
                    "buyer_id",
                    "search_text",
                    "created_at",
                    "updated_at",
                ],
                rows=(
                    [
                        *record,
                        uuid.uuid4(),
                        company_file.supplier_id,
                        company_file.pk,
                        buyers.get(record.customer_reference),
                        _search_text(record),
                        at,
                        at,
                    ]
                    for record in new
                ),
            )
            tie_allocations(company_file=company_file, invoices=[record.qbk_invoice_id for record in new])
        update_rows(
            model=Invoice,
            columns=[*FOLLOWS_BOOKS, "buyer_id", "search_text", "updated_at"],
            rows=[
                [
                    invoice.pk,
                    *(getattr(record, name) for name in FOLLOWS_BOOKS),
                    buyers.get(record.customer_reference),
                    _search_text(record),
                    at,
                ]
                for invoice, record, _ in changed
            ],
        )
        InvoiceChange.objects.bulk_create(
            InvoiceChange(
                invoice=invoice,
                at=at,
                books_at=record.books_updated_at,
                changes=[difference.as_json() for difference in found if difference.tells],
            )
            for invoice, record, found in changed
            if any(difference.tells for difference in found)
        )
        if new or changed:
            bump(company_file_ids=[company_file.pk])
        return Outcome(len(new), len(changed), len(latest) - len(new) - len(changed))


def addresses_of(*, company_file: CompanyFile, references: Sequence[str]) -> Mapping[str, str]:
    """The primary e-mail address of each named buyer that has one: `{reference: address}`."""
    found = Buyer.objects.filter(InArray("reference", references), company_file=company_file).exclude(email="")
    return dict(found.values_list("reference", "email"))


def note_read(*, company_file: CompanyFile, as_of: datetime) -> None:
    """The books have been read completely as they stood at `as_of`; an earlier moment changes nothing."""
    CompanyFile.objects.filter(pk=company_file.pk).exclude(as_of__gte=as_of).update(as_of=as_of)


def _latest(records: Sequence[Record], *, key: str) -> dict[str, Record]:
    """Each object once, in its newest version, by the field `key`."""
    latest: dict[str, Record] = {}
    for record in records:
        other = latest.get(getattr(record, key))
        if other is None or not is_older(record, than=other):
            latest[getattr(record, key)] = record
    return latest


def _buyers_of(*, company_file: CompanyFile, records: Iterable[InvoiceRecord]) -> dict[str, int]:
    references = {record.customer_reference for record in records}
    named = Buyer.objects.filter(InArray("reference", references), company_file=company_file)
    return dict(named.values_list("reference", "pk"))


def _search_text(record: InvoiceRecord) -> str:
    return search_text(
        invoice_no=record.invoice_no, company_name=record.company_name, qbk_invoice_id=record.qbk_invoice_id
    )


def _tie_jobs_to_parents(*, company_file: CompanyFile) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE invoices_buyer AS buyer SET parent_id = named.parent_id
            FROM (
                SELECT job.id, parent.id AS parent_id
                FROM invoices_buyer AS job
                LEFT JOIN invoices_buyer AS parent
                  ON parent.company_file_id = job.company_file_id
                 AND parent.reference = job.parent_reference AND job.parent_reference <> ''
                WHERE job.company_file_id = %s AND job.parent_id IS DISTINCT FROM parent.id
            ) AS named
            WHERE buyer.id = named.id
            """,
            [company_file.pk],
        )


def _tie_invoices_to_buyers(*, company_file: CompanyFile) -> None:
    """An invoice that came before its customer gets its buyer, and the address if it had none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE invoices_invoice AS invoice
            SET buyer_id = buyer.id,
                buyer_email = CASE WHEN invoice.buyer_email = '' THEN buyer.email ELSE invoice.buyer_email END
            FROM invoices_buyer AS buyer
            WHERE invoice.company_file_id = %s AND invoice.buyer_id IS NULL
              AND buyer.company_file_id = invoice.company_file_id
              AND buyer.reference = invoice.customer_reference
            """,
            [company_file.pk],
        )


def _follow_addresses(*, moved: Sequence[tuple[Buyer, str]], at: datetime) -> None:
    """An invoice without an address of its own follows the one of its customer."""
    for buyer, address in moved:
        followers = list(
            Invoice.objects.select_for_update()
            .filter(buyer=buyer, company_email="")
            .exclude(buyer_email=address)
            .only("pk", "buyer_email")
        )
        InvoiceChange.objects.bulk_create(
            InvoiceChange(
                invoice=invoice,
                at=at,
                changes=[Difference("buyer_email", invoice.buyer_email, address).as_json()],
            )
            for invoice in followers
        )
        Invoice.objects.filter(pk__in=[invoice.pk for invoice in followers]).update(buyer_email=address, updated_at=at)
