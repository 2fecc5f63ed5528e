"""Answers to writes in the raw store: what QuickBooks has just said needs no metered read."""

from datetime import datetime

from django.db import transaction

from quickbooks_app.api.client import Written
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.models import Connection, Document
from quickbooks_app.sync.apply_page import apply_page
from quickbooks_app.sync.deletions import mark_deleted


def save(*, connection: Connection, entity: str, written: Written, at: datetime) -> None:
    """Store the object that a write has returned, and import it if infactor does."""
    if written.qbk_id:
        with transaction.atomic():
            apply_page(connection=connection, entity=entity, objects=[FetchedObject.from_bytes(written.raw)], at=at)


def save_deletion(*, connection: Connection, entity: str, qbk_id: str, at: datetime) -> None:
    """Mark the object as deleted."""
    with transaction.atomic():
        mark_deleted(connection=connection, entity=entity, deleted={qbk_id: at}, books_time=at, at=at)


def stored(*, connection: Connection, entity: str, qbk_id: str) -> Document | None:
    """What is stored of an object that is not deleted."""
    return Document.objects.filter(connection=connection, entity=entity, qbk_id=qbk_id, deleted_at__isnull=True).first()
