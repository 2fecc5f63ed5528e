"""Statements in admin: their balances and what does not fit. Read only."""

from collections.abc import Sequence

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking.models import Statement
from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.formatting import amount_text, day_text
from infactor.core.admin.tables import Table
from infactor.core.lists.cells import AmountText

MAX_LISTED = 200


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "account", "from_date", "to_date", "begins", "ends", "unexplained", "line_count")
    list_filter = ("account",)
    list_select_related = ("account",)
    date_hierarchy = "to_date"
    fields = ("file", "account", "number", "from_date", "to_date", "begins", "ends", "unexplained", "line_count")
    readonly_fields = ("begins", "ends", "unexplained")

    def related_tables(self, row: Statement) -> Sequence[Table]:
        lines = row.lines.order_by("pk")[:MAX_LISTED]
        return [
            Table(
                _("What the file itself contradicts"), (_("Problem"),), [(one,) for one in row.findings], _("Nothing.")
            ),
            Table(
                _("Lines that this statement brought"),
                (_("Place"), _("Booked"), _("Amount"), _("Payer or payee"), _("Text"), _("State")),
                [
                    (
                        one.place,
                        day_text(one.booking_date),
                        amount_text(one.amount, row.account.currency),
                        one.payer or "-",
                        one.remittance or "-",
                        one.get_status_display(),
                    )
                    for one in lines
                ],
                _("All of them were known before."),
            ),
        ]

    @admin.display(description=gettext_lazy("Begins with"))
    def begins(self, row: Statement) -> AmountText | str:
        return "" if row.opening_balance is None else amount_text(row.opening_balance, row.account.currency)

    @admin.display(description=gettext_lazy("Ends with"))
    def ends(self, row: Statement) -> AmountText | str:
        return "" if row.closing_balance is None else amount_text(row.closing_balance, row.account.currency)

    @admin.display(description=gettext_lazy("Not explained by its lines"))
    def unexplained(self, row: Statement) -> AmountText | str:
        return amount_text(row.difference, row.account.currency) if row.difference else ""
