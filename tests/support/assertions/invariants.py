"""The invariants that hold at the end of every fault test and every simulation.

I1 Nothing is stored twice. I2 infactor's copy equals QuickBooks, deleted and voided objects included. I3 Amounts are
exact to the cent. I4 No cursor is ahead of what was read. I5 Every failed call that reached Intuit has its id. I6 Every
connection is in a known state with a reason. I7 Nothing counts as read before it was read. I8 No row belongs to another
supplier.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from infactor.invoices.models import BooksPayment, Buyer, CreditMemo, Invoice
from quickbooks_app.models import ApiCall, Connection, Document, ImportRun
from tests.support.assertions import matches_quickbooks
from tests.support.assertions.matches_quickbooks import NONE_REFUSED, Refused

Objects = Mapping[str, Sequence[dict[str, Any]]]


def assert_invariants(connection: Connection, books: Objects, *, at: datetime, refused: Refused = NONE_REFUSED) -> None:
    """Assert all invariants; `books` are the live objects in QuickBooks, by entity, `refused` those not given out."""
    _assert_in_step(connection, books, refused)
    assert_sound(connection, at=at)


def _assert_in_step(connection: Connection, books: Objects, refused: Refused) -> None:
    """I1, I2 and I3: live rows and documents equal QuickBooks, and all others are marked as deleted."""
    matches_quickbooks.assert_matches_quickbooks(
        connection, {entity: {one["Id"]: one for one in found} for entity, found in books.items()}, refused
    )
    for entity, objects in books.items():
        mirrored = Document.objects.filter(connection=connection, entity=entity, deleted_at__isnull=True)
        held = list(mirrored.values_list("qbk_id", flat=True))
        assert len(held) == len(set(held)), entity
        excused = refused.get(entity, frozenset())
        assert set(held) - excused == {one["Id"] for one in objects} - excused, entity


def assert_sound(connection: Connection, *, at: datetime) -> None:
    """Assert I4 to I8, which hold at all times."""
    row = Connection.objects.select_related("company_file").get(pk=connection.pk)
    assert row.status in {"connected", "needs_attention", "disconnected"}
    assert row.status != "needs_attention" or row.status_reason
    assert row.company_file.as_of is None or row.company_file.as_of <= at
    ended = ImportRun.objects.filter(connection=row, state="succeeded")
    assert row.company_file.as_of is None or ended.exists(), "the books count as read before a run ended well"
    assert not ended.exclude(stage="done", cursor={}).exists()
    ever = Document.objects.filter(connection=row, entity="Invoice").count()
    assert not ImportRun.objects.filter(connection=row, kind="full", invoices_seen__gt=ever), "a page was counted twice"
    assert ImportRun.objects.filter(connection=row, state__in=ImportRun.OPEN).count() <= 1
    assert not ImportRun.objects.filter(connection=row, state="failed", error="").exists()
    # A gateway that gave up waiting knows no id of Intuit's.
    assert not ApiCall.objects.filter(connection=row, status__gte=400, intuit_tid="").exclude(status=504).exists()
    for model in (Invoice, Buyer, BooksPayment, CreditMemo):
        astray = model.objects.filter(company_file=row.company_file).exclude(supplier=row.supplier)
        assert not astray.exists()
    assert not Invoice.objects.filter(company_file=row.company_file, buyer__isnull=False).exclude(
        buyer__company_file=row.company_file
    )
