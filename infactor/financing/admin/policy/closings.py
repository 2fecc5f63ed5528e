"""Requests of suppliers to close their account, in admin: release or decline."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core import reasons
from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.forms import ReasonForSupplierForm
from infactor.core.admin.tables import Facts, Table
from infactor.core.money import format_number
from infactor.financing import leaving
from infactor.financing.accounting import payoff_schedule
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.access import signed_in_user
from infactor.suppliers.models import AccountClosing

Status = AccountClosing.Status


class ClosingDecision(RowDecision, DecisionView):
    """A decision on a request to close an account."""

    row: AccountClosing
    permission = leaving.RELEASE
    needs_fresh_factor = True
    form_class = ReasonForSupplierForm
    refusals = (leaving.CannotClose, reasons.ReasonMissing)

    @classmethod
    def is_possible(cls, row: AccountClosing) -> bool:
        return row.status == Status.REQUESTED

    def facts(self) -> Facts:
        row = self.row
        return [
            (_("Supplier"), row.supplier),
            (_("Requested by"), row.requested_by),
            (_("Requested"), date_format(row.requested_at, "DATETIME_FORMAT")),
            (_("Reason"), row.reason or _("none given")),
        ]

    def tables(self) -> list[Table]:
        open_items = [(one,) for one in leaving.open_items(supplier=self.row.supplier)]
        today = supplier_today(supplier=self.row.supplier, at=timezone.now())
        figures = payoff_schedule.schedule(supplier=self.row.supplier, today=today, days=0)
        owed = [(currency, format_number(found[0].amount, places=2)) for currency, found in figures.items()]
        return [
            Table(_("Outstanding"), (_("Item"),), open_items, empty=_("Nothing is outstanding.")),
            Table(_("Payoff figure today"), (_("Currency"), _("Amount")), owed, empty=_("Nothing is to be paid.")),
        ]


class ReleaseView(ClosingDecision):
    """Release the supplier: the account is closed, and it can print the release letter."""

    name = "release"
    label = button = gettext_lazy("Release")
    title = gettext_lazy("Release the supplier")
    notes = (
        gettext_lazy("File the release of the security interest (UCC-3 or the local form) first."),
        gettext_lazy("The supplier can print the release letter from then on. It cannot be undone."),
    )

    def perform(self, form: Any) -> str:
        by, decision = signed_in_user(self.request), form.cleaned_data["reason"]
        leaving.release(closing=self.row, decision=decision, by=by, at=timezone.now())
        return _("%(supplier)s is released.") % {"supplier": self.row.supplier}


class DeclineView(ClosingDecision):
    """Keep the account open."""

    name = "decline"
    label = button = gettext_lazy("Decline")
    title = gettext_lazy("Decline to close the account")

    def perform(self, form: Any) -> str:
        by, decision = signed_in_user(self.request), form.cleaned_data["reason"]
        leaving.decline(closing=self.row, decision=decision, by=by, at=timezone.now())
        return _("The account of %(supplier)s stays open.") % {"supplier": self.row.supplier}


@admin.register(AccountClosing)
class AccountClosingAdmin(DecisionAdmin):
    list_display = ("supplier", "status", "requested_at", "requested_by", "decided_at", "decided_by")
    list_filter = ("status",)
    queues = {("status__exact", Status.REQUESTED): "requested_at"}
    list_select_related = ("supplier", "requested_by", "decided_by")
    search_fields = ("supplier__name",)
    search_help_text = gettext_lazy("By supplier")
    date_hierarchy = "requested_at"
    fields = (
        "supplier",
        "status",
        "reason",
        "requested_by",
        "requested_at",
        "decided_by",
        "decided_at",
        "decision",
    )
    decisions = (ReleaseView, DeclineView)
