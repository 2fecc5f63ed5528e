"""Every version of a QuickBooks document is kept once, compressed, and found again by the moment."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from infactor.core.compression import UnreadableValue
from quickbooks_app.documents import payloads, versions
from quickbooks_app.models import Connection, Document, DocumentVersion
from quickbooks_app.sync.apply_page import apply_page
from quickbooks_app.sync.deletions import clear_deletion, mark_deleted
from tests.support.factories.quickbooks import ConnectionFactory, create_document
from tests.support.payloads import NOON, fetched, invoice, stamps

pytestmark = pytest.mark.django_db

CREATED = NOON - timedelta(days=1)


def saved(minute: int, *, number: str = "1", token: int | None = None) -> bytes:
    """The invoice as the books saved it at that minute."""
    when = NOON + timedelta(minutes=minute)
    return invoice(number, SyncToken=str(minute if token is None else token), MetaData=stamps(CREATED, when))


def take(connection: Connection, *raws: bytes, minute: int) -> None:
    at = NOON + timedelta(minutes=minute)
    apply_page(connection=connection, entity="Invoice", objects=fetched("Invoice", *raws), at=at)


def delete(connection: Connection, *, at_books: datetime, minute: int) -> None:
    at = NOON + timedelta(minutes=minute)
    mark_deleted(connection=connection, entity="Invoice", deleted={"1": at_books}, books_time=at, at=at)


def known(connection: Connection, minute: float) -> list[tuple[bytes, bool]]:
    at = NOON + timedelta(minutes=minute)
    found = versions.documents_as_known(supplier=connection.supplier, entity="Invoice", at=at)
    return [(payloads.read(one), one.is_deleted) for one in found]


def test_changes_a_deletion_and_a_restoration_are_versions(connection: Connection) -> None:
    deleted_in_books = NOON + timedelta(minutes=25)
    take(connection, saved(0), minute=1)
    take(connection, saved(10), minute=11)
    delete(connection, at_books=deleted_in_books, minute=30)
    clear_deletion(connection=connection, entity="Invoice", ids=["1"], books_time=NOON + timedelta(minutes=40))
    take(connection, saved(35), minute=40)
    assert known(connection, 0.5) == []
    assert known(connection, 1) == known(connection, 10.9) == [(saved(0), False)]
    assert known(connection, 11) == [(saved(10), False)]
    assert known(connection, 30) == known(connection, 39) == [(saved(10), True)]
    assert known(connection, 40) == [(saved(35), False)]
    deletion = DocumentVersion.objects.get(is_deleted=True)
    assert deletion.books_deleted_at == deleted_in_books
    first = DocumentVersion.objects.order_by("pk").first()
    assert first is not None
    assert (first.books_updated_at, first.sync_token) == (NOON, "0")
    assert (first.known_from, first.known_until) == (NOON + timedelta(minutes=1), NOON + timedelta(minutes=11))


def test_the_same_page_again_or_a_crash_half_way_keeps_nothing_twice(connection: Connection) -> None:
    take(connection, saved(0), minute=1)
    with transaction.atomic():
        take(connection, saved(10), minute=11)
        transaction.set_rollback(True)  # as when the worker dies before the commit
    assert not DocumentVersion.objects.exists()
    for minute in (12, 13, 14):
        take(connection, saved(10), minute=minute)
    delete(connection, at_books=NOON + timedelta(minutes=20), minute=21)
    delete(connection, at_books=NOON + timedelta(minutes=20), minute=22)
    spans = DocumentVersion.objects.order_by("pk").values_list("known_from", "known_until")
    minutes = [tuple((moment - NOON) / timedelta(minutes=1) for moment in span) for span in spans]
    assert minutes == [(1, 12), (12, 21)]


def test_a_page_takes_as_many_queries_for_many_changed_documents_as_for_one(connection: Connection) -> None:
    def queries(count: int, minute: int) -> int:
        raws = [saved(minute, number=str(number)) for number in range(count)]
        with CaptureQueriesContext(database) as captured:
            take(connection, *raws, minute=minute)
        return len(captured)

    queries(40, 1)
    assert queries(1, 2) == queries(40, 3)
    assert DocumentVersion.objects.count() == 41


def test_what_is_stored_is_small_and_another_supplier_finds_nothing(connection: Connection) -> None:
    take(connection, saved(0), minute=1)
    take(connection, saved(10), minute=11)
    version = DocumentVersion.objects.get()
    assert len(version.payload) < len(saved(0)) / 2
    stranger = ConnectionFactory().supplier
    assert versions.documents_as_known(supplier=stranger, entity="Invoice", at=NOON + timedelta(hours=1)) == []
    assert (
        versions.documents_as_known(supplier=stranger, entity="Invoice", at=NOON + timedelta(hours=1), ids=["1"]) == []
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document, other: {"payload": b"nonsense"},
        lambda document, other: {"payload": bytes(other.payload)},
        lambda document, other: {"digest": b"0" * 16},
    ],
)
def test_a_document_that_is_not_what_was_received_is_never_read(
    connection: Connection, spoil: Callable[[Document, Document], dict[str, bytes]]
) -> None:
    document = create_document(connection=connection, raw=b'{"Id":"1"}')
    other = create_document(connection=connection, qbk_id="2", raw=b'{"Id":"2"}')
    Document.objects.filter(pk=document.pk).update(**spoil(document, other))
    document.refresh_from_db()
    with pytest.raises(UnreadableValue):
        payloads.read(document)
