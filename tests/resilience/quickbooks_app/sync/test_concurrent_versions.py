"""Two writers of the same document at once keep each version once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from infactor.invoices.models import InvoiceVersion
from quickbooks_app.documents import payloads
from quickbooks_app.models import Document, DocumentVersion
from quickbooks_app.sync.apply_page import apply_page
from quickbooks_app.sync.deletions import mark_deleted
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.payloads import NOON, fetched, invoice, stamps
from tests.support.processes.threads import WELL, run_concurrently

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_and_a_webhook_that_bring_the_same_versions_keep_each_once() -> None:
    connection = ConnectionFactory()
    raws = [
        invoice(SyncToken=str(hour), Balance=hour, MetaData=stamps(NOON, NOON + timedelta(hours=hour)))
        for hour in range(4)
    ]

    def apply(hour: int) -> Callable[[], None]:
        @transaction.atomic
        def work() -> None:
            at = NOON + timedelta(hours=hour, minutes=1)
            apply_page(connection=connection, entity="Invoice", objects=fetched("Invoice", raws[hour]), at=at)

        return work

    @transaction.atomic
    def delete() -> None:
        at = NOON + timedelta(hours=9)
        mark_deleted(connection=connection, entity="Invoice", deleted={"130": at}, books_time=at, at=at)

    apply(0)()
    assert run_concurrently([apply(1), apply(2), apply(3)] * 2 + [delete, delete]) == [WELL] * 8
    kept = list(DocumentVersion.objects.order_by("pk"))
    contents = [(payloads.read(one), one.is_deleted) for one in kept]
    assert len({*contents}) == len(contents)
    assert contents[0] == (raws[0], False)
    document = Document.objects.get()
    assert document.deleted_at is not None
    assert (payloads.read(document), True) not in contents
    spans = [(one.known_from, one.known_until) for one in kept]
    assert all(start <= end for start, end in spans)
    assert InvoiceVersion.objects.count() <= len(kept)
