"""Staff begin and stop to view a supplier's own pages."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from infactor.core.admin.decisions import DecisionView, RowDecision
from infactor.core.admin.formatting import change_url
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts
from infactor.suppliers import viewing
from infactor.suppliers.access import signed_in_user
from infactor.suppliers.models import Supplier


class ViewAsSupplier(RowDecision, DecisionView):
    """Asks why, then opens the supplier's own pages. Only its POST begins: a link that a browser fetches does not."""

    name = "view_as"
    label = gettext_lazy("View as this supplier")
    permission = viewing.PERMISSION
    needs_fresh_factor = True
    form_class = ReasonForm
    title = gettext_lazy("View as this supplier")
    button = gettext_lazy("Start viewing")
    row: Supplier
    address = ""

    def facts(self) -> Facts:
        return [(_("Supplier"), self.row.name), (_("Time zone"), self.row.time_zone)]

    def get_notes(self) -> list[str]:
        return [
            _("You see every page as a read-only person of this supplier sees it. You can change nothing there."),
            _("The audit log keeps the reason, each page that you open, and when you stop."),
            _("It ends after 30 minutes, and when you sign out."),
        ]

    def perform(self, form: Any) -> str:
        begun = viewing.begin(
            request=self.request,
            supplier=self.row,
            by=signed_in_user(self.request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        self.address = begun.address
        return ""

    def execute(self, form: Any) -> HttpResponse:
        self.perform(form)
        return HttpResponseRedirect(self.address)

    def get_success_url(self) -> str:
        return change_url(self.row)


@require_POST
def stop_viewing(request: HttpRequest) -> HttpResponse:
    """Stop, and return to staff's page of the supplier. Stopping twice, or too late, is no error."""
    supplier = viewing.end(request=request, by=signed_in_user(request), at=timezone.now(), because="stopped")
    if supplier is None:
        return HttpResponseRedirect(reverse("admin:suppliers_supplier_changelist"))
    messages.success(request, _("You stopped viewing %(name)s.") % {"name": supplier.name})
    return HttpResponseRedirect(change_url(supplier))
