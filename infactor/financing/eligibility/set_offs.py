"""What buyers may set off: by what the supplier owes them, and by open credits, as far as no base has left it out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from infactor.financing.eligibility.rules.buyer import OWED
from infactor.financing.eligibility.utilization import Commitment
from infactor.invoices.receivables import BuyerAndCurrency, ReceivableInvoice

ZERO = Decimal("0.00")


def lower_of_both(
    owed: Mapping[BuyerAndCurrency, Decimal], *, invoices: Iterable[ReceivableInvoice]
) -> dict[BuyerAndCurrency, Decimal]:
    """What the supplier owes each buyer, at most what that buyer owes."""
    balances: dict[BuyerAndCurrency, Decimal] = defaultdict(Decimal)
    for invoice in invoices if owed else ():
        key = (invoice.buyer_key, invoice.currency)
        if key in owed and invoice.balance is not None and invoice.books_status in OWED:
            balances[key] += invoice.balance
    return {key: min(amount, balances[key]) for key, amount in owed.items() if balances[key] > 0}


def not_left_out(
    contra: dict[BuyerAndCurrency, Decimal],
    credits: dict[BuyerAndCurrency, Decimal],
    *,
    invoices: Iterable[ReceivableInvoice],
    own: Iterable[Commitment],
) -> tuple[dict[BuyerAndCurrency, Decimal], dict[BuyerAndCurrency, Decimal]]:
    """Contra and open credits less what financed invoices have left out of their base: nothing is taken off twice."""
    contra, credits = dict(contra), dict(credits)
    bases = {one.invoice_id: one.base for one in own}
    for invoice in invoices if bases and (contra or credits) else ():
        key = (invoice.buyer_key, invoice.currency)
        if invoice.id in bases and invoice.balance is not None and (key in contra or key in credits):
            left_out = max(invoice.balance - max(invoice.tax or ZERO, ZERO) - bases[invoice.id], ZERO)
            for amounts in (contra, credits):
                taken = min(left_out, amounts.get(key, ZERO))
                if taken:
                    amounts[key] -= taken
                    left_out -= taken
    return contra, credits
