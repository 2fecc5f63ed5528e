"""Where to pay, on the invoice itself: the message to the customer of an invoice whose buyer was told to pay infactor.

The notice of assignment is the truth. While it is valid, the text stands below what the supplier wrote; once it is
released, the text is taken out again. Each is written once.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from infactor.financing.models import Notice
from infactor.financing.models.notice import VALID_STATUSES
from quickbooks_app.api.writes import bodies
from quickbooks_app.documents import payloads
from quickbooks_app.models import Connection, Push
from quickbooks_app.pushes.requests import AlreadyPushed, CannotPush, request_push
from quickbooks_app.writing import answers

BEGIN, END = "notice", "release"


def text_of(pay_to: Mapping[str, str]) -> str:
    """What stands on the invoice, from the remittance instructions of its notice."""
    return (
        f"This invoice is assigned to infactor. Please pay to {pay_to['holder']}, {pay_to['bank']}, "
        f"account {pay_to['account']}, routing {pay_to['routing']}, reference {pay_to['reference']}."
    )


def request_due(*, at: datetime) -> list[int]:
    """Ask for the texts that are missing, and for those to be taken out. Returns the ids of the pushes."""
    connections = Connection.objects.filter(
        status=Connection.Status.CONNECTED, integration__is_enabled=True, writes_allowed_at__isnull=False
    )
    requested = []
    for connection in connections.select_related("company_file", "supplier"):
        for notice, step in _due(connection):
            if push := _request(connection, notice, step=step, at=at):
                requested.append(push.pk)
    return requested


def _due(connection: Connection) -> Iterator[tuple[Notice, str]]:
    """The notices whose text is missing or must go, with what to do. What failed is not tried again by itself."""
    notices = Notice.objects.filter(invoice__company_file=connection.company_file_id).select_related("invoice")
    for notice in notices.filter(status__in=VALID_STATUSES, sent_at__gte=connection.writes_allowed_at).exclude(
        Exists(_pushes(connection, BEGIN))
    ):
        yield notice, BEGIN
    written = _pushes(connection, BEGIN).filter(state=Push.State.DONE)
    for notice in notices.filter(Exists(written), status=Notice.Status.RELEASED).exclude(
        Exists(_pushes(connection, END))
    ):
        yield notice, END


def _pushes(connection: Connection, step: str) -> QuerySet[Push]:
    reference = Concat(Value(f"{step} "), Cast(OuterRef("public_id"), CharField()))
    return Push.objects.filter(connection=connection, purpose=Push.Purpose.PAY_TO, reference=reference)


def _request(connection: Connection, notice: Notice, *, step: str, at: datetime) -> Push | None:
    document = answers.stored(connection=connection, entity="Invoice", qbk_id=notice.invoice.qbk_invoice_id)
    if document is None:
        return None  # it is deleted in the books
    present = bodies.decode(payloads.read(document))
    memo, text = str((present.get("CustomerMemo") or {}).get("value", "")), text_of(notice.facts["pay_to"])
    if (text in memo) == (step == BEGIN):
        return None
    new = f"{memo}\n\n{text}".strip() if step == BEGIN else memo.replace(text, "").strip()
    try:
        return request_push(
            connection=connection,
            entity="Invoice",
            operation=Push.Operation.UPDATE,
            qbk_id=notice.invoice.qbk_invoice_id,
            fields={"CustomerMemo": {"value": new}},
            present=present,
            purpose=Push.Purpose.PAY_TO,
            reference=f"{step} {notice.public_id}",
            by=None,
            at=at,
        )
    except (AlreadyPushed, CannotPush):
        return None  # written meanwhile, or not allowed any more
