"""Cases in admin: disputes, and advances unpaid on their recourse date."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils import timezone

from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.filters import YesNoFilter
from infactor.core.admin.formatting import moment_text, waiting_text
from infactor.core.admin.forms import MIN_REASON_LENGTH
from infactor.core.admin.tables import Facts, Table
from infactor.financing.admin.base import advance_details
from infactor.financing.admin.base.decisions import FinancingDecision
from infactor.financing.advances import cases
from infactor.financing.models import Case

OUTCOMES = [(one.value, one.label) for one in (Case.Outcome.UPHELD, Case.Outcome.REJECTED)]


class CloseForm(forms.Form):
    """Asks for the outcome."""

    outcome = forms.ChoiceField(choices=OUTCOMES, widget=forms.RadioSelect)
    conclusion = forms.CharField(
        min_length=MIN_REASON_LENGTH,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The supplier reads it on its page and in an e-mail.",
    )


class CloseView(RowDecision, FinancingDecision):
    """Decide the case and close it."""

    row: Case
    name = "close"
    label = button = "Close"
    title = "Close the case"
    permission = cases.RESOLVE_DISPUTES
    form_class = CloseForm
    notes = ("After an upheld dispute, accept a short payment or record a repurchase on the advance's page.",)

    @classmethod
    def is_possible(cls, row: Case) -> bool:
        return row.closed_at is None

    def facts(self) -> Facts:
        return [
            ("Case", self.row.get_kind_display()),
            ("Reason", self.row.reason),
            ("Opened", f"{moment_text(self.row.opened_at)}, by {self.row.opened_by or 'the system'}"),
            *advance_details.advance_facts(self.row.advance),
        ]

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        cases.close(
            case=self.row,
            outcome=data["outcome"],
            conclusion=data["conclusion"],
            by=self.user,
            at=timezone.now(),
        )
        return "The case is closed. An e-mail tells the supplier."


class OpenFilter(YesNoFilter):
    title = "status"
    parameter_name = "open"
    yes, no = "Open", "Closed"

    def condition(self) -> Q:
        return Q(closed_at__isnull=True)


@admin.register(Case)
class CaseAdmin(DecisionAdmin):
    list_display = (
        "kind",
        "supplier",
        "advance",
        "reason",
        "waiting",
        "opened_at",
        "opened_by",
        "outcome",
        "closed_by",
    )
    list_filter = (OpenFilter, "kind", "outcome")
    search_fields = ("=advance__id", "supplier__name", "advance__invoice__invoice_no", "reason")
    search_help_text = "By number of the advance, supplier, invoice or reason"
    date_hierarchy = "opened_at"
    fields = (
        "kind",
        "supplier",
        "advance",
        "reason",
        "opened_by",
        "opened_at",
        "outcome",
        "conclusion",
        "closed_by",
        "closed_at",
        "public_id",
    )
    readonly_fields = ("public_id",)
    decisions = (CloseView,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        rows: QuerySet[Case] = super().get_queryset(request)
        return rows.select_related(
            "supplier", "advance__supplier", "advance__invoice", "advance__buyer", "opened_by", "closed_by"
        )

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """The open ones first, the oldest on top."""
        return [F("closed_at").desc(nulls_first=True), "opened_at"]

    def related_tables(self, row: Case) -> Sequence[Table]:
        return advance_details.related_tables(row.advance)

    @admin.display(description="Waiting")
    def waiting(self, case: Case) -> str:
        return waiting_text(case.opened_at, now=timezone.now()) if case.closed_at is None else ""
