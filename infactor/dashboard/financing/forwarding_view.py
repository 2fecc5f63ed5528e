"""The supplier's word that it will forward a payment that its buyer made to it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from infactor.core.dates import format_day
from infactor.financing.models import Case
from infactor.financing.watch import forwarding
from infactor.financing.watch.forwarding import ForwardingError
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier


@require_POST
@for_supplier
def forward_payment(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    rows = Case.objects.filter(supplier=supplier, kind=Case.Kind.MISDIRECTED)
    case = rows.select_related("advance__invoice", "supplier").filter(public_id=public_id).first()
    if case is None:
        raise Http404
    try:
        promised = forwarding.promise(case=case, by=signed_in_user(request), at=timezone.now())
    except ForwardingError as refusal:
        messages.error(request, str(refusal))
    else:
        day = format_day(promised.forward_by) if promised.forward_by is not None else ""
        messages.success(request, _("Thank you. Please make sure that the money reaches us by %(day)s.") % {"day": day})
    return HttpResponseRedirect(reverse("dashboard:invoice", args=[case.advance.invoice.public_id]))
