"""Superseded versions of documents: kept in the transaction that replaces them, and found again by moment."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connection as database

from infactor.core.bulk import InArray
from infactor.suppliers.models import Supplier
from quickbooks_app.models import Document, DocumentVersion

KEEP = """
    INSERT INTO quickbooks_app_documentversion (document_id, sync_token, books_updated_at, books_deleted_at, digest,
        payload, dictionary_id, is_deleted, known_from, known_until)
    SELECT id, sync_token, books_updated_at, books_deleted_at, digest, payload, dictionary_id, deleted_at IS NOT NULL,
        COALESCE(deleted_at, fetched_at), GREATEST(COALESCE(deleted_at, fetched_at), %(at)s)
    FROM quickbooks_app_document WHERE id = ANY(%(ids)s) ORDER BY id
"""


def keep(*, document_ids: Sequence[int], at: datetime) -> None:
    """Keep these documents as they are, before the caller replaces them: known until `at`. One statement.

    The caller holds the lock on the company file and writes the new versions in the same transaction, so no version is
    lost, and none is kept twice.
    """
    if document_ids:
        with database.cursor() as cursor:
            cursor.execute(KEEP, {"ids": list(document_ids), "at": at})


def documents_as_known(
    *, supplier: Supplier, entity: str, at: datetime, ids: Collection[str] | None = None
) -> list[Document | DocumentVersion]:
    """What infactor knew of a supplier's objects of one `entity` at the moment `at`: all, or those with these `ids`.

    Objects that were not known yet are left out, and so are those whose version of that moment was deleted by
    retention. `payloads.read_all` reads the bytes. Two queries.
    """
    documents = Document.objects.filter(connection__supplier=supplier, entity=entity)
    if ids is not None:
        documents = documents.filter(InArray("qbk_id", ids))
    # The documents first: one that is superseded between the two queries is then found among the versions as well.
    latest = {one.pk: one for one in documents.order_by("pk")}
    superseded = (
        DocumentVersion.objects.filter(document__in=latest, known_until__gt=at)
        .select_related("document")
        .order_by("document_id", "pk")
        .distinct("document_id")
    )
    found: dict[int, Document | DocumentVersion] = {**latest, **{one.document_id: one for one in superseded}}
    return [one for one in found.values() if one.known_from <= at]
