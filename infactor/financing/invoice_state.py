"""State of invoices: the one place where financing moves an invoice from one state to another."""

from collections.abc import Collection
from datetime import datetime

from infactor.core import transitions
from infactor.invoices.models import Invoice
from infactor.invoices.states import TRANSITIONS, State
from infactor.users.models import User
from infactor.verification import answers

WIDE_COLUMNS = ("items", "tax_details", "linked_txn", "search_text")  # most of the bytes of an invoice


def move_invoice(invoice: Invoice, *, to: str, by: User | None, at: datetime, reason: str = "") -> Invoice:
    """Move `invoice` to the state `to`, audited. Raises transitions.TransitionNotAllowed (see TRANSITIONS)."""
    return transitions.move(
        invoice, to=to, transitions=TRANSITIONS, by=by, at=at, supplier_id=invoice.supplier_id, reason=reason
    )


def lock_and_move(*, ids: Collection[int], to: str, by: User | None, at: datetime) -> dict[int, Invoice]:
    """`move_invoice` for many invoices, locked as by `lock_invoices`: all of them or none. They are returned by id.

    Their lists of items, taxes and links are not read.
    """
    rows = Invoice.objects.select_for_update(of=("self",)).filter(pk__in=ids).defer(*WIDE_COLUMNS).order_by("pk")
    moved = transitions.move_all(
        list(rows),
        to=to,
        transitions=TRANSITIONS,
        by=by,
        at=at,
        supplier_id=lambda one: one.supplier_id,
        are_locked=True,
    )
    return {one.pk: one for one in moved}


def revert_invoice(
    invoice: Invoice, *, to: str, since: datetime, by: User | None, at: datetime, reason: str = ""
) -> Invoice:
    """Move an invoice back to the state `to` that it had before its request at `since`.

    A buyer's answer moves no invoice while it is requested or offered. So an invoice that goes back to wait for an
    answer, and has been answered since, moves on as the buyer answered.
    """
    reverted = move_invoice(invoice, to=to, by=by, at=at, reason=reason)
    confirmation = answers.confirmations_by_invoice(invoices=[invoice.pk]).get(invoice.pk)
    if to != State.CREATED or confirmation is None or confirmation.answered_at < since:
        return reverted
    if not confirmation.is_disputed and not confirmation.is_valid:
        return reverted
    answered = State.REJECTED if confirmation.is_disputed else State.ACCEPTED
    return move_invoice(reverted, to=answered, by=None, at=at, reason="the buyer answered meanwhile")


def lock_invoices(*, ids: list[int]) -> dict[int, Invoice]:
    """Lock these invoices in the order in which an import locks them, and return them by id."""
    rows = Invoice.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows.select_related("buyer")}
