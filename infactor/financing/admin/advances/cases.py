"""Cases in admin: what staff must decide about funded advances, with its differences, holds and outcome."""

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
from infactor.core.admin.formatting import amount_text, day_text, moment_text, waiting_text
from infactor.core.admin.forms import MIN_REASON_LENGTH
from infactor.core.admin.tables import Facts, Table
from infactor.financing.admin.base import advance_details
from infactor.financing.admin.base.decisions import FinancingDecision
from infactor.financing.advances import cases
from infactor.financing.models import WATCHED_KINDS, Case

AFTER_DISPUTE = "After an upheld dispute, accept a short payment or record a repurchase on the advance's page."
AFTER_WATCH = "It opens again by itself when something else is found, not for what it says now."


class CloseForm(forms.Form):
    """Asks for the outcome, one of those of the case's kind."""

    outcome = forms.ChoiceField(widget=forms.RadioSelect)
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

    @classmethod
    def is_possible(cls, row: Case) -> bool:
        return row.closed_at is None

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["outcome"].choices = [(str(one), Case.Outcome(one).label) for one in cases.OUTCOMES[self.row.kind]]
        return form

    def get_notes(self) -> Sequence[str]:
        return (AFTER_WATCH if self.row.kind in WATCHED_KINDS else AFTER_DISPUTE,)

    def facts(self) -> Facts:
        return case_facts(self.row)

    def tables(self) -> Sequence[Table]:
        return case_tables(self.row)

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


class ReleaseHoldForm(forms.Form):
    """Asks why the hold is released."""

    reason = forms.CharField(min_length=MIN_REASON_LENGTH, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ReleaseHoldView(RowDecision, FinancingDecision):
    """Lift what an open case holds back."""

    row: Case
    name = "release_hold"
    label = button = "Release the hold"
    title = "Release the hold"
    permission = cases.RESOLVE_DISPUTES
    needs_fresh_factor = True
    form_class = ReleaseHoldForm
    notes = ("The case stays open. It holds again when something new is found.",)

    @classmethod
    def is_possible(cls, row: Case) -> bool:
        return row.holds_reserve and row.kind != Case.Kind.DISPUTE

    def facts(self) -> Facts:
        return case_facts(self.row)

    def tables(self) -> Sequence[Table]:
        return case_tables(self.row)

    def perform(self, form: Any) -> str:
        cases.release_hold(case=self.row, reason=form.cleaned_data["reason"], by=self.user, at=timezone.now())
        return "The hold is released. The case stays open."


def case_facts(case: Case) -> Facts:
    """What a decision about a case shows."""
    facts: list[tuple[str, object]] = [
        ("Case", case.get_kind_display()),
        ("Reason", case.reason),
        ("Opened", f"{moment_text(case.opened_at)}, by {case.opened_by or 'the system'}"),
    ]
    if case.severity:
        facts += [("Severity", case.get_severity_display()), ("Holds", holds_text(case))]
    if case.promised_at is not None:
        facts += [
            ("Supplier forwards", amount_text(case.promised_amount, case.advance.currency)),
            ("Said by", f"{case.promised_by}, {moment_text(case.promised_at)}"),
            ("To arrive by", day_text(case.forward_by)),
        ]
    return [*facts, *advance_details.advance_facts(case.advance)]


def case_tables(case: Case) -> Sequence[Table]:
    """The differences of a case of the watch."""
    return [differences_table(case)] if case.kind in WATCHED_KINDS else []


def differences_table(case: Case) -> Table:
    """What the books say now, against what was bought."""
    return Table(
        caption="What differs",
        columns=("Field", "When bought", "Now", "Severity"),
        rows=[
            (one["field"], one["bought"], one["now"], Case.Severity(one["severity"]).label) for one in case.differences
        ],
        empty="Nothing differs any more.",
    )


def holds_text(case: Case) -> str:
    """What the case holds back now."""
    if case.hold_released_at is not None:
        return f"Released by {case.hold_released_by}: {case.hold_release_reason}"
    if case.holds_offers:
        return "The reserve, and new offers and payouts of this supplier"
    return "The reserve" if case.holds_reserve else "Nothing"


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
        "severity",
        "supplier",
        "advance",
        "reason",
        "waiting",
        "opened_at",
        "opened_by",
        "outcome",
        "closed_by",
    )
    list_filter = (OpenFilter, "kind", "severity", "outcome")
    search_fields = ("=advance__id", "supplier__name", "advance__invoice__invoice_no", "reason")
    search_help_text = "By number of the advance, supplier, invoice or reason"
    date_hierarchy = "opened_at"
    fields = (
        "kind",
        "supplier",
        "advance",
        "reason",
        "severity",
        "holds",
        "opened_by",
        "opened_at",
        "promised_by",
        "promised_at",
        "promised_amount",
        "forward_by",
        "outcome",
        "conclusion",
        "closed_by",
        "closed_at",
        "public_id",
    )
    readonly_fields = ("public_id", "holds")
    decisions = (CloseView, ReleaseHoldView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        rows: QuerySet[Case] = super().get_queryset(request)
        return rows.select_related(
            "supplier",
            "advance__supplier",
            "advance__invoice",
            "advance__buyer",
            "advance__purchase",
            "opened_by",
            "closed_by",
            "promised_by",
            "hold_released_by",
        )

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """The open ones first, the oldest on top."""
        return [F("closed_at").desc(nulls_first=True), "opened_at"]

    def related_tables(self, row: Case) -> Sequence[Table]:
        return [*case_tables(row), *advance_details.related_tables(row.advance)]

    @admin.display(description="Holds")
    def holds(self, case: Case) -> str:
        return holds_text(case)

    @admin.display(description="Waiting")
    def waiting(self, case: Case) -> str:
        return waiting_text(case.opened_at, now=timezone.now()) if case.closed_at is None else ""
