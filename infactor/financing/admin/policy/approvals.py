"""Approvals in admin: what waits for a second person, with its current figures; approving and rejecting."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.blockers import done_blocker
from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.filters import YesNoFilter
from infactor.core.admin.formatting import amount_text, day_text, moment_text, waiting_text
from infactor.core.admin.forms import MIN_REASON_LENGTH
from infactor.core.admin.tables import Facts, Table
from infactor.financing import approvals, dual_control
from infactor.financing.admin.base.decisions import FinancingDecision
from infactor.financing.admin.base.forms import MAX_REASON_LENGTH
from infactor.financing.admin.policy.approval_details import subject_facts
from infactor.financing.models import Approval

DATE_ARGUMENTS = ("value_date", "until")
WITHOUT_AMOUNT = (Approval.Kind.TERMS, Approval.Kind.CHECK, Approval.Kind.REOPEN)


class RejectForm(forms.Form):
    """Asks for the reason."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=MIN_REASON_LENGTH,
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The person who requested it reads it here. The audit log keeps it."),
    )


class ApprovalDecision(RowDecision, FinancingDecision):
    """A decision on a request that needs a second person."""

    row: Approval
    permission = dual_control.APPROVE_MONEY_OUT
    needs_fresh_factor = True

    @classmethod
    def is_possible(cls, row: Approval) -> bool:
        return row.decided_at is None

    @classmethod
    def blocker_of(cls, row: Approval) -> str:
        if row.decided_at is None:
            return super().blocker_of(row)
        return done_blocker(row.get_decision_display().lower(), at=row.decided_at, by=row.decided_by)

    def facts(self) -> Facts:
        return _facts(self.row)


class ApproveView(ApprovalDecision):
    """Approve, which executes it at once."""

    name = "approve"
    alternatives = ("reject",)
    label = title = gettext_lazy("Approve")
    button = gettext_lazy("Approve and execute")
    notes = (gettext_lazy("Your approval executes it at once, with today's date if the requested day has passed."),)

    @classmethod
    def is_allowed(cls, user: Any, row: Approval) -> bool:
        """Nobody approves what they requested themselves."""
        return row.requested_by_id != user.pk and super().is_allowed(user, row)

    def perform(self, form: Any) -> str:
        approvals.approve(approval=self.row, by=self.user, at=timezone.now())
        return _("Approved and executed: %(summary)s.") % {"summary": self.row.summary}


class RejectView(ApprovalDecision):
    """Reject the request, or withdraw one's own."""

    name = "reject"
    alternatives = ("approve",)
    label = button = gettext_lazy("Reject")
    title = gettext_lazy("Reject or withdraw")
    form_class = RejectForm

    def perform(self, form: Any) -> str:
        approvals.refuse(approval=self.row, by=self.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        return _("Rejected: %(summary)s. Nothing was done.") % {"summary": self.row.summary}


def _facts(approval: Approval) -> list[tuple[str, object]]:
    return [
        (_("Request"), approval.summary),
        *([(_("Amount"), shown)] if (shown := _amount(approval)) else []),
        (_("Requested by"), f"{approval.requested_by}, {moment_text(approval.requested_at)}"),
        *((_("Requested %(label)s") % {"label": label}, value) for label, value in _arguments(approval)),
        *subject_facts(approval),
    ]


def _amount(approval: Approval) -> SafeString | str:
    """The amount; new terms and closed months have none."""
    return amount_text(approval.amount, approval.currency) if approval.kind not in WITHOUT_AMOUNT else ""


def _arguments(approval: Approval) -> list[tuple[str, str]]:
    """The requested days and the reason. Keys of rows are left out: their rows are among the facts."""
    given = approval.arguments
    days = [
        (name.replace("_", " "), day_text(date.fromisoformat(given[name])))
        for name in DATE_ARGUMENTS
        if given.get(name)
    ]
    return [*days, ("reason", str(given["reason"]))] if given.get("reason") else days


class WaitingFilter(YesNoFilter):
    title = gettext_lazy("status")
    parameter_name = "waiting"
    yes, no = gettext_lazy("Waiting for a second person"), gettext_lazy("Decided")

    def condition(self) -> Q:
        return Q(decided_at__isnull=True)


@admin.register(Approval)
class ApprovalAdmin(DecisionAdmin):
    list_display = (
        "summary",
        "kind",
        "supplier",
        "shown_amount",
        "requested_by",
        "waiting",
        "requested_at",
        "decision",
        "decided_by",
    )
    list_filter = (WaitingFilter, "kind", "decision", "currency")
    queues = {("waiting", "yes"): "requested_at"}
    summed = ((gettext_lazy("Amount"), "amount"),)
    search_fields = ("summary", "subject", "supplier__name", "asked_by__email")
    search_help_text = gettext_lazy("By request, supplier, or email of the person who requested it")
    date_hierarchy = "requested_at"
    fields = (
        "summary",
        "kind",
        "supplier",
        "shown_amount",
        "requested_by",
        "requested_at",
        "decision",
        "decided_by",
        "decided_at",
        "reason",
    )
    readonly_fields = ("shown_amount",)
    decisions = (ApproveView, RejectView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Approval]:
        rows: QuerySet[Approval] = super().get_queryset(request)
        return rows.select_related("supplier", "requested_by", "decided_by")

    def related_tables(self, row: Approval) -> Sequence[Table]:
        return [Table(_("Current figures"), (), subject_facts(row))]

    @admin.display(description=gettext_lazy("Amount"), ordering="amount")
    def shown_amount(self, approval: Approval) -> SafeString | str:
        return _amount(approval)

    @admin.display(description=gettext_lazy("Waiting"))
    def waiting(self, approval: Approval) -> str:
        return waiting_text(approval.requested_at, now=timezone.now()) if approval.decided_at is None else ""
