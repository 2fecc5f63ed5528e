"""What a supplier has made, in words: what each push is about, and how it stands."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from infactor.invoices.models import Buyer, Invoice
from quickbooks_app.api.writes import bodies
from quickbooks_app.making.made import ENDED, endings_of, pushes_of
from quickbooks_app.models import Connection, Push

Operation, State = Push.Operation, Push.State
KINDS = {"Customer": _("Buyer"), "Invoice": _("Invoice"), "Payment": _("Payment")}
OUTCOMES = {State.WAITING: _("Waiting"), State.SENDING: _("Being written"), State.FAILED: _("Failed")}
WRITTEN = _("In QuickBooks")


class MadeObject(NamedTuple):
    """One row of the supplier's list: the push that made it, what it is, and how it stands."""

    push: Push
    kind: str
    title: str
    outcome: str
    invoice: Invoice | None


def list_made(connection: Connection, *, limit: int) -> list[MadeObject]:
    """The newest of what the supplier made. Four queries."""
    return describe(connection, list(pushes_of(connection).filter(operation=Operation.CREATE)[:limit]))


def describe(connection: Connection, pushes: Sequence[Push]) -> list[MadeObject]:
    """What pushes of the company are about, in words, and how they stand. Three queries, four with a void payment."""
    fields = {push.pk: bodies.decode(push.fields.encode()) for push in pushes}
    # The void of a payment has no fields: what it paid stands in the push that made it.
    voids = {push.qbk_id: push.pk for push in pushes if push.entity == "Payment" and not fields[push.pk]}
    if voids:
        made = pushes_of(connection).filter(operation=Operation.CREATE, entity="Payment", qbk_id__in=voids)
        fields |= {voids[one.qbk_id]: bodies.decode(one.fields.encode()) for one in made}
    of_file = {"company_file": connection.company_file_id}
    ids = {push.pk: _invoice_id(push, fields[push.pk]) for push in pushes}
    invoices = {
        one.qbk_invoice_id: one
        for one in Invoice.objects.filter(qbk_invoice_id__in=set(ids.values()) - {""}, **of_file)
    }
    buyers = {
        one.reference: one
        for one in Buyer.objects.filter(reference__in={_customer_id(one) for one in fields.values()} - {""}, **of_file)
    }
    endings = endings_of(connection, [push.qbk_id for push in pushes if push.qbk_id])
    return [
        MadeObject(
            push,
            str(KINDS[push.entity]),
            _title(push, fields[push.pk], invoices.get(ids[push.pk]), buyers),
            _outcome(push, endings),
            invoices.get(ids[push.pk]),
        )
        for push in pushes
    ]


def _title(push: Push, fields: Mapping[str, Any], invoice: Invoice | None, buyers: Mapping[str, Buyer]) -> str:
    if push.entity == "Customer":
        return str(fields.get("DisplayName", ""))
    if invoice is not None:
        number = invoice.invoice_no or gettext("without a number")
        return f"{number}, {invoice.company_name}"
    found = (fields.get("DocNumber"), buyers.get(_customer_id(fields)))
    return ", ".join(str(one) for one in found if one)


def _invoice_id(push: Push, fields: Mapping[str, Any]) -> str:
    """The QuickBooks id of the invoice that was made, or that a payment pays."""
    if push.entity != "Payment":
        return push.qbk_id if push.entity == "Invoice" else ""
    links = [link["TxnId"] for line in fields.get("Line", []) for link in line.get("LinkedTxn", [])]
    return str(links[0]) if links else ""


def _customer_id(fields: Mapping[str, Any]) -> str:
    return str(fields.get("CustomerRef", {}).get("value", ""))


def _outcome(push: Push, endings: Mapping[tuple[str, str], str]) -> str:
    if push.state != State.DONE:
        return str(OUTCOMES[State(push.state)])
    if push.operation == Operation.CREATE:
        return endings.get((push.entity, push.qbk_id)) or str(WRITTEN)
    return str(ENDED.get(Operation(push.operation), WRITTEN))
