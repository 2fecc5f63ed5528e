"""Deletions: marks objects that no longer exist in QuickBooks as deleted, in the caller's transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from infactor.core.bulk import InArray, update_rows
from infactor.invoices.contra import matches
from infactor.invoices.ingest import deletions, further_rows, payments
from quickbooks_app.documents import versions
from quickbooks_app.mapping.further import FURTHER
from quickbooks_app.models import Connection, Document
from quickbooks_app.objects.table import IMPORTED
from quickbooks_app.sync.apply_page import lock_company_file
from quickbooks_app.sync.import_issues import record_issues

TIMESTAMP_RESOLUTION = timedelta(seconds=1)  # of QuickBooks' timestamps


def mark_deleted(
    *,
    connection: Connection,
    entity: str,
    deleted: Mapping[str, datetime | None],
    books_time: datetime | None,
    at: datetime,
) -> int:
    """Mark objects as deleted. Returns how many were not marked before.

    `deleted` holds the time of each deletion by id. Without a time, `books_time` counts: QuickBooks' clock when it
    reported the deletion. The time becomes the object's version, so that an older version that arrives later has no
    effect.
    """
    if not deleted:
        return 0
    lock_company_file(connection)
    moments = {qbk_id: moment or books_time for qbk_id, moment in deleted.items()}
    documents = Document.objects.filter(
        InArray("qbk_id", moments), connection=connection, entity=entity, deleted_at__isnull=True
    )
    known = list(documents.values_list("pk", "qbk_id", "books_updated_at"))
    rows: list[list[int | datetime | None]] = [
        [pk, at, moments[qbk_id], deletions.later(updated, moments[qbk_id])] for pk, qbk_id, updated in known
    ]
    versions.keep(document_ids=[pk for pk, *_ in known], at=at)
    update_rows(model=Document, columns=["deleted_at", "books_deleted_at", "books_updated_at"], rows=rows)
    # Nobody can correct a deleted object: close its issues.
    record_issues(connection=connection, entity=entity, found={qbk_id: [] for qbk_id in moments}, at=at)
    file = connection.company_file
    match entity:
        case "Customer":
            count = deletions.deactivate_buyers(company_file=file, inactive=moments, at=at)
            matches.refresh(company_file=file, at=at, buyers=list(moments))
            return count
        case "Invoice":
            return deletions.mark_invoices_deleted(company_file=file, deleted=moments, at=at)
        case "Payment":
            return payments.mark_payments_deleted(company_file=file, references=list(moments), books_at=moments, at=at)
        case "CreditMemo":
            return payments.mark_credit_memos_deleted(
                company_file=file, references=list(moments), books_at=moments, at=at
            )
    if entity in FURTHER:
        kind = FURTHER[entity].kind
        count = further_rows.mark_deleted(kind=kind, company_file=file, deleted=moments, at=at)
        if entity == "Vendor":
            matches.refresh(company_file=file, at=at)
        return count
    return len(known)


def clear_deletion(*, connection: Connection, entity: str, ids: Iterable[str], books_time: datetime | None) -> None:
    """Accept any version of these objects again: they existed when QuickBooks responded at `books_time`.

    A deletion after that time stays: the response may have been delayed.
    """
    wanted = list(ids)
    if books_time is None or not wanted:
        return
    lock_company_file(connection)
    deleted = Document.objects.filter(
        InArray("qbk_id", wanted),
        connection=connection,
        entity=entity,
        deleted_at__isnull=False,
        books_updated_at__lt=books_time - TIMESTAMP_RESOLUTION,
    )
    restored = list(deleted.values_list("qbk_id", flat=True))
    if restored:
        deleted.update(books_updated_at=None)
        if entity in IMPORTED:
            deletions.allow_restore(company_file=connection.company_file, entity=entity, references=restored)
        elif entity in FURTHER:
            kind = FURTHER[entity].kind
            further_rows.allow_restore(kind=kind, company_file=connection.company_file, references=restored)
