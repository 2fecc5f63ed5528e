"""Inserts, updates and marks as deleted what is pulled beside invoices. Records may come in any order, any number of
times.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import models, transaction

from infactor.core.bulk import InArray, copy_rows, update_rows
from infactor.invoices.ingest import further_records as records
from infactor.invoices.ingest.deletions import later
from infactor.invoices.ingest.diff import is_older
from infactor.invoices.ingest.further_records import FurtherRecord
from infactor.invoices.ingest.revisions import increment
from infactor.invoices.ingest.upserts import UpsertCounts
from infactor.invoices.models import (
    Attachment,
    AttachmentLine,
    BooksAccount,
    CompanyFile,
    Deposit,
    DepositLine,
    Item,
    Order,
    Payable,
    Vendor,
)
from infactor.invoices.models.books_row import BooksRow


class Lines(NamedTuple):
    """The table of a row's lines, and the record of one."""

    model: type[models.Model]
    owner: str
    record: Any


class Kind(NamedTuple):
    """Where records of one kind are written. `scope` tells apart the kinds that share a table."""

    model: type[BooksRow]
    record: Any
    scope: Mapping[str, str] = {}
    lines: Lines | None = None
    decides: bool = False  # eligibility depends on it


KINDS = {
    "vendor": Kind(Vendor, records.VendorRecord, decides=True),
    "bill": Kind(Payable, records.PayableRecord, {"kind": Payable.Kind.BILL}, decides=True),
    "vendor_credit": Kind(Payable, records.PayableRecord, {"kind": Payable.Kind.VENDOR_CREDIT}, decides=True),
    "account": Kind(BooksAccount, records.AccountRecord),
    "deposit": Kind(Deposit, records.DepositRecord, lines=Lines(DepositLine, "deposit_id", records.DepositLineRecord)),
    "item": Kind(Item, records.ItemRecord),
    "estimate": Kind(Order, records.OrderRecord, {"kind": Order.Kind.ESTIMATE}),
    "purchase_order": Kind(Order, records.OrderRecord, {"kind": Order.Kind.PURCHASE_ORDER}),
    "attachment": Kind(
        Attachment, records.AttachmentRecord, lines=Lines(AttachmentLine, "attachment_id", records.AttachmentLineRecord)
    ),
}


def upsert(*, kind: str, company_file: CompanyFile, rows: Sequence[FurtherRecord], at: datetime) -> UpsertCounts:
    """Insert or update records of one of KINDS. A record that is older than the row changes nothing.

    Lines are replaced as a set. The revision of the books grows only where eligibility depends on them.
    """
    table = KINDS[kind]
    fields = [name for name in table.record._fields if name != "lines"]
    with transaction.atomic():
        latest = _latest(rows)
        known = _locked(table, latest, company_file=company_file)
        lines = _lines(table, [row.pk for row in known.values()])
        new = [record for reference, record in latest.items() if reference not in known]
        changed = [
            (row, latest[reference])
            for reference, row in known.items()
            if not is_older(latest[reference], than=row)
            and (
                row.deleted_at is not None
                or any(getattr(row, name) != getattr(latest[reference], name) for name in fields)
                or lines.get(row.pk, ()) != getattr(latest[reference], "lines", ())
            )
        ]
        _write(table, fields, company_file=company_file, new=new, changed=changed, at=at)
        written = [*new, *(record for _, record in changed)]
        _replace_lines(table, written, company_file=company_file)
        if written and table.decides:
            increment(company_file_ids=[company_file.pk])
        return UpsertCounts(len(new), len(changed), len(latest) - len(new) - len(changed))


def mark_deleted(*, kind: str, company_file: CompanyFile, deleted: Mapping[str, datetime | None], at: datetime) -> int:
    """Mark rows as deleted, from {reference: moment of deletion}. Returns how many were not marked before.

    The moment becomes the row's version, so that only a newer version restores it.
    """
    table = KINDS[kind]
    with transaction.atomic():
        known = [row for row in _locked(table, deleted, company_file=company_file).values() if row.deleted_at is None]
        update_rows(
            model=table.model,
            columns=["deleted_at", "books_updated_at", "updated_at"],
            rows=[[row.pk, at, later(row.books_updated_at, deleted[row.reference]), at] for row in known],
        )
        if known and table.decides:
            increment(company_file_ids=[company_file.pk])
        return len(known)


def allow_restore(*, kind: str, company_file: CompanyFile, references: Sequence[str]) -> None:
    """Let any version restore these rows: they were queried by id and exist."""
    table = KINDS[kind]
    rows = table.model._default_manager.filter(
        InArray("reference", references), company_file=company_file, deleted_at__isnull=False, **table.scope
    )
    rows.update(books_updated_at=None)


def _latest(rows: Sequence[Any]) -> dict[str, Any]:
    """The newest version of each record by its reference."""
    latest: dict[str, Any] = {}
    for record in rows:
        other = latest.get(record.reference)
        if other is None or not is_older(record, than=other):
            latest[record.reference] = record
    return latest


def _locked(table: Kind, references: Any, *, company_file: CompanyFile) -> dict[str, Any]:
    rows = (
        table.model._default_manager.select_for_update()
        .filter(InArray("reference", references), company_file=company_file, **table.scope)
        .order_by("pk")
    )
    return {row.reference: row for row in rows}


def _lines(table: Kind, keys: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """The lines of each row, in order, by its key."""
    found: dict[int, tuple[Any, ...]] = {}
    if table.lines is None or not keys:
        return found
    lines = table.lines
    rows = lines.model._default_manager.filter(InArray(lines.owner, keys)).order_by(lines.owner, "position")
    for key, *values in rows.values_list(lines.owner, *lines.record._fields):
        found[key] = (*found.get(key, ()), lines.record(*values))
    return found


def _write(
    table: Kind,
    fields: Sequence[str],
    *,
    company_file: CompanyFile,
    new: Sequence[Any],
    changed: Sequence[tuple[Any, Any]],
    at: datetime,
) -> None:
    columns = [*fields, "deleted_at", "updated_at"]

    def values(record: Any) -> list[Any]:
        return [*(getattr(record, name) for name in fields), None, at]

    if new:
        copy_rows(
            model=table.model,
            columns=[*columns, "supplier_id", "company_file_id", "created_at"],
            rows=([*values(record), company_file.supplier_id, company_file.pk, at] for record in new),
        )
    update_rows(model=table.model, columns=columns, rows=[[row.pk, *values(record)] for row, record in changed])


def _replace_lines(table: Kind, written: Sequence[Any], *, company_file: CompanyFile) -> None:
    if table.lines is None or not written:
        return
    lines = table.lines
    owners = table.model._default_manager.filter(
        InArray("reference", [record.reference for record in written]), company_file=company_file, **table.scope
    )
    keys = dict(owners.values_list("reference", "pk"))
    lines.model._default_manager.filter(InArray(lines.owner, keys.values())).delete()
    copy_rows(
        model=lines.model,
        columns=[lines.owner, "position", *lines.record._fields],
        rows=(
            [keys[record.reference], position, *line]
            for record in written
            for position, line in enumerate(record.lines)
        ),
    )
