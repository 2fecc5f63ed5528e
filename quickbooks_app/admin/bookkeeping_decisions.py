"""Decisions of staff about one entry of the bookkeeping, in admin."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionView, RowDecision
from infactor.core.admin.formatting import amount_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.core.form_fields import DayInput
from infactor.invoices.models import Buyer
from infactor.suppliers.access import signed_in_user
from quickbooks_app import tasks
from quickbooks_app.bookkeeping import decisions
from quickbooks_app.bookkeeping.decisions import DECIDE, EntryRefused
from quickbooks_app.models import BookkeepingAccount, BookkeepingEntry

LABELS = dict(BookkeepingAccount.Role.choices)


def sides_table(row: BookkeepingEntry) -> Table:
    """The debits and credits of an entry."""
    sides = [
        (
            LABELS[role],
            amount_text(amount, row.currency) if amount > 0 else "",
            amount_text(-amount, row.currency) if amount < 0 else "",
        )
        for role, amount in row.amounts.items()
    ]
    return Table(_("Debit and credit"), (_("Account"), _("Debit"), _("Credit")), sides)


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
            (_("Event"), row.get_kind_display()),
            (_("Company"), row.connection.company_name),
            (_("Day"), f"{row.value_date:%Y-%m-%d}"),
            (_("Key"), row.key),
            (_("Why it is not written"), row.blocker or (push.error if push else "") or _("It is written.")),
        ]

    def tables(self) -> Sequence[Table]:
        return (sides_table(self.row),)

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
    label = button = gettext_lazy("Write again")
    title = gettext_lazy("Write into the books again")
    notes = (gettext_lazy("infactor looks for it in QuickBooks first: what is there already is not written twice."),)

    @classmethod
    def is_possible(cls, row: BookkeepingEntry) -> bool:
        return decisions.is_stuck(row)

    @classmethod
    def blocker_of(cls, row: BookkeepingEntry) -> str:
        return decisions.NOT_WRITABLE

    def perform(self, form: Any) -> str:
        push = decisions.write_again(entry=self.row, **self.given(form))
        transaction.on_commit(lambda: tasks.enqueue_push(push.pk))
        return _("It is being written again.")


class MarkDoneView(_EntryView):
    """Mark an entry as entered by hand."""

    name = "mark_done"
    label = button = gettext_lazy("Mark as done by hand")
    title = gettext_lazy("Mark as entered by hand")
    notes = (gettext_lazy("infactor will not write it. The daily comparison says that it was entered by hand."),)

    @classmethod
    def is_possible(cls, row: BookkeepingEntry) -> bool:
        return decisions.is_stuck(row)

    @classmethod
    def blocker_of(cls, row: BookkeepingEntry) -> str:
        return decisions.NOT_WRITABLE

    def perform(self, form: Any) -> str:
        decisions.mark_done(entry=self.row, **self.given(form))
        return _("It counts as done.")


class UndoForm(ReasonForm):
    """Asks for the day of the reversal."""

    on = forms.DateField(label=gettext_lazy("Day of the reversal"), widget=DayInput())
    field_order = ("on", "reason")


class UndoView(_EntryView):
    """Undo an entry by a reversing journal entry."""

    name = "undo"
    label = gettext_lazy("Undo in the books")
    title = gettext_lazy("Undo in the books")
    button = gettext_lazy("Write the reversal")
    form_class = UndoForm
    notes = (
        gettext_lazy("A journal entry with both sides exchanged is written. Nothing is deleted or voided."),
        gettext_lazy("infactor's own ledger does not change, so the daily comparison will name this entry."),
    )

    @classmethod
    def is_possible(cls, row: BookkeepingEntry) -> bool:
        return decisions.is_undoable(row)

    @classmethod
    def blocker_of(cls, row: BookkeepingEntry) -> str:
        return decisions.NOT_UNDOABLE

    def perform(self, form: Any) -> str:
        reversal = decisions.undo(entry=self.row, on=form.cleaned_data["on"], **self.given(form))
        if push_id := BookkeepingEntry.objects.values_list("push", flat=True).get(pk=reversal.pk):
            transaction.on_commit(lambda: tasks.enqueue_push(push_id))
        return _("The reversal is being written.")


class CustomerForm(ReasonForm):
    """Asks whose payment it is."""

    customer = forms.CharField(label=gettext_lazy("QuickBooks id of the customer"), max_length=64)
    field_order = ("customer", "reason")


class CustomerView(_EntryView):
    """Say whose payment infactor received."""

    name = "customer"
    label = gettext_lazy("Choose the customer")
    title = gettext_lazy("Whose payment is it?")
    button = gettext_lazy("Write the payment")
    form_class = CustomerForm
    notes = (gettext_lazy("It is written as a payment of this customer that is not applied to an invoice yet."),)

    @classmethod
    def is_possible(cls, row: BookkeepingEntry) -> bool:
        return decisions.needs_customer(row)

    @classmethod
    def blocker_of(cls, row: BookkeepingEntry) -> str:
        return decisions.NOT_WRITABLE

    def perform(self, form: Any) -> str:
        file_id = self.row.connection.company_file_id
        buyer = Buyer.objects.filter(company_file=file_id, reference=form.cleaned_data["customer"].strip()).first()
        if buyer is None:
            raise EntryRefused(_("These books have no such customer."))
        push = decisions.choose_customer(entry=self.row, buyer=buyer, **self.given(form))
        transaction.on_commit(lambda: tasks.enqueue_push(push.pk))
        return _("It is being written.")
