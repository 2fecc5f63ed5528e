"""Days overdue, as the supplier sees them."""

from datetime import date

from infactor.invoices.models import Invoice
from infactor.invoices.states import State, is_overdue

# The buyer has paid infactor, or nothing is owed any more. The books may not know it yet.
SETTLED_STATES = (State.PAID, State.COMPLETED)


def days_late(invoice: Invoice, *, is_repurchased: bool, today: date) -> int:
    """Days past the due date on the supplier's date `today`; 0 if nothing is owed any more.

    An invoice that the supplier has bought back is owed to the supplier again.
    """
    due = invoice.payable_date
    if due is None or (invoice.state in SETTLED_STATES and not is_repurchased):
        return 0
    overdue = is_overdue(books_status=invoice.books_status, payable_date=due, today=today)
    return (today - due).days if overdue else 0
