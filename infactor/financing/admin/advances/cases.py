"""Cases in admin: what staff must decide about funded advances, with its differences, holds and outcome."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.blockers import done_blocker
from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.filters import YesNoFilter
from infactor.core.admin.formatting import amount_text, day_text, moment_text, waiting_text
from infactor.core.admin.forms import MIN_REASON_LENGTH
from infactor.core.admin.tables import Facts, Table
from infactor.core.business_day import business_day
from infactor.core.lists.cells import AmountText
from infactor.core.translatable import Text
from infactor.financing.admin.advances.list_figures import ledger_balance
from infactor.financing.admin.base import advance_details
from infactor.financing.admin.base.decisions import FinancingDecision
from infactor.financing.advances import cases
from infactor.financing.models import WATCHED_KINDS, Case
from infactor.ledger.models import Purpose

CLOSE_NOTES = {
    True: gettext_lazy(
        "You accept the differences shown here. The case reopens automatically if the books change again."
    ),
    False: gettext_lazy(
        "After an upheld dispute, accept a short payment or record a repurchase on the advance's page."
    ),
}
WRITTEN: Any = {"min_length": MIN_REASON_LENGTH, "max_length": 500, "widget": forms.Textarea(attrs={"rows": 3})}


class CloseForm(forms.Form):
    """Asks for the outcome, one of those of the case's kind."""

    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), widget=forms.RadioSelect)
    conclusion = forms.CharField(
        label=gettext_lazy("Conclusion"),
        help_text=gettext_lazy("The supplier reads it on its page and in an email."),
        **WRITTEN,
    )


class CloseView(RowDecision, FinancingDecision):
    """Decide the case and close it."""

    row: Case
    name = "close"
    alternatives = ("release_hold",)
    label = button = gettext_lazy("Close")
    title = gettext_lazy("Close the case")
    permission, needs_fresh_factor = cases.RESOLVE_DISPUTES, True
    form_class = CloseForm

    @classmethod
    def is_possible(cls, row: Case) -> bool:
        return row.closed_at is None

    @classmethod
    def blocker_of(cls, row: Case) -> str:
        return (
            done_blocker(_("decided"), at=row.closed_at, by=row.closed_by) if row.closed_at else super().blocker_of(row)
        )

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["outcome"].choices = [(str(one), Case.Outcome(one).label) for one in cases.OUTCOMES[self.row.kind]]
        return form

    def get_notes(self) -> Sequence[Text]:
        return (CLOSE_NOTES[self.row.kind in WATCHED_KINDS],)

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
        return _("The case is closed. The supplier is told by email.")


class ReleaseHoldForm(forms.Form):
    """Asks why the hold is released."""

    reason = forms.CharField(label=gettext_lazy("Reason"), **WRITTEN)


class ReleaseHoldView(RowDecision, FinancingDecision):
    """Lift what an open case holds back."""

    row: Case
    name = "release_hold"
    alternatives = ("close",)
    label = button = gettext_lazy("Release the hold")
    title = gettext_lazy("Release the hold")
    permission = cases.RESOLVE_DISPUTES
    needs_fresh_factor = True
    form_class = ReleaseHoldForm
    notes = (gettext_lazy("The case stays open. If anything new is found, the hold returns."),)

    @classmethod
    def is_possible(cls, row: Case) -> bool:
        return row.holds_reserve and row.kind != Case.Kind.DISPUTE

    @classmethod
    def blocker_of(cls, row: Case) -> str:
        if row.closed_at is not None:
            return done_blocker(_("decided"), at=row.closed_at, by=row.closed_by)
        if row.kind == Case.Kind.DISPUTE:
            return _("A dispute holds the reserve until it is decided: decide it instead.")
        if row.hold_released_at is not None:
            return done_blocker(_("released"), at=row.hold_released_at, by=row.hold_released_by)
        return _("This case holds nothing back.")

    def facts(self) -> Facts:
        return case_facts(self.row)

    def tables(self) -> Sequence[Table]:
        return case_tables(self.row)

    def perform(self, form: Any) -> str:
        cases.release_hold(case=self.row, reason=form.cleaned_data["reason"], by=self.user, at=timezone.now())
        return _("The hold is released. The case stays open.")


