"""What a supplier says of one invoice, as values."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REQUIRED = {
    "number": gettext_lazy("Enter the invoice number."),
    "buyer_name": gettext_lazy("Enter the buyer."),
    "buyer_email": gettext_lazy("Enter the buyer's email address: they confirm the invoice."),
    "issued": gettext_lazy("Enter the invoice date."),
    "due": gettext_lazy("Enter the due date."),
    "amount": gettext_lazy("Enter the amount."),
    "currency": gettext_lazy("Choose the currency."),
}
MAX_NUMBER, MAX_NAME, MAX_EMAIL, MAX_ORDER, MAX_DESCRIPTION = 100, 200, 500, 100, 1000


class Entry(NamedTuple):
    """One invoice. Amounts are in `currency`, with two decimals; `paid` is what the buyer has paid of it already.

    In a draft anything may be missing. `description` says what was delivered.
    """

    number: str = ""
    buyer_name: str = ""
    buyer_email: str = ""
    issued: date | None = None
    due: date | None = None
    amount: Decimal | None = None
    tax: Decimal = Decimal("0.00")
    currency: str = ""
    purchase_order: str = ""
    description: str = ""
    paid: Decimal = Decimal("0.00")


def problems(entry: Entry, *, is_draft: bool = False) -> dict[str, str]:
    """What is wrong, by field."""
    found = {} if is_draft else {name: str(text) for name, text in REQUIRED.items() if not getattr(entry, name)}
    if entry.amount is not None:
        if entry.amount <= 0:
            found["amount"] = _("Enter an amount above zero.")
        elif not 0 <= entry.tax < entry.amount:
            found["tax"] = _("The tax must be less than the amount.")
        elif not 0 <= entry.paid <= entry.amount:
            found["paid"] = _("This must not be more than the amount.")
    if entry.issued and entry.due and entry.due < entry.issued:
        found["due"] = _("The due date is before the invoice date.")
    return found
