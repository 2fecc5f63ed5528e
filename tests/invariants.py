"""What must hold whatever happened: the invariants that every fault test and every simulated story ends with.

I1 nothing twice. I2 what is here is what the books hold, gone and voided ones included. I3 money to the cent. I4 no
cursor beyond what was read. I5 every answer that was no good has Intuit's own id. I6 a connection is in a state that is
known and explained. I7 nothing counts as read before it was. I8 nobody holds another's rows.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from infactor.invoices.models import BooksPayment, Buyer, CreditMemo, Invoice, PaymentAllocation
from quickbooks_app.models import ApiCall, Connection, Document, ImportRun

Objects = Mapping[str, Sequence[Mapping[str, Any]]]


def assert_hold(connection: Connection, books: Objects, *, at: datetime) -> None:
    """The invariants, beside the living objects of the books by their entity."""
    assert_in_step(connection, books)
    assert_sound(connection, at=at)


def assert_in_step(connection: Connection, books: Objects) -> None:
    """I1, I2 and I3: what is here and alive is what the books hold; the rest is marked as gone."""
    file = connection.company_file
    theirs = {one["Id"]: one for one in books["Invoice"]}
    ours = {one.qbk_invoice_id: one for one in Invoice.objects.filter(company_file=file)}
    assert len(ours) == Invoice.objects.filter(company_file=file).count()
    alive = {qbk_id for qbk_id, one in ours.items() if one.books_status != "deleted"}
    assert alive == set(theirs), _difference("invoices", alive, set(theirs))
    for qbk_id, source in theirs.items():
        one = ours[qbk_id]
        assert (one.invoice_amount, one.balance) == (_money(source["TotalAmt"]), _money(source["Balance"])), qbk_id
        assert (one.invoice_no, one.company_name) == (source.get("DocNumber", ""), source["CustomerRef"]["name"]), (
            qbk_id
        )
        assert one.sync_token == source["SyncToken"], qbk_id
        assert one.books_status == _status(source), f"invoice {qbk_id} is {one.books_status}"
        assert one.buyer is None or one.buyer.reference == source["CustomerRef"]["value"], qbk_id
    _assert_names(connection, books["Customer"])
    _assert_payments(connection, books)
    for entity, objects in books.items():
        mirrored = Document.objects.filter(connection=connection, entity=entity, deleted_at__isnull=True)
        held = set(mirrored.values_list("qbk_id", flat=True))
        assert held == {one["Id"] for one in objects}, _difference(entity, held, {one["Id"] for one in objects})


def assert_sound(connection: Connection, *, at: datetime) -> None:
    """I4 to I8, which hold at every moment."""
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
    assert not ApiCall.objects.filter(connection=row, status__gte=400, intuit_tid="").exists()
    for model in (Invoice, Buyer, BooksPayment, CreditMemo):
        astray = model.objects.filter(company_file=row.company_file).exclude(supplier=row.supplier)
        assert not astray.exists()
    assert not Invoice.objects.filter(company_file=row.company_file, buyer__isnull=False).exclude(
        buyer__company_file=row.company_file
    )


def _assert_names(connection: Connection, customers: Sequence[Mapping[str, Any]]) -> None:
    ours = {
        one.reference: (one.name, one.is_active) for one in Buyer.objects.filter(company_file=connection.company_file)
    }
    for source in customers:
        assert ours[source["Id"]] == (source["DisplayName"], source["Active"]), f"customer {source['Id']}"


def _assert_payments(connection: Connection, books: Objects) -> None:
    for model, entity in ((BooksPayment, "Payment"), (CreditMemo, "CreditMemo")):
        ours = {
            one.reference: one.amount
            for one in model.objects.filter(company_file=connection.company_file, deleted_at__isnull=True)
        }
        theirs = {one["Id"]: _money(one["TotalAmt"]) for one in books[entity]}
        assert ours == theirs, _difference(entity, set(ours.items()), set(theirs.items()))
    paid: Counter[tuple[str, str]] = Counter()
    for payment in books["Payment"]:
        for line in payment["Line"]:
            for link in line["LinkedTxn"]:
                paid[payment["Id"], link["TxnId"]] += _money(line["Amount"])  # type: ignore[assignment]
    held: Counter[tuple[str, str]] = Counter()
    for one in PaymentAllocation.objects.filter(
        payment__company_file=connection.company_file, payment__deleted_at__isnull=True, payment__is_void=False
    ).select_related("payment"):
        held[one.payment.reference, one.reference] += one.amount  # type: ignore[assignment]
    assert held == paid


def _status(source: Mapping[str, Any]) -> str:
    total, balance = _money(source["TotalAmt"]), _money(source["Balance"])
    if total == 0 and str(source.get("PrivateNote", "")).startswith("Voided"):
        return "voided"
    if balance == 0:
        return "paid"
    return "open" if balance == total else "partly_paid"


def _money(value: Any) -> Decimal:
    return Decimal(str(value))


def _difference(what: str, ours: set[Any], theirs: set[Any]) -> str:
    return f"{what}: only here {sorted(ours - theirs)}, only in the books {sorted(theirs - ours)}"