def case_facts(case: Case) -> Facts:
    """What a decision about a case shows."""
    who = {"at": moment_text(case.opened_at), "who": case.opened_by or _("the system")}
    facts: list[tuple[str, object]] = [(_("Case"), case.get_kind_display()), (_("Reason"), case.reason)]
    facts.append((_("Opened"), _("%(at)s, by %(who)s") % who))
    if case.severity:
        facts += [(_("Severity"), case.get_severity_display()), (_("Holds"), holds_text(case))]
    if case.promised_at is not None:
        facts += [
            (_("Supplier will forward"), amount_text(case.promised_amount, case.advance.currency)),
            (_("Promised by"), f"{case.promised_by}, {moment_text(case.promised_at)}"),
            (_("Must arrive by"), day_text(case.forward_by)),
        ]
    return [*facts, *advance_details.advance_facts(case.advance)]


def case_tables(case: Case) -> Sequence[Table]:
    """The differences of a case of the watch."""
    return [differences_table(case)] if case.kind in WATCHED_KINDS else []


def differences_table(case: Case) -> Table:
    """What the books say now, against what was bought."""
    return Table(
        caption=_("Differences"),
        columns=(_("Field"), _("When bought"), _("Now"), _("Severity")),
        rows=[
            (
                one["field"],
                one["bought"],
                f"{one['now']}. {one['note']}" if one.get("note") else one["now"],
                Case.Severity(one["severity"]).label,
            )
            for one in case.differences
        ],
        empty=_("Nothing differs now."),
    )


def holds_text(case: Case) -> str:
    """What the case holds back now."""
    if case.hold_released_at is not None:
        return _("Released by %(who)s: %(reason)s") % {
            "who": case.hold_released_by,
            "reason": case.hold_release_reason,
        }
    if case.holds_offers:
        return _("The reserve, and new offers and payouts to this supplier")
    return _("The reserve") if case.holds_reserve else _("Nothing")


class OpenFilter(YesNoFilter):
    title = gettext_lazy("status")
    parameter_name = "open"
    yes, no = gettext_lazy("Open"), gettext_lazy("Closed")

    def condition(self) -> Q:
        return Q(closed_at__isnull=True)


class DeadlineFilter(admin.SimpleListFilter):
    """By when money that a supplier forwards was to arrive."""

    title = gettext_lazy("to arrive")
    parameter_name = "arrives"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("late", _("Did not arrive in time")), ("awaited", _("Still in time"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        today = business_day(timezone.now())
        awaited = queryset.filter(closed_at__isnull=True)
        if self.value() == "late":
            return awaited.filter(forward_by__lt=today)
        return awaited.filter(forward_by__gte=today) if self.value() == "awaited" else queryset


@admin.register(Case)
class CaseAdmin(DecisionAdmin):
    list_display = (
        "kind",
        "severity",
        "supplier",
        "advance",
        "shown_open",
        "reason",
        "waiting",
        "opened_at",
        "opened_by",
        "outcome",
        "closed_by",
    )
    list_filter = (
        OpenFilter,
        "kind",
        "severity",
        DeadlineFilter,
        "opened_at",
        "outcome",
        ("supplier", admin.RelatedOnlyFieldListFilter),
    )
    queues = {("open", "yes"): "opened_at"}
    summed = ((gettext_lazy("Open"), "open_now"),)
    currency_column = "advance__currency"
    search_fields = ("=advance__id", "supplier__name", "advance__invoice__invoice_no", "reason")
    search_help_text = gettext_lazy("By number of the advance, supplier, invoice or reason")
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
        return rows.annotate(open_now=ledger_balance(Purpose.RECEIVABLE, advance="advance_id")).select_related(
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

    def related_tables(self, row: Case) -> Sequence[Table]:
        return [*case_tables(row), *advance_details.related_tables(row.advance)]

    @admin.display(description=gettext_lazy("Open"), ordering="open_now")
    def shown_open(self, case: Any) -> AmountText:
        return amount_text(case.open_now, case.advance.currency)

    @admin.display(description=gettext_lazy("Holds"))
    def holds(self, case: Case) -> str:
        return holds_text(case)

    @admin.display(description=gettext_lazy("Waiting"))
    def waiting(self, case: Case) -> str:
        return waiting_text(case.opened_at, now=timezone.now()) if case.closed_at is None else ""
