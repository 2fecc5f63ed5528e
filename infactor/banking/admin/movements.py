"""Movements in admin: read only."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from infactor.banking.models import Movement
from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.formatting import amount_text
from infactor.core.lists.cells import AmountText


@admin.register(Movement)
class MovementAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "account", "kind", "shown_amount", "value_date", "note", "recorded_by")
    list_filter = ("kind", "account")
    list_select_related = ("account", "recorded_by")
    date_hierarchy = "value_date"
    fields = (
        "account",
        "kind",
        "shown_amount",
        "other_account",
        "value_date",
        "note",
        "recorded_by",
        "recorded_at",
    )
    readonly_fields = ("shown_amount",)

    @admin.display(description=_("Amount"), ordering="amount")
    def shown_amount(self, movement: Movement) -> AmountText:
        return amount_text(movement.amount, movement.account.currency)
