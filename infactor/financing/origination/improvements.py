"""What would make an advance larger or cheaper: invoices that need one step, such as a buyer's confirmation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from infactor.financing import terms_in_force
from infactor.financing.models import Eligibility
from infactor.financing.origination import suggestions
from infactor.financing.origination.suggestions import InvoiceCandidate, Suggestion
from infactor.financing.pricing import cheapest_set
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.models import Supplier

ZERO = Decimal("0.00")
SHOWN = 5
MAX_COMPARED = 60  # invoices: each comparison is a search of its own


@dataclass(frozen=True)
class Improvement:
    """One invoice that needs a step, in the currency that was asked for.

    `more` is the cash that it would add, `saved` by how much the same amount would cost less with it.
    """

    invoice: InvoiceCandidate
    more: Decimal
    saved: Decimal


def improvements(
    *, supplier: Supplier, currency: str, at: datetime, suggestion: Suggestion | None = None
) -> list[Improvement]:
    """The invoices in `currency` that need a step: those that save most in front, then those that bring most.

    Limits may leave less than the sum of several of them. Raises terms_in_force.TermsNotSet.
    """
    today = supplier_today(supplier=supplier, at=at)
    terms = terms_in_force.terms_for(supplier=supplier, currency=currency, on=today).record()
    waiting = suggestions.candidates(
        supplier=supplier, terms=terms, today=today, decision=Eligibility.Decision.NEEDS_ACTION
    )
    largest = sorted(waiting, key=lambda one: (-one.advance, one.invoice_id))[:SHOWN]
    found = [Improvement(one, more=one.advance, saved=_saved(one, suggestion)) for one in largest]
    return sorted(found, key=lambda one: (-one.saved, -one.more, one.invoice.invoice_id))


def _saved(invoice: InvoiceCandidate, suggestion: Suggestion | None) -> Decimal:
    """By how much the cheapest invoices for the same amount would cost less if `invoice` were one of those eligible."""
    if suggestion is None:
        return ZERO
    eligible: Sequence[InvoiceCandidate] = [*suggestion.selected, *suggestion.excluded]
    if len(eligible) > MAX_COMPARED:
        return ZERO
    choice = cheapest_set.find_cheapest_set(
        candidates=[cheapest_set.Candidate(one.invoice_id, one.advance, one.fee) for one in (*eligible, invoice)],
        amount=suggestion.amount,
    )
    return max(suggestion.fee - choice.fee, ZERO)
