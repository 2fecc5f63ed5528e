"""The one status of an invoice that a supplier reads, with its reason: templates/parts/_status.html shows it."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from infactor.core import money
from infactor.core.translatable import Text
from infactor.dashboard import eligibility_labels
from infactor.dashboard.eligibility_labels import IN_STATES, NOT_OWED, Decision
from infactor.financing.models import Eligibility
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.invoices.status_label import status_label

# Answers that ended a request. The invoice may be eligible again, so they are the reason and not the status.
ENDED = (State.REFUSED, State.PROPOSAL_REJECTED)


@dataclass(frozen=True)
class InvoiceStatus:
    """The text and tone of the pill, and why, in a few words; `reason` may be empty."""

    text: Text
    tone: str
    reason: Text = ""


def invoice_status(invoice: Invoice, *, today: date, last_offer_status: str = "") -> InvoiceStatus:
    """The status of an invoice that was loaded with its eligibility, on the supplier's day `today`.

    In order of precedence: bought back; in financing, paid, voided or deleted; rejected by the buyer; eligibility.
    """
    label = status_label(
        state=invoice.state,
        books_status=invoice.books_status,
        last_offer_status=last_offer_status or getattr(invoice, "last_offer_status", "") or "",
    )
    if getattr(invoice, "is_repurchased", False):
        return InvoiceStatus(*eligibility_labels.BOUGHT_BACK)
    if invoice.state in IN_STATES or invoice.books_status in NOT_OWED:
        return InvoiceStatus(*label)
    row = eligibility_labels.eligibility_of(invoice)
    if invoice.state == State.REJECTED:
        return InvoiceStatus(*label, reason="" if row is None else _("Correct it, then submit it again"))
    if row is None:
        return InvoiceStatus(*eligibility_labels.NOT_EVALUATED)
    found = _of_eligibility(row, invoice, today=today)
    if invoice.state not in ENDED:
        return found
    return InvoiceStatus(found.text, found.tone, "; ".join(str(one) for one in (found.reason, label.text) if one))


def _of_eligibility(row: Eligibility, invoice: Invoice, *, today: date) -> InvoiceStatus:
    if row.decision == Decision.ELIGIBLE:
        cash = eligibility_labels.advance_of(invoice)
        reason = _("%(cash)s now") % {"cash": money.format_amount(cash, invoice.currency)} if cash is not None else ""
        return InvoiceStatus(_("Eligible"), "good", reason)
    if row.decision == Decision.NEEDS_ACTION:
        return InvoiceStatus(_("Action needed"), "info", eligibility_labels.badge(invoice, today=today).text)
    return InvoiceStatus(_("Not eligible"), "neutral", eligibility_labels.reason_of(invoice, today=today).capitalize())
