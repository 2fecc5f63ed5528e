"""The bookkeeping in admin: who has turned it on, each entry with decisions about it, and the daily comparisons."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import amount_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.financing.admin.queues import definitions
from infactor.invoices.models import Buyer
from infactor.suppliers.access import signed_in_user
from infactor.users.models import User
from quickbooks_app import tasks
from quickbooks_app.bookkeeping import decisions, entries
from quickbooks_app.bookkeeping.decisions import DECIDE, EntryRefused
from quickbooks_app.models import BookkeepingAccount, BookkeepingComparison, BookkeepingEntry, BookkeepingSettings

SECRETS = ("realm_id", "access_token", "refresh_token")
LABELS = dict(BookkeepingAccount.Role.choices)
LINES_SHOWN = 500


class _EntryView(RowDecision, DecisionView):
    """What the decisions about an entry have in common."""

    row: BookkeepingEntry
    permission = DECIDE
    needs_fresh_factor = True
    form_class: Any = ReasonForm
    refusals = (EntryRefused,)

    def facts(self) -> Facts:
        row = self.row
        push = row.push
        return [
            ("Event", row.get_kind_display()),
            ("Company", row.connection.company_name),
            ("Day", f"{row.value_date:%Y-%m-%d}"),
            ("Key", row.key),
            ("Why it is not written", row.blocker or (push.error if push else "") or "It is written."),
        ]

    def tables(self) -> Sequence[Table]:
        return (_sides(self.row),)

    def given(self, form: Any) -> dict[str, Any]:
        """Who decides, when and why."""
        return {
            "by": signed_in_user(self.request),
            "at": timezone.now(),
            "reason": form.cleaned_data["reason"],
        }


class WriteAgainView(_EntryView):
    """Write an entry that failed once more, with the accounts as they are chosen now."""

    name = "write_again"
    label = button = "Write again"
    title = "Write into the books again"
    notes = ("infactor looks for it in QuickBooks first: what is there already is not written twice.",)

    @classmethod
    def is_possible(cls, row: BookkeepingEntry) -> bool:
        return decisions.is_stuck(row)

    def perform(self, form: Any) -> str:
        push = decisions.write_again(entry=self.row, **self.given(form))
        transaction.on_commit(lambda: tasks.enqueue_push(push.pk))
        return "It is being written again."


class MarkDoneView(_EntryView):
    """Mark an entry as entered by hand."""

    name = "mark_done"
    label = button = "Mark as done by hand"
    title = "Mark as entered by hand"
    notes = ("infactor will not write it. The daily comparison says that it was entered by hand.",)

    @classmethod
    def is_possible(cls, row: BookkeepingEntry) -> bool:
        return decisions.is_stuck(row)

    def perform(self, form: Any) -> str:
        decisions.mark_done(entry=self.row, **self.given(form))
        return "It counts as done."


class UndoForm(ReasonForm):
    """Asks for the day of the reversal."""

    on = forms.DateField(label="Day of the reversal", widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ("on", "reason")


class UndoView(_EntryView):
    """Undo an entry by a reversing journal entry."""

    name = "undo"
    label = "Undo in the books"
    title = "Undo in the books"
    button = "Write the reversal"
    form_class = UndoForm
    notes = (
        "A journal entry with both sides exchanged is written. Nothing is deleted or voided.",
        "infactor's own ledger does not change, so the daily comparison will name this entry.",
    )

    @classmethod
    def is_possible(cls, row: BookkeepingEntry) -> bool:
        return decisions.is_undoable(row)

    def perform(self, form: Any) -> str:
        reversal = decisions.undo(entry=self.row, on=form.cleaned_data["on"], **self.given(form))
        if push_id := BookkeepingEntry.objects.values_list("push", flat=True).get(pk=reversal.pk):
            transaction.on_commit(lambda: tasks.enqueue_push(push_id))
        return "The reversal is being written."


class CustomerForm(ReasonForm):
    """Asks whose payment it is."""

    customer = forms.CharField(label="QuickBooks id of the customer", max_length=64)
    field_order = ("customer", "reason")


class CustomerView(_EntryView):
    """Say whose payment infactor received."""

    name = "customer"
    label = "Choose the customer"
    title = "Whose payment is it?"
    button = "Write the payment"
    form_class = CustomerForm
    notes = ("It is written as a payment of this customer that is not applied to an invoice yet.",)

    @classmethod
    def is_possible(cls, row: BookkeepingEntry) -> bool:
        return decisions.needs_customer(row)

    def perform(self, form: Any) -> str:
        file_id = self.row.connection.company_file_id
        buyer = Buyer.objects.filter(company_file=file_id, reference=form.cleaned_data["customer"].strip()).first()
        if buyer is None:
            raise EntryRefused("These books have no such customer.")
        push = decisions.choose_customer(entry=self.row, buyer=buyer, **self.given(form))
        transaction.on_commit(lambda: tasks.enqueue_push(push.pk))
        return "It is being written."


class StuckFilter(admin.SimpleListFilter):
    """What is written only if somebody acts."""

    title = "whether somebody must act"
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Somebody must act")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pk__in=entries.stuck().values("pk")) if self.value() == "yes" else queryset


@admin.register(BookkeepingEntry)
class BookkeepingEntryAdmin(DecisionAdmin):
    list_display = (
        "connection",
        "value_date",
        "kind",
        "advance",
        "state",
        "currency",
        *BookkeepingEntry.ACCOUNTS,
        "key",
        "blocker",
    )
    list_select_related = ("connection", "advance", "push")
    list_filter = (StuckFilter, "kind", "push__state", ("connection", admin.RelatedOnlyFieldListFilter))
    search_fields = ("=key", "=push__qbk_id", "connection__company_name", "connection__supplier__name")
    search_help_text = "By key, QuickBooks id, company or supplier"
    date_hierarchy = "value_date"
    fields = (
        *list_display,
        "push",
        "customer",
        "reverses",
        "source",
        "done_by_hand_at",
        "done_by_hand_by",
        "note",
        "recorded_at",
    )
    readonly_fields = ("state",)
    decisions = (WriteAgainView, CustomerView, MarkDoneView, UndoView)

    @admin.display(description="State")
    def state(self, row: BookkeepingEntry) -> str:
        if row.done_by_hand_at is not None:
            return "Entered by hand"
        if row.push is None:
            return "Somebody must act" if row.blocker else "Waiting"
        return str(row.push.get_state_display())

    def get_queryset(self, request: HttpRequest) -> QuerySet[BookkeepingEntry]:
        rows: QuerySet[BookkeepingEntry] = super().get_queryset(request)
        return rows.defer(*(f"connection__{name}" for name in SECRETS))

    def related_tables(self, row: BookkeepingEntry) -> Sequence[Table]:
        writes = row.connection.pushes.filter(reference=row.key)
        tried = [(one.requested_at, one.get_state_display(), one.qbk_id, one.error) for one in writes]
        return (
            _sides(row),
            Table("Writes", ("Requested", "State", "QuickBooks id", "Error"), tried, empty="Not asked for yet."),
        )


@admin.register(BookkeepingSettings)
class BookkeepingSettingsAdmin(ReadOnlyAdmin):
    list_display = ("connection", "is_turned_on", "start_on", "currency", "turned_on_at", "turned_on_by")
    list_select_related = ("connection", "turned_on_by")
    list_filter = ("currency", ("connection", admin.RelatedOnlyFieldListFilter))
    search_fields = ("connection__company_name", "connection__supplier__name")
    search_help_text = "By company or supplier"
    fields = list_display
    readonly_fields = ("is_turned_on",)

    @admin.display(description="On", boolean=True)
    def is_turned_on(self, row: BookkeepingSettings) -> bool:
        return row.is_on

    def get_queryset(self, request: HttpRequest) -> QuerySet[BookkeepingSettings]:
        rows: QuerySet[BookkeepingSettings] = super().get_queryset(request)
        return rows.defer(*(f"connection__{name}" for name in SECRETS))

    def related_tables(self, row: BookkeepingSettings) -> Sequence[Table]:
        mapped = [
            (LABELS[one.role], one.name, one.qbk_id or (one.push and one.push.error) or "Being created")
            for one in row.accounts.select_related("push")
        ]
        return (Table("Accounts", ("For", "Account", "QuickBooks id"), mapped),)


@admin.register(BookkeepingComparison)
class BookkeepingComparisonAdmin(ReadOnlyAdmin):
    list_display = (
        "connection",
        "compared_on",
        "state",
        "advances_theirs",
        "advances_ours",
        "due_theirs",
        "due_ours",
        "error",
    )
    list_select_related = ("connection",)
    list_filter = ("state", ("connection", admin.RelatedOnlyFieldListFilter))
    search_fields = ("connection__company_name", "connection__supplier__name")
    search_help_text = "By company or supplier"
    date_hierarchy = "compared_on"
    fields = (*list_display, "compared_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BookkeepingComparison]:
        rows: QuerySet[BookkeepingComparison] = super().get_queryset(request)
        return rows.defer(*(f"connection__{name}" for name in SECRETS))

    def related_tables(self, row: BookkeepingComparison) -> Sequence[Table]:
        columns = ("Account", "QuickBooks less infactor", "Why", "Entry", "Object", "QuickBooks id", "Day", "More")
        lines = [
            (
                LABELS[one.role],
                f"{one.amount:,.2f}",
                one.get_kind_display(),
                one.entry or "",
                one.entity,
                one.qbk_id,
                one.day or "",
                one.explanation,
            )
            for one in row.lines.select_related("entry")[:LINES_SHOWN]
        ]
        return (Table("What differs", columns, lines, empty="Nothing differs."),)


def _sides(row: BookkeepingEntry) -> Table:
    sides = [
        (
            LABELS[role],
            amount_text(amount, row.currency) if amount > 0 else "",
            amount_text(-amount, row.currency) if amount < 0 else "",
        )
        for role, amount in row.amounts.items()
    ]
    return Table("Debit and credit", ("Account", "Debit", "Credit"), sides)


def _stuck(by: User, at: datetime) -> QuerySet[BookkeepingEntry]:
    return entries.stuck()


definitions.register(
    definitions.Queue(
        "bookkeeping",
        "Bookkeeping to look at",
        DECIDE,
        "quickbooks_app_bookkeepingentry_changelist",
        "?stuck=yes",
        _stuck,
        "recorded_at",
    )
)
