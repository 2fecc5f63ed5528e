"""Cases in admin: disputes and invoices unpaid on their recourse date, the open ones first, and closing them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from infactor.core.admin.decisions import (
    SHORTEST_REASON,
    Decision,
    Table,
    confirm_page,
    page_of,
)
from infactor.financing.admin.base.advance_details import facts_of, tables_of
from infactor.financing.admin.base.parts import (
    REFUSALS,
    FactsAdmin,
    moment_text,
    waiting_text,
)
from infactor.financing.advances import cases
from infactor.financing.models import Case
from infactor.suppliers.access import person

OUTCOMES = [(one.value, one.label) for one in (Case.Outcome.UPHELD, Case.Outcome.REJECTED)]


class CloseForm(forms.Form):
    """What was decided."""

    outcome = forms.ChoiceField(choices=OUTCOMES, widget=forms.RadioSelect)
    conclusion = forms.CharField(
        min_length=SHORTEST_REASON,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The supplier reads it, in a mail and on its page.",
    )


def close(request: HttpRequest, case: Case) -> HttpResponse:
    """Decide it."""

    def act(said: Mapping[str, Any]) -> str:
        cases.close(
            case=case,
            outcome=said["outcome"],
            conclusion=said["conclusion"],
            by=person(request),
            at=timezone.now(),
        )
        return "The case is closed. The supplier is told by mail."

    return confirm_page(
        request,
        title="Close the case",
        button="Close",
        facts=[
            ("Case", case.get_kind_display()),
            ("Reason", case.reason),
            ("Opened", f"{moment_text(case.opened_at)}, by {case.opened_by or 'the house'}"),
            *facts_of(case.advance),
        ],
        act=act,
        back=page_of(case),
        form=CloseForm,
        refusals=REFUSALS,
        notes=("An upheld dispute ends as a short payment or by buying back: those are steps on the advance's page.",),
    )


class OpenFilter(admin.SimpleListFilter):
    title = "standing"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Open"), ("no", "Closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        if self.value() in ("yes", "no"):
            return queryset.filter(closed_at__isnull=self.value() == "yes")
        return queryset


@admin.register(Case)
class CaseAdmin(FactsAdmin):
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
    decisions = (Decision("close", "Close", cases.JUDGE, close, lambda case: case.closed_at is None),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        rows: QuerySet[Case] = super().get_queryset(request)
        return rows.select_related(
            "supplier", "advance__supplier", "advance__invoice", "advance__buyer", "opened_by", "closed_by"
        )

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """The open ones first, the oldest of them on top."""
        return [F("closed_at").desc(nulls_first=True), "opened_at"]

    def tables_of(self, row: Case) -> Sequence[Table]:
        return tables_of(row.advance)

    @admin.display(description="Waiting for")
    def waiting(self, case: Case) -> str:
        return waiting_text(case.opened_at, now=timezone.now()) if case.closed_at is None else ""
