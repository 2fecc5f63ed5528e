"""Whether a buyer is late with an invoice, as its supplier is told."""

from datetime import date

from infactor.invoices.models import Invoice
from infactor.invoices.states import State, is_overdue

# Its buyer has paid infactor, or nobody waits for it any more; the books may hear of it later.
OVER = (State.PAID, State.COMPLETED)


def days_late(invoice: Invoice, *, is_bought_back: bool, today: date) -> int:
    """So many days past its due date on the supplier's day `today`; 0 unless somebody still owes it.

    One that its supplier has bought back is owed to the supplier again.
    """
    due = invoice.payable_date
    if due is None or (invoice.state in OVER and not is_bought_back):
        return 0
    late = is_overdue(books_status=invoice.books_status, payable_date=due, today=today)
    return (today - due).days if late else 0
