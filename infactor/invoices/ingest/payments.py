"""Inserts and updates payments and credit memos in bulk. Records may come in any order and any number of times.

A change of a payment is written into the history of the invoices that it pays.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from infactor.core.bulk import InArray, copy_rows, update_rows
from infactor.invoices.ingest import naming
from infactor.invoices.ingest.deletions import later
from infactor.invoices.ingest.diff import is_older
from infactor.invoices.ingest.own_payments import mark_found
from infactor.invoices.ingest.records import AllocationRecord, CreditMemoRecord, PaymentRecord
from infactor.invoices.ingest.upserts import UpsertCounts
from infactor.invoices.models import (
    BooksPayment,
    Buyer,
    CompanyFile,
    CreditMemo,
    Invoice,
    InvoiceChange,
    PaymentAllocation,
)

PAYMENT_FIELDS = tuple(name for name in PaymentRecord._fields if name != "allocations")
CREDIT_MEMO_FIELDS = CreditMemoRecord._fields
INVOICE = "Invoice"

AllocationTexts = dict[str, str]  # what a payment does to each invoice, in words, by invoice reference


def upsert_payments(*, company_file: CompanyFile, records: Sequence[PaymentRecord], at: datetime) -> UpsertCounts:
    """Insert or update the payments of `company_file`. A record that is older than the row changes nothing.

    The lines of a payment are replaced as a set. A voided payment has no lines in the books any more; it keeps the
    lines that it had, so that the invoice can show what became of the payment.
    """
    with transaction.atomic():
        latest = _latest(records)
        known: dict[str, BooksPayment] = _lock_existing(BooksPayment, latest, company_file=company_file)
        lines = _lines(known.values())
        new = [record for reference, record in latest.items() if reference not in known]
        changed = [
            (payment, _with_lines(latest[reference], lines.get(payment.pk, ())))
            for reference, payment in known.items()
            if not is_older(latest[reference], than=payment)
        ]
        changed = [
            (payment, record)
            for payment, record in changed
            if _differs(payment, record, PAYMENT_FIELDS) or record.allocations != lines.get(payment.pk, ())
        ]
        before = {
            payment.reference: _allocation_texts(payment, lines.get(payment.pk, ()))
            for payment, _ in changed
            if payment.deleted_at is None
        }
        written = [*new, *(record for _, record in changed)]
        references = [record.reference for record in written]
        with naming.one_revision(company_file=company_file, model=BooksPayment, references=references):
            _write(BooksPayment, PAYMENT_FIELDS, company_file=company_file, new=new, changed=changed, at=at)
            _replace_lines(company_file=company_file, records=written)
            mark_found(company_file=company_file, numbers={record.reference: record.number for record in written})
            if company_file.as_of is not None:  # else this is the first import, and nothing has changed
                after = {record.reference: _allocation_texts(record, record.allocations) for record in written}
                books_at = {record.reference: record.books_updated_at for record in written}
                record_changes(company_file=company_file, before=before, after=after, books_at=books_at, at=at)
        return UpsertCounts(len(new), len(changed), len(latest) - len(new) - len(changed))


def upsert_credit_memos(
    *, company_file: CompanyFile, records: Sequence[CreditMemoRecord], at: datetime
) -> UpsertCounts:
    """Insert or update the credit memos of `company_file`. A record that is older than the row changes nothing."""
    with transaction.atomic():
        latest = _latest(records)
        known: dict[str, CreditMemo] = _lock_existing(CreditMemo, latest, company_file=company_file)
        new = [record for reference, record in latest.items() if reference not in known]
        changed = [
            (memo, latest[reference])
            for reference, memo in known.items()
            if not is_older(latest[reference], than=memo) and _differs(memo, latest[reference], CREDIT_MEMO_FIELDS)
        ]
        references = [*(record.reference for record in new), *(memo.reference for memo, _ in changed)]
        with naming.one_revision(company_file=company_file, model=CreditMemo, references=references):
            _write(CreditMemo, CREDIT_MEMO_FIELDS, company_file=company_file, new=new, changed=changed, at=at)
        return UpsertCounts(len(new), len(changed), len(latest) - len(new) - len(changed))


def mark_payments_deleted(
    *, company_file: CompanyFile, references: Sequence[str], books_at: Mapping[str, datetime | None], at: datetime
) -> int:
    """Mark payments as deleted, and write it into the history of their invoices. Returns how many were not marked."""
    known = [
        payment
        for payment in _lock_existing(BooksPayment, references, company_file=company_file).values()
        if payment.deleted_at is None
    ]
    lines = _lines(known)
    before = {payment.reference: _allocation_texts(payment, lines.get(payment.pk, ())) for payment in known}
    with naming.one_revision(company_file=company_file, model=BooksPayment, references=list(before)):
        _mark_deleted(known, books_at=books_at, at=at)
        after: dict[str, AllocationTexts] = {payment.reference: {} for payment in known if not payment.is_void}
        record_changes(company_file=company_file, before=before, after=after, books_at=books_at, at=at)
    return len(known)


def mark_credit_memos_deleted(
    *, company_file: CompanyFile, references: Sequence[str], books_at: Mapping[str, datetime | None], at: datetime
) -> int:
    """Mark credit memos as deleted. Returns how many were not marked before."""
    known = [
        memo
        for memo in _lock_existing(CreditMemo, references, company_file=company_file).values()
        if memo.deleted_at is None
    ]
    with naming.one_revision(
        company_file=company_file, model=CreditMemo, references=[memo.reference for memo in known]
    ):
        _mark_deleted(known, books_at=books_at, at=at)
    return len(known)


def record_changes(
    *,
    company_file: CompanyFile,
    before: Mapping[str, AllocationTexts],
    after: Mapping[str, AllocationTexts],
    books_at: Mapping[str, datetime | None],
    at: datetime,
) -> None:
    """Write into the history of each invoice how payments to it differ between `before` and `after`."""
    changes: list[tuple[str, str, str, str]] = []  # invoice, payment, from, to
    for payment, texts in after.items():
        earlier = before.get(payment, {})
        for invoice in {**earlier, **texts}:
            was, now = earlier.get(invoice, ""), texts.get(invoice, "")
            if was != now:
                changes.append((invoice, payment, was, now or "removed"))
    named = Invoice.objects.filter(
        InArray("qbk_invoice_id", {invoice for invoice, *_ in changes}), company_file=company_file
    )
    keys = dict(named.values_list("qbk_invoice_id", "pk"))
    InvoiceChange.objects.bulk_create(
        InvoiceChange(
            invoice_id=keys[invoice],
            at=at,
            books_at=books_at.get(payment),
            changes=[{"field": "payment", "from": was, "to": now}],
        )
        for invoice, payment, was, now in changes
        if invoice in keys
    )


def _allocation_texts(payment: Any, allocations: Sequence[AllocationRecord]) -> AllocationTexts:
    """What the payment (a row or a record) does to each invoice, in words without the currency."""
    sums: dict[str, Decimal | None] = {}
    for line in allocations:
        if line.kind == INVOICE:
            earlier = sums.get(line.reference, Decimal(0))
            sums[line.reference] = None if earlier is None or line.amount is None else earlier + line.amount
    kind = "Payment" if payment.moves_money else "Credit"
    if payment.moves_money and any(line.kind != INVOICE for line in allocations):
        kind = "Payment and credit"
    done = f" {'received' if payment.moves_money else 'applied'} {payment.paid_on}" if payment.paid_on else ""
    void = ", voided" if payment.is_void else ""
    return {
        invoice: f"{kind} of {'an amount that cannot be read' if amount is None else f'{amount:f}'}{done}{void}"
        for invoice, amount in sums.items()
    }


def _latest(records: Sequence[Any]) -> dict[str, Any]:
    """The newest version of each object."""
    latest: dict[str, Any] = {}
    for record in records:
        other = latest.get(record.reference)
        if other is None or not is_older(record, than=other):
            latest[record.reference] = record
    return latest


def _lock_existing(model: type[models.Model], references: Any, *, company_file: CompanyFile) -> dict[str, Any]:
    rows = (
        model._default_manager.select_for_update()
        .filter(InArray("reference", references), company_file=company_file)
        .order_by("pk")
    )
    return {row.reference: row for row in rows}  # type: ignore[attr-defined]


def _lines(payments: Any) -> dict[int, tuple[AllocationRecord, ...]]:
    """The lines of each payment, in order, by payment id."""
    lines: dict[int, tuple[AllocationRecord, ...]] = {}
    rows = PaymentAllocation.objects.filter(payment__in=list(payments)).order_by("payment_id", "position")
    for key, kind, reference, amount in rows.values_list("payment_id", "kind", "reference", "amount"):
        lines[key] = (*lines.get(key, ()), AllocationRecord(kind, reference, amount))
    return lines


def _with_lines(record: PaymentRecord, lines: tuple[AllocationRecord, ...]) -> PaymentRecord:
    return record._replace(allocations=lines) if record.is_void and not record.allocations else record


def _differs(row: Any, record: Any, fields: Sequence[str]) -> bool:
    return row.deleted_at is not None or any(getattr(row, name) != getattr(record, name) for name in fields)


def _write(
    model: type[models.Model],
    fields: Sequence[str],
    *,
    company_file: CompanyFile,
    new: Sequence[Any],
    changed: Sequence[tuple[Any, Any]],
    at: datetime,
) -> None:
    references = {record.customer_reference for record in (*new, *(record for _, record in changed))}
    named = Buyer.objects.filter(InArray("reference", references), company_file=company_file)
    buyers = dict(named.values_list("reference", "pk"))

    def values(record: Any) -> list[Any]:
        return [*(getattr(record, name) for name in fields), buyers.get(record.customer_reference), None, at]

    columns = [*fields, "buyer_id", "deleted_at", "updated_at"]
    if new:
        copy_rows(
            model=model,
            columns=[*columns, "supplier_id", "company_file_id", "created_at"],
            rows=([*values(record), company_file.supplier_id, company_file.pk, at] for record in new),
        )
    update_rows(model=model, columns=columns, rows=[[row.pk, *values(record)] for row, record in changed])


def _replace_lines(*, company_file: CompanyFile, records: Sequence[PaymentRecord]) -> None:
    """Replace the lines of each payment with those of its record."""
    written = BooksPayment.objects.filter(
        InArray("reference", [record.reference for record in records]), company_file=company_file
    )
    keys = dict(written.values_list("reference", "pk"))
    PaymentAllocation.objects.filter(payment__in=keys.values()).delete()
    named = {line.reference for record in records for line in record.allocations if line.kind == INVOICE}
    invoices = dict(
        Invoice.objects.filter(InArray("qbk_invoice_id", named), company_file=company_file).values_list(
            "qbk_invoice_id", "pk"
        )
    )
    copy_rows(
        model=PaymentAllocation,
        columns=["payment_id", "position", "kind", "reference", "amount", "invoice_id"],
        rows=(
            [
                keys[record.reference],
                position,
                *line,
                invoices.get(line.reference) if line.kind == INVOICE else None,
            ]
            for record in records
            for position, line in enumerate(record.allocations)
        ),
    )


def _mark_deleted(rows: Sequence[Any], *, books_at: Mapping[str, datetime | None], at: datetime) -> None:
    if not rows:
        return
    update_rows(
        model=type(rows[0]),
        columns=["deleted_at", "books_updated_at", "updated_at"],
        rows=[[row.pk, at, later(row.books_updated_at, books_at.get(row.reference)), at] for row in rows],
    )
