"""Staff's pages of QuickBooks: the overview of all connections, and releasing a company."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from infactor.core.admin.decisions import DecisionView, RowDecision, StaffView
from infactor.core.admin.formatting import figure_text
from infactor.core.admin.tables import Facts
from infactor.core.money import format_count
from infactor.financing.admin.base.forms import MAX_REASON_LENGTH
from infactor.suppliers.access import signed_in_user
from quickbooks_app.connections import release as releasing
from quickbooks_app.models import Connection
from quickbooks_app.monitoring import fleet_overview, metering

CONNECTED = gettext_lazy("Only a disconnected company can be released. Ask its supplier to disconnect it first.")


class ReleaseForm(forms.Form):
    """Asks for the reason."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=releasing.MIN_REASON_LENGTH,
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The audit log keeps it."),
    )


class OverviewView(StaffView, TemplateView):
    """The state of all connections, and the failures by cause."""

    template_name = "admin/quickbooks_app/overview.html"

    def has_permission(self) -> bool:
        return self.request.user.has_module_perms("quickbooks_app")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at = timezone.now()
        found = fleet_overview.overview(at=at)
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "opts": Connection._meta,
            "title": _("QuickBooks: all connections"),
            "overview": found,
            "statuses": [(status, found.by_status[status]) for status in Connection.Status],
            "most_reads": metering.most_reads(at=at),
            "failed_calls": fleet_overview.failed_calls(at=at),
            "failed_runs": fleet_overview.failed_runs(at=at),
        }


class ReleaseView(RowDecision, DecisionView):
    """Release a disconnected company, so that another supplier can connect it."""

    row: Connection
    name = "release"
    label = button = gettext_lazy("Release company")
    title = gettext_lazy("Release a company")
    permission = "quickbooks_app.release_connection"
    needs_fresh_factor = True
    form_class = ReleaseForm
    refusals = (releasing.ReasonMissing,)
    notes = (
        gettext_lazy("Once the company is released, any supplier can connect it."),
        gettext_lazy("The invoices and the source documents stay with this supplier, and are never updated again."),
        gettext_lazy(
            "If another supplier connects the company, the same invoices exist twice in infactor. Make "
            "sure that none of "
            "them is financed."
        ),
        gettext_lazy("You cannot undo this."),
    )

    @classmethod
    def is_possible(cls, row: Connection) -> bool:
        return Connection.Status.RELEASED in Connection.TRANSITIONS.allowed.get(row.status, ())

    def blocker(self) -> str:
        return "" if self.is_possible(self.row) else str(CONNECTED)

    def facts(self) -> Facts:
        retained = releasing.retained_data(self.row)
        return [
            (_("Company"), self.row.company_name),
            (_("Supplier"), self.row.supplier),
            (_("Invoices that stay"), figure_text(format_count(retained.invoices))),
            (_("Source documents that stay"), figure_text(format_count(retained.documents))),
        ]

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        releasing.release(connection=self.row, by=user, reason=reason, at=timezone.now())
        return _("%(company_name)s is released. Its invoices stay with its supplier.") % {
            "company_name": self.row.company_name
        }
