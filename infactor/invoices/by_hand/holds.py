"""What was asked for an invoice already. Apps above register what they may have been asked.

Some of it ends when the invoice is corrected, such as a buyer's confirmation: the app above is told, and ends it.
"""

from collections.abc import Callable
from datetime import datetime

from infactor.invoices.models import Invoice
from infactor.users.models import User

# Says what was asked for the invoice, in a sentence; "" for nothing.
Hold = Callable[[Invoice], str]
# Ends what was asked for an invoice that its supplier has corrected, in the transaction of the correction.
Correction = Callable[[Invoice, User, datetime], None]

_holds: dict[Hold, bool] = {}
_corrections: list[Correction] = []


def register(hold: Hold, *, ends_with_correction: bool = False) -> None:
    """Ask `hold` before an invoice by hand is deleted, and before it is changed unless a correction ends it."""
    _holds[hold] = ends_with_correction


def register_correction(correction: Correction) -> None:
    """Call `correction` when an invoice by hand was corrected. An exception from it rolls the correction back."""
    if correction not in _corrections:
        _corrections.append(correction)


def reason(invoice: Invoice, *, correcting: bool = False) -> str:
    """Why the invoice must stay as it is; "" where it need not. `correcting`: what a correction ends is no reason."""
    asked = (hold for hold, ends in _holds.items() if not (correcting and ends))
    return next((why for hold in asked if (why := hold(invoice))), "")


def corrected(invoice: Invoice, *, by: User, at: datetime) -> None:
    """End what was asked for an invoice as it was before."""
    for correction in _corrections:
        correction(invoice, by, at)
