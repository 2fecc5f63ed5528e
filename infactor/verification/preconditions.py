"""Which invoices a buyer can be asked to confirm, and whether a request still fits its invoice."""

from django.db.models import Q
from django.utils.translation import gettext as _

from infactor.invoices.models import Invoice
from infactor.invoices.models.company_file import BY_HAND
from infactor.invoices.states import FUNDED, BooksStatus, State
from infactor.suppliers import financing_status
from infactor.suppliers.models import Supplier
from infactor.verification import snapshots
from infactor.verification.models import Verification

# A rejected invoice must be resubmitted first. A finished one no longer needs a confirmation.
NOT_VERIFIABLE_STATES = (State.DRAFT, State.REJECTED, State.PAID, State.COMPLETED)


class NotVerifiable(Exception):
    """The buyer cannot be asked about this invoice now; the message tells the supplier or staff why."""


def require_verifiable(*, invoice: Invoice) -> None:
    """Raises NotVerifiable if there is nothing that the buyer could confirm."""
    if invoice.books_status not in (BooksStatus.OPEN, BooksStatus.PARTLY_PAID):
        raise NotVerifiable(_("Nothing is owed on this invoice any more."))
    is_by_hand = invoice.source == BY_HAND
    if invoice.balance is None or invoice.balance <= 0 or not invoice.currency:
        raise NotVerifiable(
            _("Enter the amount of this invoice first.")
            if is_by_hand
            else _("The open amount of this invoice cannot be read. Correct it in QuickBooks first.")
        )
    if not invoice.company_name and invoice.buyer is None:
        raise NotVerifiable(
            _("Enter the buyer of this invoice first.")
            if is_by_hand
            else _("This invoice names no customer. Choose one in QuickBooks first.")
        )
    if invoice.buyer is not None and not invoice.buyer.is_active:
        raise NotVerifiable(_("This customer is inactive in QuickBooks. Make it active, or choose another one first."))
    if invoice.state == State.REJECTED:
        raise NotVerifiable(_("The buyer rejected this invoice. Correct it and submit it again first."))
    if invoice.state in NOT_VERIFIABLE_STATES:
        raise NotVerifiable(_("This invoice no longer needs a confirmation."))


def require_supplier_may_request(*, invoice: Invoice) -> None:
    """Raises NotVerifiable if the supplier may not ask the buyer. Staff may still record an answer by phone."""
    if invoice.state in FUNDED:
        raise NotVerifiable(_("This invoice is or was financed, so your buyer no longer needs to confirm it."))
    require_approved_supplier(supplier=invoice.supplier)
    require_verifiable(invoice=invoice)


def require_approved_supplier(*, supplier: Supplier) -> None:
    """Raises NotVerifiable unless `supplier` is approved and has accepted the agreement: only then we write for it."""
    if blocker := financing_status.application_blocker(supplier=supplier):
        raise NotVerifiable(
            _("Finish your application: before that we do not contact your buyers. %(blocker)s") % {"blocker": blocker}
        )


def require_not_confirmed(*, invoice: Invoice) -> None:
    """Raises NotVerifiable if the buyer has confirmed the whole invoice as it is now."""
    answered = Verification.objects.filter(invoice=invoice, answered_at__isnull=False)
    last = answered.order_by("-answered_at", "-pk").first()
    if last is None or last.status != Verification.Status.CONFIRMED:
        return
    if not is_stale(verification=last, invoice=invoice):
        raise NotVerifiable(_("The buyer has already confirmed this invoice."))


def request_blocker(*, invoice: Invoice) -> str:
    """Why the supplier cannot ask the buyer of `invoice` now; "" if it can."""
    try:
        require_supplier_may_request(invoice=invoice)
        require_not_confirmed(invoice=invoice)
    except NotVerifiable as refusal:
        return str(refusal)
    return ""


def why_frozen(invoice: Invoice) -> str:
    """Why an invoice by hand can no longer be changed: its buyer was asked about it. "" if it was not."""
    asked = Q(sent_at__isnull=False) | Q(answered_at__isnull=False)
    if not Verification.objects.filter(asked, invoice=invoice).exists():
        return ""
    return _("Your buyer was asked to confirm this invoice, so it can no longer be changed.")


def is_stale(*, verification: Verification, invoice: Invoice) -> bool:
    """Whether the invoice has changed since the buyer was asked about it."""
    values = tuple(getattr(invoice, name) for name in snapshots.COMPARED_FIELDS)
    return snapshots.has_changed(
        facts_digest=verification.facts_digest, values=values, books_status=invoice.books_status
    )
