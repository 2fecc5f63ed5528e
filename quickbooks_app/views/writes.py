"""The supplier's page on what infactor writes into its books: allowed or not, with the text, and what was written."""

import uuid

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from infactor.financing.remittance_instructions import instructions_or_reference
from infactor.suppliers.access import for_supplier, is_owner, signed_in_user
from infactor.suppliers.models import Supplier
from quickbooks_app.models import Connection, Push
from quickbooks_app.pushes import consent, pay_to

SHOWN = 50
COLUMNS = [
    {"label": gettext_lazy("When")},
    {"label": gettext_lazy("What")},
    {"label": gettext_lazy("Why")},
    {"label": gettext_lazy("Result")},
]


@require_safe
@for_supplier
def writes(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """What infactor may write and what it wrote. An owner allows or stops it here."""
    connection = _connection(supplier, public_id)
    sample = instructions_or_reference(number="1001", public_id=uuid.UUID(int=0), currency="USD")
    pushes: QuerySet[Push] = connection.pushes.all()[:SHOWN]
    context = {
        "supplier": supplier,
        "connection": connection,
        "is_owner": is_owner(user=signed_in_user(request), supplier=supplier),
        "text": pay_to.text_of(sample),
        "pushes": pushes,
        "push_columns": COLUMNS,
    }
    with timezone.override(supplier.zone):
        return render(request, "quickbooks/writes.html", context)


@require_POST
@for_supplier
def allow(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Allow infactor to write."""
    connection = _connection(supplier, public_id)
    if consent.allow_writes(connection=connection, by=signed_in_user(request), at=timezone.now()):
        messages.success(
            request,
            _("infactor may write into the books of %(company_name)s.") % {"company_name": connection.company_name},
        )
    return HttpResponseRedirect(reverse("quickbooks:writes", args=[connection.public_id]))


@require_POST
@for_supplier
def stop(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Stop it."""
    connection = _connection(supplier, public_id)
    if consent.stop_writes(connection=connection, by=signed_in_user(request), at=timezone.now()):
        messages.success(
            request,
            _("infactor writes nothing more into the books of %(company_name)s.")
            % {"company_name": connection.company_name},
        )
    return HttpResponseRedirect(reverse("quickbooks:writes", args=[connection.public_id]))


def _connection(supplier: Supplier, public_id: uuid.UUID) -> Connection:
    found = Connection.objects.filter(supplier=supplier, public_id=public_id).select_related("supplier").first()
    if found is None:
        raise Http404
    return found
