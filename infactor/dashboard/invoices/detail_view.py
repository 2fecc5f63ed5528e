"""One invoice: everything that infactor knows of it."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from infactor.dashboard.invoices import detail, financing_panel
from infactor.dashboard.rendering import show, today_of
from infactor.invoices import selectors
from infactor.invoices.models import Invoice
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier
from infactor.verification import invoice_card


@require_safe
@for_supplier
def invoice(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    try:
        found = selectors.one(supplier=supplier, public_id=public_id)
    except Invoice.DoesNotExist as missing:
        raise Http404 from missing
    today = today_of(supplier=supplier)
    card = invoice_card.card(invoice=found, today=today)
    financing = financing_panel.describe(invoice=found, supplier=supplier, standing=card.standing, today=today)
    context = {
        **detail.describe(
            invoice=found, advance=financing["advance"], confirmation=financing["confirmation"], today=today
        ),
        **financing,
        "buyer_card": card,
    }
    return show(request, "dashboard/invoice.html", context, supplier=supplier)
