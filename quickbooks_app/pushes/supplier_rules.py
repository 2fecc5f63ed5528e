"""What a supplier's own writes may not touch: an invoice that infactor finances, or may finance at any moment."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from quickbooks_app.api.writes import bodies
from quickbooks_app.api.writes.financed import financed_invoices
from quickbooks_app.documents import payloads
from quickbooks_app.models import Connection, Push
from quickbooks_app.writing import answers

FINANCED = _(
    "infactor finances this invoice, or you have asked it to, so it is not changed from here."
    " Withdraw the request first, or write to us."
)
PAID_HERE = _("infactor finances this invoice, so its buyer pays infactor, and infactor records what it receives.")


def why_not(*, connection: Connection, entity: str, operation: str, qbk_id: str, fields: Mapping[str, Any]) -> str:
    """Why the supplier may not write this, "" if it may. Asked when it is requested, and again before it is written."""
    is_financed = financed_invoices(connection)
    if entity == "Invoice" and operation != Push.Operation.CREATE and is_financed(qbk_id):
        return str(FINANCED)
    if entity == "Payment":
        paid = fields if operation == Push.Operation.CREATE else _stored(connection, qbk_id)
        if any(is_financed(invoice) for invoice in _paid_invoices(paid)):
            return str(PAID_HERE)
    return ""


def _stored(connection: Connection, qbk_id: str) -> Mapping[str, Any]:
    document = answers.stored(connection=connection, entity="Payment", qbk_id=qbk_id)
    return bodies.decode(payloads.read(document)) if document else {}


def _paid_invoices(payment: Mapping[str, Any]) -> list[str]:
    return [
        str(link.get("TxnId", ""))
        for line in payment.get("Line", [])
        for link in line.get("LinkedTxn", [])
        if link.get("TxnType") == "Invoice"
    ]
