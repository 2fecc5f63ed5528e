"""Movements in admin: what was recorded, and taking it back."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking import movements
from infactor.banking.admin.decisions import BankingDecision
from infactor.banking.models import Movement
from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.filters import filled_in_filter
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts
from infactor.core.lists.cells import AmountText
from infactor.core.reasons import ReasonMissing

WITHDRAWN = filled_in_filter("withdrawn", no=gettext_lazy("In the books"), yes=gettext_lazy("Withdrawn"))


class WithdrawView(RowDecision, BankingDecision):
    """Take back a movement that was recorded by mistake."""

    row: Movement
    name, label, title, button = (
        "withdraw",
        gettext_lazy("Withdraw"),
        gettext_lazy("Withdraw the movement"),
        gettext_lazy("Withdraw"),
    )
    permission = movements.KEEP_HOUSE_ACCOUNTS
    needs_fresh_factor = True
    refusals = (*BankingDecision.refusals, ReasonMissing)
    form_class = ReasonForm
    notes = (
        gettext_lazy(
            "Its posting is reversed for the same day or, where that month is closed, for the first open day. "
            "A line of a statement that confirms it is open again."
        ),
    )

    @classmethod
    def is_possible(cls, row: Movement) -> bool:
        return row.withdrawn_at is None

    @classmethod
    def blocker_of(cls, row: Movement) -> str:
        return _("It is withdrawn already.")

    def facts(self) -> Facts:
        return [
            (_("Movement"), self.row.get_kind_display()),
            (_("Account"), link(self.row.account)),
            (_("Amount"), amount_text(self.row.amount, self.row.account.currency)),
            (_("Value date"), day_text(self.row.value_date)),
            *([(_("Line"), link(self.row.line))] if self.row.line is not None else []),
        ]

    def perform(self, form: Any) -> str:
        reason = form.cleaned_data["reason"]
        done = movements.withdraw(movement=self.row, reason=reason, by=self.user, at=timezone.now())
        return _("%(movement)s is withdrawn.") % {"movement": done}


@admin.register(Movement)
class MovementAdmin(DecisionAdmin):
    list_display = ("__str__", "account", "kind", "shown_amount", "value_date", "note", "recorded_by", "is_withdrawn")
    list_filter = ("kind", "account", ("withdrawn_at", WITHDRAWN))
    list_select_related = ("account", "recorded_by")
    date_hierarchy = "value_date"
    fields = (
        "account",
        "kind",
        "shown_amount",
        "other_account",
        "value_date",
        "note",
        "line",
        "recorded_by",
        "recorded_at",
        "withdrawn_by",
        "withdrawn_at",
        "withdrawal_reason",
    )
    readonly_fields = ("shown_amount",)
    decisions = (WithdrawView,)

    @admin.display(description=gettext_lazy("Amount"), ordering="amount")
    def shown_amount(self, movement: Movement) -> AmountText:
        return amount_text(movement.amount, movement.account.currency)

    @admin.display(description=gettext_lazy("Withdrawn"), boolean=True, ordering="withdrawn_at")
    def is_withdrawn(self, movement: Movement) -> bool:
        return movement.withdrawn_at is not None
