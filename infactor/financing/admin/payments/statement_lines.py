"""Lines of bank statements in admin: what each is likely for, and the decisions about it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking.models import StatementLine
from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.formatting import amount_text, link
from infactor.core.admin.tables import Table
from infactor.core.lists.cells import AmountText
from infactor.financing.admin.base.tables import value_date_text
from infactor.financing.admin.payments import (
    line_confirmation,
    line_decisions,
    line_payment_returns,
    line_payouts,
    line_returns,
    matching,
)

Status = StatementLine.Status


@admin.register(StatementLine)
class StatementLineAdmin(DecisionAdmin):
    list_display = ("__str__", "account", "booking_date", "shown_amount", "payer", "remittance", "status", "likely")
    list_filter = ("status", "account", "booking_date")
    queues = {("status__exact", one): "created_at" for one in (Status.WAITING, Status.DEBIT)}
    summed = ((gettext_lazy("Amount"), "amount"),)
    currency_column = "account__currency"
    list_select_related = ("account", "proposal")
    search_fields = ("=id", "reference", "entry_id", "payer", "remittance", "=amount")
    search_help_text = gettext_lazy("By number, reference, payer, what it is for, or exact amount")
    date_hierarchy = "booking_date"
    change_list_template = "admin/banking/statementline/change_list.html"
    fields = (
        "account",
        "statement",
        "place",
        "shown_amount",
        "value_date",
        "booking_date",
        "payer",
        "remittance",
        "reference",
        "entry_id",
        "status",
        "same_as",
        "note",
        "decided_by",
        "decided_at",
    )
    readonly_fields = ("shown_amount",)
    decisions = (
        line_decisions.MatchLineView,
        line_payouts.ConfirmDebitView,
        line_payment_returns.PaymentCameBackView,
        line_payouts.CameBackView,
        line_returns.CostCameBackView,
        line_returns.NotReturnedView,
        line_confirmation.ConfirmBookedView,
        line_decisions.ExplainView,
        line_confirmation.MarkDuplicateView,
        line_confirmation.ReopenView,
    )

    def get_urls(self) -> list[URLPattern]:
        """With the page of the day's statement."""
        view = self.admin_site.admin_view(matching.MatchingView.as_view())
        return [path("matching/", view, name="banking_statementline_matching"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatementLine]:
        return super().get_queryset(request).defer("payer_account")

    def related_tables(self, row: StatementLine) -> Sequence[Table]:
        return [line_decisions.reasons_table(row), _entries_table(row)]

    @admin.display(description=gettext_lazy("Amount"), ordering="amount")
    def shown_amount(self, line: StatementLine) -> AmountText:
        return amount_text(line.amount, line.account.currency)

    @admin.display(description=gettext_lazy("Likely"))
    def likely(self, line: Any) -> str:
        proposal = getattr(line, "proposal", None)
        is_open = line.status in (Status.WAITING, Status.DEBIT)
        return proposal.reasons[0] if is_open and proposal is not None and proposal.reasons else ""


def _entries_table(row: StatementLine) -> Table:
    found = row.matches.select_related("entry__transaction", "matched_by")
    return Table(
        _("What it confirms in the books"),
        (_("Posting"), _("Value date"), _("Amount"), _("Matched by")),
        [
            (
                link(one.entry.transaction, one.entry.transaction.description or one.entry.transaction.reference),
                value_date_text(one.entry.transaction),
                amount_text(one.entry.debit - one.entry.credit, row.account.currency),
                str(one.matched_by or _("the system")),
            )
            for one in found
        ],
        _("Nothing yet."),
    )
