"""Moving an invoice with what happens to it: the one place where financing changes an invoice's state."""

from datetime import datetime

from infactor.core import transitions
from infactor.invoices.lifecycle import MOVES
from infactor.invoices.models import Invoice
from infactor.users.models import User


def move_invoice(invoice: Invoice, *, to: str, by: User | None, at: datetime, reason: str = "") -> Invoice:
    """Move `invoice` to the state `to`, audited. Raises transitions.MoveRefused where financing.md has no such move."""
    return transitions.move(invoice, to=to, moves=MOVES, by=by, at=at, supplier_id=invoice.supplier_id, reason=reason)


def lock_invoices(*, ids: list[int]) -> dict[int, Invoice]:
    """These invoices by id, locked in the order in which an import locks them."""
    rows = Invoice.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows.select_related("buyer")}
