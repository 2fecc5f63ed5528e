"""Answers to writes in the raw store: what QuickBooks has just said needs no metered read."""

from datetime import datetime

from django.db import transaction

from quickbooks_app.api.client import Written
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.models import Connection, Document
from quickbooks_app.sync.apply_page import apply_page, lock_company_file
from quickbooks_app.sync.deletions import mark_deleted


def save(*, connection: Connection, entity: str, written: Written, at: datetime) -> None:
    """Store the object that a write has returned, and import it if infactor does.

    The answer to a repeated request is that of the first time. Where this version was read meanwhile, what was read is
    newer: a customer that was renamed since changes its invoices without a new version of them.
    """
    if not written.qbk_id:
        return
    answer = FetchedObject.from_bytes(written.raw)
    with transaction.atomic():
        lock_company_file(connection)
        known = stored(connection=connection, entity=entity, qbk_id=written.qbk_id)
        if known is None or answer.header is None or known.sync_token != answer.header.SyncToken:
            apply_page(connection=connection, entity=entity, objects=[answer], at=at)


def save_deletion(*, connection: Connection, entity: str, qbk_id: str, at: datetime) -> None:
    """Mark the object as deleted."""
    with transaction.atomic():
        mark_deleted(connection=connection, entity=entity, deleted={qbk_id: at}, books_time=at, at=at)


def stored(*, connection: Connection, entity: str, qbk_id: str) -> Document | None:
    """What is stored of an object that is not deleted."""
    return Document.objects.filter(connection=connection, entity=entity, qbk_id=qbk_id, deleted_at__isnull=True).first()
