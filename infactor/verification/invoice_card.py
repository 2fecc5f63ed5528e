"""The card on an invoice's page that shows the supplier the buyer's confirmation."""

from dataclasses import dataclass
from datetime import date

from infactor.documents import storage
from infactor.documents.models import Document
from infactor.invoices import invoice_documents
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.verification import answers, preconditions
from infactor.verification.answers import BuyerConfirmation
from infactor.verification.models import Verification


@dataclass(frozen=True)
class InvoiceCard:
    """Context of `verification/_confirmation_card.html`: last request, last answer, and what the supplier can do."""

    invoice: Invoice
    verification: Verification | None
    confirmation: BuyerConfirmation | None
    days_left: int
    is_stale: bool
    can_request: bool
    blocker: str
    can_resubmit: bool
    disputed: tuple[tuple[str, str], ...] = ()
    documents: tuple[Document, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.verification is not None and self.verification.status in Verification.OPEN


def card(*, invoice: Invoice, today: date) -> InvoiceCard:
    """The card of `invoice`; `today` is the supplier's day. Three queries or so."""
    last = Verification.objects.filter(invoice=invoice).select_related("supplier").order_by("-pk").first()
    is_open = last is not None and last.status in Verification.OPEN
    blocker = "" if is_open else preconditions.request_blocker(invoice=invoice)
    days_left = 0
    if last is not None and last.expires_at is not None:
        days_left = max((last.expires_at.astimezone(last.supplier.zone).date() - today).days, 0)
    return InvoiceCard(
        invoice=invoice,
        verification=last,
        confirmation=answers.confirmations_by_invoice(invoices=[invoice.pk]).get(invoice.pk),
        days_left=days_left,
        is_stale=last is not None
        and last.sent_at is not None
        and preconditions.is_stale(verification=last, invoice=invoice),
        can_request=not is_open and not blocker,
        blocker=blocker,
        can_resubmit=invoice.state == State.REJECTED,
        documents=tuple(storage.newest(invoice).filter(invoice_documents.FROM_BUYER)) if last is not None else (),
        disputed=tuple(last.disputed) if last is not None else (),
    )
