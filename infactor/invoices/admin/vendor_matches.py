"""Which vendor is which buyer: staff answer what infactor does not know for certain, and correct what it does."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import link
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.invoices.admin.vendors import TAKEN_OFF, payables_table, similarities
from infactor.invoices.contra import matches
from infactor.invoices.debtors.email_domains import company_domains
from infactor.invoices.debtors.tax_ids import masked
from infactor.invoices.models import Buyer, Vendor, VendorMatch
from infactor.suppliers.access import signed_in_user

State = VendorMatch.State


def _companies_table(match: VendorMatch) -> Table:
    pairs: tuple[tuple[str, Vendor | Buyer], ...] = ((_("Vendor"), match.vendor), (_("Buyer"), match.buyer))
    return Table(
        caption=_("In the supplier's books"),
        columns=(
            "",
            _("Name"),
            _("Company name"),
            _("Tax number"),
            _("Email domain"),
            _("Telephone"),
            _("Address"),
            _("Currency"),
        ),
        rows=[
            (
                kind,
                link(one),
                one.company_name,
                masked(one.tax_id),
                ", ".join(company_domains(one.email)),
                one.phone,
                one.address,
                one.currency,
            )
            for kind, one in pairs
        ],
    )


class MatchDecision(RowDecision, DecisionView):
    """A decision about one vendor and one buyer."""

    row: VendorMatch
    permission = matches.PERMISSION
    form_class = ReasonForm
    refusals = (matches.MatchError,)

    def facts(self) -> Facts:
        return [
            (_("Supplier"), self.row.vendor.supplier),
            (_("Similarities"), similarities(self.row)),
            (_("Answer"), self.row.get_state_display()),
        ]

    def tables(self) -> Sequence[Table]:
        return [_companies_table(self.row), payables_table(self.row.vendor)]


class OneCompanyView(MatchDecision):
    """They are one company: what the supplier owes the vendor is taken off the buyer's invoices."""

    name = "join"
    label = title = gettext_lazy("They are one company")
    button = gettext_lazy("Join")
    notes = (TAKEN_OFF,)

    @classmethod
    def is_possible(cls, row: VendorMatch) -> bool:
        return row.state != State.JOINED

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        matches.join(vendor=self.row.vendor, buyer=self.row.buyer, by=user, at=timezone.now(), reason=reason)
        return _("%(vendor)s is %(buyer)s from now on.") % {"vendor": self.row.vendor, "buyer": self.row.buyer}


class NotOneCompanyView(MatchDecision):
    """They are two companies."""

    name = "dismiss"
    label = title = gettext_lazy("They are not one company")
    button = gettext_lazy("Dismiss")
    notes = (
        gettext_lazy("What the supplier owes this vendor no longer counts for the buyer."),
        gettext_lazy("The answer can be undone."),
    )

    @classmethod
    def is_possible(cls, row: VendorMatch) -> bool:
        return row.state != State.DISMISSED

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        matches.dismiss(match=self.row, by=user, at=timezone.now(), reason=reason)
        return _("%(vendor)s is not %(buyer)s.") % {"vendor": self.row.vendor, "buyer": self.row.buyer}


class UndoMatchView(MatchDecision):
    """Forget what staff decided: infactor decides by the books again."""

    name = "undo"
    label = title = button = gettext_lazy("Undo the answer")

    @classmethod
    def is_possible(cls, row: VendorMatch) -> bool:
        return row.decided_by_id is not None

    @classmethod
    def blocker_of(cls, row: VendorMatch) -> str:
        return _("Nobody has decided it yet.")

    def get_success_url(self) -> str:
        """The list: two companies that are not similar are no row any more."""
        return reverse("admin:invoices_vendormatch_changelist")

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        matches.undo(match=self.row, by=user, at=timezone.now(), reason=reason)
        return _("The answer is undone: infactor decides by the books again.")


@admin.register(VendorMatch)
class VendorMatchAdmin(DecisionAdmin):
    """Which vendor is which buyer: those to be decided are a queue of staff."""

    list_display = ("__str__", "supplier", "shown_kinds", "state", "decided_by", "decided_at")
    list_filter = ("state",)
    ordering = (F("decided_at").desc(nulls_last=True), "-pk")
    queues = {("state__exact", VendorMatch.State.SUGGESTED): "created_at"}
    search_fields = ("vendor__name", "buyer__name", "vendor__supplier__name")
    search_help_text = gettext_lazy("By vendor, buyer or supplier")
    fields = ("vendor", "buyer", "supplier", "shown_kinds", "state", "decided_by", "decided_at", "reason")
    readonly_fields = ("supplier", "shown_kinds")
    decisions = (OneCompanyView, NotOneCompanyView, UndoMatchView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[VendorMatch]:
        rows: QuerySet[VendorMatch] = super().get_queryset(request)
        return rows.select_related("vendor__supplier", "vendor__company_file", "buyer", "decided_by")

    def related_tables(self, row: VendorMatch) -> Sequence[Table]:
        return [_companies_table(row), payables_table(row.vendor)]

    @admin.display(description=gettext_lazy("supplier"))
    def supplier(self, match: VendorMatch) -> str:
        return match.vendor.supplier.name

    @admin.display(description=gettext_lazy("similarities"))
    def shown_kinds(self, match: VendorMatch) -> str:
        return similarities(match)
