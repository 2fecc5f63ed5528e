"""The page of one invoice."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.dashboard.invoices import detail, financing_panel
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
    }
    return render_for_supplier(request, "dashboard/invoice.html", context, supplier=supplier)
