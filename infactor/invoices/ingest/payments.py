"""Payments and credit memos from records, in bulk: any number of times, in any order, the result is the same.

What a payment did to an invoice that is known stands in that invoice's history.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from infactor.core.bulk import InArray, copy_rows, update_rows
from infactor.invoices.ingest.deletions import later
from infactor.invoices.ingest.diff import is_older
from infactor.invoices.ingest.records import AllocationRecord, CreditMemoRecord, PaymentRecord
from infactor.invoices.ingest.revisions import bump
from infactor.invoices.ingest.upserts import Outcome
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

Laid = dict[str, str]  # what a payment says of each invoice, by the invoice's reference


def upsert_payments(*, company_file: CompanyFile, records: Sequence[PaymentRecord], at: datetime) -> Outcome:
    """Make the payments of `company_file` what `records` say; an older version than the one known changes nothing.

    The lines of a payment are replaced as a set. A voided payment has none in the books any more: it keeps what it
    had been laid against, so that the invoice can say what became of it.
    """
    with transaction.atomic():
        latest = _latest(records)
        known: dict[str, BooksPayment] = _known(BooksPayment, latest, company_file=company_file)
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
            payment.reference: _laid(payment, lines.get(payment.pk, ()))
            for payment, _ in changed
            if payment.deleted_at is None
        }
        _write(BooksPayment, PAYMENT_FIELDS, company_file=company_file, new=new, changed=changed, at=at)
        written = [*new, *(record for _, record in changed)]
        _replace_lines(company_file=company_file, records=written)
        if company_file.as_of is not None:  # else these books are read for the first time: nothing has changed
            after = {record.reference: _laid(record, record.allocations) for record in written}
            books_at = {record.reference: record.books_updated_at for record in written}
            tell(company_file=company_file, before=before, after=after, books_at=books_at, at=at)
        if written:
            bump(company_file_ids=[company_file.pk])
        return Outcome(len(new), len(changed), len(latest) - len(new) - len(changed))


def upsert_credit_memos(*, company_file: CompanyFile, records: Sequence[CreditMemoRecord], at: datetime) -> Outcome:
    """Make the credit memos of `company_file` what `records` say; an older version changes nothing."""
    with transaction.atomic():
        latest = _latest(records)
        known: dict[str, CreditMemo] = _known(CreditMemo, latest, company_file=company_file)
        new = [record for reference, record in latest.items() if reference not in known]
        changed = [
            (memo, latest[reference])
            for reference, memo in known.items()
            if not is_older(latest[reference], than=memo) and _differs(memo, latest[reference], CREDIT_MEMO_FIELDS)
        ]
        _write(CreditMemo, CREDIT_MEMO_FIELDS, company_file=company_file, new=new, changed=changed, at=at)
        if new or changed:
            bump(company_file_ids=[company_file.pk])
        return Outcome(len(new), len(changed), len(latest) - len(new) - len(changed))


def forget_payments(
    *, company_file: CompanyFile, references: Sequence[str], books_at: Mapping[str, datetime | None], at: datetime
) -> int:
    """Mark payments as deleted in the books and say so on their invoices; how many were not marked before."""
    known = [
        payment
        for payment in _known(BooksPayment, references, company_file=company_file).values()
        if payment.deleted_at is None
    ]
    lines = _lines(known)
    before = {payment.reference: _laid(payment, lines.get(payment.pk, ())) for payment in known}
    _forget(known, books_at=books_at, at=at)
    after: dict[str, Laid] = {payment.reference: {} for payment in known if not payment.is_void}
    tell(company_file=company_file, before=before, after=after, books_at=books_at, at=at)
    if known:
        bump(company_file_ids=[company_file.pk])
    return len(known)


def forget_credit_memos(
    *, company_file: CompanyFile, references: Sequence[str], books_at: Mapping[str, datetime | None], at: datetime
) -> int:
    """Mark credit memos as deleted in the books; how many were not marked before."""
    known = [
        memo for memo in _known(CreditMemo, references, company_file=company_file).values() if memo.deleted_at is None
    ]
    _forget(known, books_at=books_at, at=at)
    if known:
        bump(company_file_ids=[company_file.pk])
    return len(known)


def tell(
    *,
    company_file: CompanyFile,
    before: Mapping[str, Laid],
    after: Mapping[str, Laid],
    books_at: Mapping[str, datetime | None],
    at: datetime,
) -> None:
    """Write into the history of every invoice what payments were to it `before` and are `after`, where that differs."""
    told: list[tuple[str, str, str, str]] = []  # invoice, payment, from, to
    for payment, laid in after.items():
        earlier = before.get(payment, {})
        for invoice in {**earlier, **laid}:
            was, now = earlier.get(invoice, ""), laid.get(invoice, "")
            if was != now:
                told.append((invoice, payment, was, now or "removed"))
    named = Invoice.objects.filter(
        InArray("qbk_invoice_id", {invoice for invoice, *_ in told}), company_file=company_file
    )
    keys = dict(named.values_list("qbk_invoice_id", "pk"))
    InvoiceChange.objects.bulk_create(
        InvoiceChange(
            invoice_id=keys[invoice],
            at=at,
            books_at=books_at.get(payment),
            changes=[{"field": "payment", "from": was, "to": now}],
        )
        for invoice, payment, was, now in told
        if invoice in keys
    )


def _laid(payment: Any, allocations: Sequence[AllocationRecord]) -> Laid:
    """For each invoice what the payment (a row or a record) is to it, in words without a currency."""
    sums: dict[str, Decimal | None] = {}
    for line in allocations:
        if line.kind == INVOICE:
            earlier = sums.get(line.reference, Decimal(0))
            sums[line.reference] = None if earlier is None or line.amount is None else earlier + line.amount
    kind = "Payment" if payment.moves_money else "Credit"
    done = f" {'received' if payment.moves_money else 'applied'} {payment.paid_on}" if payment.paid_on else ""
    void = ", voided" if payment.is_void else ""
    return {
        invoice: f"{kind} of {'an amount that cannot be read' if amount is None else f'{amount:f}'}{done}{void}"
        for invoice, amount in sums.items()
    }


def _latest(records: Sequence[Any]) -> dict[str, Any]:
    """Each object once, in its newest version."""
    latest: dict[str, Any] = {}
    for record in records:
        other = latest.get(record.reference)
        if other is None or not is_older(record, than=other):
            latest[record.reference] = record
    return latest


def _known(model: type[models.Model], references: Any, *, company_file: CompanyFile) -> dict[str, Any]:
    rows = (
        model._default_manager.select_for_update()
        .filter(InArray("reference", references), company_file=company_file)
        .order_by("pk")
    )
    return {row.reference: row for row in rows}  # type: ignore[attr-defined]


def _lines(payments: Any) -> dict[int, tuple[AllocationRecord, ...]]:
    """The lines of each payment by its key, in their order."""
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
    """The lines of each payment are those of its record, in its order."""
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


def _forget(rows: Sequence[Any], *, books_at: Mapping[str, datetime | None], at: datetime) -> None:
    if not rows:
        return
    update_rows(
        model=type(rows[0]),
        columns=["deleted_at", "books_updated_at", "updated_at"],
        rows=[[row.pk, at, later(row.books_updated_at, books_at.get(row.reference)), at] for row in rows],
    )
