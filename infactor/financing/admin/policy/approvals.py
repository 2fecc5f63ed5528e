"""Approvals in admin: what waits for a second person, with the figures as they are now, and the two answers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import (
    SHORTEST_REASON,
    Decision,
    Table,
    confirm_page,
    page_of,
)
from infactor.financing import approvals, dual_control
from infactor.financing.admin.base.parts import (
    LONGEST,
    REFUSALS,
    FactsAdmin,
    day_text,
    moment_text,
    waiting_text,
)
from infactor.financing.admin.policy.approval_details import subject_facts
from infactor.financing.models import Approval
from infactor.suppliers.access import person

DAYS = ("value_date", "until")


class RefuseForm(forms.Form):
    """Why not."""

    reason = forms.CharField(
        min_length=SHORTEST_REASON,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Who asked reads it here. It stays in the audit trail.",
    )


def approve(request: HttpRequest, approval: Approval) -> HttpResponse:
    """Say yes, and with that it is done."""

    def act(said: object) -> str:
        approvals.approve(approval=approval, by=person(request), at=timezone.now())
        return f"Approved and done: {approval.summary}."

    return confirm_page(
        request,
        title="Approve",
        button="Approve, and do it",
        facts=_facts(approval),
        act=act,
        back=page_of(approval),
        refusals=REFUSALS,
        notes=("With your yes it is done at once.", "It is done on the day of your approval, if that is later."),
    )


def refuse(request: HttpRequest, approval: Approval) -> HttpResponse:
    """Say no, or take back what one asked for."""

    def act(said: Mapping[str, Any]) -> str:
        approvals.refuse(approval=approval, by=person(request), at=timezone.now(), reason=said["reason"])
        return f"Refused: {approval.summary}. Nothing was done."

    return confirm_page(
        request,
        title="Refuse or take back",
        button="Refuse",
        facts=_facts(approval),
        act=act,
        back=page_of(approval),
        form=RefuseForm,
        refusals=REFUSALS,
    )


def _facts(approval: Approval) -> list[tuple[str, object]]:
    return [
        ("What is asked for", approval.summary),
        *([("Amount", shown)] if (shown := _amount(approval)) else []),
        ("Asked by", f"{approval.asked_by}, {moment_text(approval.asked_at)}"),
        *((f"Asked: {label}", value) for label, value in _arguments(approval)),
        *subject_facts(approval),
    ]


def _amount(approval: Approval) -> SafeString | str:
    """How much it is about; new terms are about no amount."""
    return "" if approval.kind == Approval.Kind.TERMS else amount_text(approval.amount, approval.currency)


def _arguments(approval: Approval) -> list[tuple[str, str]]:
    """What it is to be done with, but for the keys of rows, which are shown as facts."""
    given = approval.arguments
    days = [(name.replace("_", " "), day_text(date.fromisoformat(given[name]))) for name in DAYS if given.get(name)]
    return [*days, ("reason", str(given["reason"]))] if given.get("reason") else days


def _waits(approval: Approval) -> bool:
    return approval.decided_at is None


class OpenFilter(admin.SimpleListFilter):
    title = "standing"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Waiting for a second person"), ("no", "Decided")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Approval]) -> QuerySet[Approval]:
        if self.value() in ("yes", "no"):
            return queryset.filter(decided_at__isnull=self.value() == "yes")
        return queryset


@admin.register(Approval)
class ApprovalAdmin(FactsAdmin):
    list_display = (
        "summary",
        "kind",
        "supplier",
        "shown_amount",
        "asked_by",
        "waiting",
        "asked_at",
        "decision",
        "decided_by",
    )
    list_filter = (OpenFilter, "kind", "decision", "currency")
    search_fields = ("summary", "subject", "supplier__name", "asked_by__email")
    search_help_text = "By what is asked, supplier, or e-mail of who asked"
    date_hierarchy = "asked_at"
    fields = (
        "summary",
        "kind",
        "supplier",
        "shown_amount",
        "asked_by",
        "asked_at",
        "decision",
        "decided_by",
        "decided_at",
        "reason",
    )
    readonly_fields = ("shown_amount",)
    decisions = (
        Decision("approve", "Approve", dual_control.APPROVE, approve, _waits),
        Decision("refuse", "Refuse", dual_control.APPROVE, refuse, _waits),
    )

    def may_decide(self, request: HttpRequest, row: Any, decision: Decision) -> bool:
        """Nobody is the second person for what they asked for themselves; they may take it back."""
        is_own = decision.name == "approve" and row.asked_by_id == request.user.pk
        return not is_own and super().may_decide(request, row, decision)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Approval]:
        rows: QuerySet[Approval] = super().get_queryset(request)
        return rows.select_related("supplier", "asked_by", "decided_by")

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """What waits first, the longest waiting on top."""
        return [F("decided_at").desc(nulls_first=True), "asked_at"]

    def tables_of(self, row: Approval) -> Sequence[Table]:
        return [Table("What it is about, as it is now", (), subject_facts(row))]

    @admin.display(description="Amount", ordering="amount")
    def shown_amount(self, approval: Approval) -> SafeString | str:
        return _amount(approval)

    @admin.display(description="Waiting for")
    def waiting(self, approval: Approval) -> str:
        return waiting_text(approval.asked_at, now=timezone.now()) if _waits(approval) else ""
