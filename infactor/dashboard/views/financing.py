"""What a supplier has financed, is offered and has asked for."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from infactor.dashboard.pages import show
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier


@require_safe
@for_supplier
def financing(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    return show(request, "dashboard/financing.html", {}, supplier=supplier)
