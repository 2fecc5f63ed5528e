"""Colleagues whom buyers named, in admin: those outside the buyer's domain get their link after a review."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin import panels
from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.suppliers.access import signed_in_user
from infactor.verification import forwards
from infactor.verification.forwards import CannotForward
from infactor.verification.models import Forward


class ForwardDecision(RowDecision, DecisionView):
    """A decision on a colleague who waits for review."""

    row: Forward
    permission = forwards.REVIEW
    refusals = (CannotForward,)

    @classmethod
    def is_possible(cls, row: Forward) -> bool:
        return row.status == Forward.Status.WAITING

    def facts(self) -> Facts:
        verification = self.row.verification
        return [
            (_("Supplier"), verification.supplier.name),
            (_("Buyer"), verification.facts["buyer"]),
            (_("Invoice"), verification.facts["number"]),
            (_("Request sent to"), verification.to),
            (_("Forwarded by"), self.row.asked_by),
            (_("Forwarded to"), self.row.to),
        ]

    def tables(self) -> list[Table]:
        return panels.background(row=self.row.verification.invoice, user=self.request.user)


class ApproveView(ForwardDecision):
    """Send the link to the colleague."""

    name = "approve"
    alternatives = ("refuse",)
    label = button = gettext_lazy("Send link")
    title = gettext_lazy("Send the link to the colleague")
    notes = (
        gettext_lazy(
            "Whoever reads this mailbox can confirm the invoice. Call the buyer on a number that you found yourself, "
            "and ask whether this person checks its invoices."
        ),
    )

    def perform(self, form: Any) -> str:
        forwards.approve(forward=self.row, by=signed_in_user(self.request), at=timezone.now())
        return _("The link is sent.")


class RefuseView(ForwardDecision):
    """Send nothing to the colleague."""

    name = "refuse"
    alternatives = ("approve",)
    label = button = gettext_lazy("Refuse")
    title = gettext_lazy("Refuse to send the link")
    form_class = ReasonForm

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        forwards.refuse(forward=self.row, by=user, at=timezone.now(), reason=reason)
        return _("No link is sent.")


@admin.register(Forward)
class ForwardAdmin(DecisionAdmin):
    list_display = ("invoice", "buyer", "to", "asked_by", "status", "asked_at", "decided_at")
    list_filter = ("status",)
    queues = {("status__exact", "waiting"): "asked_at"}
    list_select_related = ("verification__supplier", "decided_by")
    search_fields = ("to", "asked_by", "verification__invoice__invoice_no", "verification__invoice__company_name")
    search_help_text = gettext_lazy("By colleague, who forwarded, invoice or buyer")
    date_hierarchy = "asked_at"
    fields = ("verification", "buyer", "to", "asked_by", "asked_at", "status", "decided_by", "decided_at")
    readonly_fields = ("buyer",)
    decisions = (ApproveView, RefuseView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Forward]:
        rows: QuerySet[Forward] = super().get_queryset(request)
        return rows.select_related(
            "verification__supplier", *(f"verification__invoice__{one}" for one in ("supplier", "buyer"))
        )

    @admin.display(description=gettext_lazy("Invoice"), ordering="verification__invoice__invoice_no")
    def invoice(self, row: Forward) -> str:
        return str(row.verification.facts["number"] or _("No number"))

    @admin.display(description=gettext_lazy("Buyer"), ordering="verification__invoice__company_name")
    def buyer(self, row: Forward) -> str:
        return str(row.verification.facts["buyer"])
