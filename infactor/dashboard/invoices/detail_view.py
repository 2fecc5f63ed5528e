"""The page of one invoice."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from infactor.dashboard import eligibility_labels
from infactor.dashboard.disputes.views import dispute_context
from infactor.dashboard.invoice_status import InvoiceStatus, invoice_status
from infactor.dashboard.invoices import detail, financing_panel
from infactor.dashboard.invoices.by_hand.document_views import documents_context
from infactor.dashboard.invoices.by_hand.invoice_card import by_hand_context
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing.value_dates import supplier_today
from infactor.invoices import selectors
from infactor.invoices.models import Invoice
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier
from infactor.verification import invoice_card


@require_safe
@for_supplier
def invoice(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    try:
        found = selectors.get_invoice(supplier=supplier, public_id=public_id)
    except Invoice.DoesNotExist as missing:
        raise Http404 from missing
    today = supplier_today(supplier=supplier, at=timezone.now())
    card = invoice_card.card(invoice=found, today=today)
    financing = financing_panel.financing_context(
        invoice=found, supplier=supplier, confirmation=card.confirmation, today=today
    )
    context = {
        **detail.detail_context(
            invoice=found, advance=financing["advance"], confirmation=financing["confirmation_stage"], today=today
        ),
        **financing,
        "buyer_card": card,
        **documents_context(found),
        **by_hand_context(found),
        **(dispute_context(found) if _may_be_disputed(found, card, financing) else {}),
    }
    context["status"] = _status(found, context, today=today)
    return render_for_supplier(request, "dashboard/invoice.html", context, supplier=supplier)


def _may_be_disputed(invoice: Invoice, card: invoice_card.InvoiceCard, financing: dict[str, Any]) -> bool:
    """Whether what the page has read anyway leaves it open that the invoice is disputed."""
    funded = financing["funded_advance"]
    is_denied = card.confirmation is not None and card.confirmation.is_disputed
    return is_denied or (funded is not None and funded.dispute is not None)


def _status(invoice: Invoice, context: dict[str, Any], *, today: date) -> InvoiceStatus:
    """The one status at the top of the page, with all that explains it."""
    line, funded = context["offer_line"], context["funded_advance"]
    late = context["days_late"]
    late_text = ngettext("%(days)s day late", "%(days)s days late", late) % {"days": late} if late else ""
    if context["is_repurchased"]:
        return InvoiceStatus(*eligibility_labels.BOUGHT_BACK, reason=late_text)
    found = invoice_status(invoice, today=today, last_offer_status=line.status if line is not None else "")
    reasons = (
        found.reason,
        funded.status.text if funded is not None and funded.is_held else "",
        late_text,
        _("Partly paid") if context["is_partly_paid"] else "",
    )
    return replace(found, reason=" · ".join(str(one) for one in reasons if one))
