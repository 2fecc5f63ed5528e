"""Moving an invoice with what happens to it: the one place where financing changes an invoice's state."""

from datetime import datetime

from infactor.core import transitions
from infactor.invoices.models import Invoice
from infactor.invoices.states import MOVES, State
from infactor.users.models import User
from infactor.verification import answers


def move_invoice(invoice: Invoice, *, to: str, by: User | None, at: datetime, reason: str = "") -> Invoice:
    """Move `invoice` to the state `to`, audited. Raises transitions.MoveRefused where financing.md has no such move."""
    return transitions.move(invoice, to=to, moves=MOVES, by=by, at=at, supplier_id=invoice.supplier_id, reason=reason)


def return_invoice(
    invoice: Invoice, *, to: str, since: datetime, by: User | None, at: datetime, reason: str = ""
) -> Invoice:
    """Back to the state `to`, where it was before it was asked for at `since`; then where its buyer has put it since.

    While it is asked for or offered a buyer's answer moves no invoice. One that goes back to wait for an answer has it.
    """
    returned = move_invoice(invoice, to=to, by=by, at=at, reason=reason)
    word = answers.standing_of(invoices=[invoice.pk]).get(invoice.pk)
    if to != State.CREATED or word is None or word.answered_at < since or not (word.is_disputed or word.is_valid):
        return returned
    heard = State.REJECTED if word.is_disputed else State.ACCEPTED
    return move_invoice(returned, to=heard, by=None, at=at, reason="its buyer had answered")


def lock_invoices(*, ids: list[int]) -> dict[int, Invoice]:
    """These invoices by id, locked in the order in which an import locks them."""
    rows = Invoice.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows.select_related("buyer")}
