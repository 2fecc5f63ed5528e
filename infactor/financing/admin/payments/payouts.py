"""Payouts in admin: what was sent where, recording a failure, and resending."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.tables import Facts, Table
from infactor.core.money import format_amount
from infactor.financing import netting, payouts
from infactor.financing.admin.base.advance_details import blockers_table
from infactor.financing.admin.base.decisions import (
    FinancingDecision,
    account_text,
    cash_facts,
    current_day,
    dual_control_text,
)
from infactor.financing.admin.base.forms import ValueDateAndReasonForm, ValueDateForm
from infactor.financing.admin.base.tables import ledger_table
from infactor.financing.admin.payments import supplier_balances
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.models import Approval, Payout
from infactor.ledger.models import Transaction


class PayoutDecision(RowDecision, FinancingDecision):
    """A decision about one payout."""

    row: Payout
    permission = payouts.SEND_PAYOUTS
    needs_fresh_factor = True
    possible_status = ""

    @classmethod
    def is_possible(cls, row: Payout) -> bool:
        return row.status == cls.possible_status

    def facts(self) -> Facts:
        return payout_facts(self.row)

    def get_initial(self) -> dict[str, Any]:
        return {"value_date": current_day(self.row.supplier)}


class RecordFailureView(PayoutDecision):
    """The bank has returned the payout."""

    name = "fail"
    label = title = "Record a failure"
    button = "Record"
    possible_status = Payout.Status.SENT
    form_class = ValueDateAndReasonForm
    notes = (
        "Confirm only when the money is back in infactor's account.",
        "Of an advance that the buyer still owes, the buyer is told to pay the supplier until it is sent again.",
    )

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        payouts.record_failure(
            payout=self.row,
            value_date=data["value_date"],
            reason=data["reason"],
            by=self.user,
            at=timezone.now(),
        )
        return f"{self.row} failed: the money is back, and can be sent again."


class ResendView(PayoutDecision):
    """Pay a failed payout again, to the account that is in use now."""

    name = "resend"
    label = title = button = "Resend"
    possible_status = Payout.Status.FAILED
    form_class = ValueDateForm
    notes = (
        "It goes to the account that is confirmed now. Check whether it is the same as before.",
        "Of an advance that the buyer still owes, the buyer gets a new notice of assignment.",
    )

    def facts(self) -> Facts:
        supplier, currency = self.row.supplier, self.row.currency
        return [
            *super().facts(),
            ("To the account now", account_text(supplier=supplier, currency=currency)),
            *self._debt_facts(),
            *cash_facts(amount=self.row.amount, currency=currency),
            ("Second person", dual_control_text(amount=self.row.amount, supplier=supplier, currency=currency)),
        ]

    def _debt_facts(self) -> Facts:
        """What the supplier owes now. A payout that is sent again keeps its amount."""
        owed = netting.debt(supplier_id=self.row.supplier_id, currency=self.row.currency)
        return [("The supplier owes infactor, not deducted", amount_text(owed, self.row.currency))] if owed > 0 else []

    def tables(self) -> list[Table]:
        """What has changed since then. While the buyer owes it, an invoice that is no longer open is not bought."""
        if self.row.advance is None or self.row.purpose != Payout.Purpose.ADVANCE:
            return []
        blockers = blockers_table(self.row.advance)
        return [replace(blockers, caption="What has changed about the invoice since then")] if blockers.rows else []

    def perform(self, form: Any) -> str:
        payout = self.row
        amount = format_amount(payout.amount, payout.currency)
        request = ApprovalRequest(
            kind=Approval.Kind.RESEND,
            subject=payout.ledger_owner,
            permission=self.permission,
            supplier=payout.supplier,
            currency=payout.currency,
            amount=payout.amount,
            summary=f"Resend {amount} to {payout.supplier}",
            arguments={"payout": payout.pk, "value_date": form.cleaned_data["value_date"].isoformat()},
        )
        return self.execute_or_request_approval(request, done=f"{amount} is sent again to {payout.supplier}.")


def payout_facts(payout: Payout) -> Facts:
    """The facts that every decision about a payout shows."""
    return [
        ("Payout", link(payout)),
        ("Supplier", link(payout.supplier)),
        ("For", payout.get_purpose_display()),
        ("Amount", amount_text(payout.amount, payout.currency)),
        ("Value date", day_text(payout.value_date)),
        ("Status", payout.get_status_display()),
        ("Sent to", f"{payout.bank_account.masked}, {payout.bank_account.bank_name}"),
        ("The bank's reason", payout.failure_reason or "-"),
    ]


@admin.register(Payout)
class PayoutAdmin(DecisionAdmin):
    list_display = (
        "__str__",
        "supplier",
        "purpose",
        "advance",
        "shown_amount",
        "value_date",
        "status",
        "account",
        "sent_by",
        "failed_on",
    )
    list_filter = ("status", "purpose", "currency")
    search_fields = ("=id", "supplier__name", "=advance__id", "=amount")
    search_help_text = "By supplier, number of the payout or of the advance, or exact amount"
    date_hierarchy = "value_date"
    change_list_template = "admin/financing/payout/change_list.html"
    fields = (
        "supplier",
        "purpose",
        "advance",
        "shown_amount",
        "value_date",
        "status",
        "account",
        "sent_by",
        "sent_at",
        "approved_by",
        "failed_on",
        "failure_reason",
        "replaces",
        "public_id",
    )
    readonly_fields = ("shown_amount", "account", "public_id")
    decisions = (RecordFailureView, ResendView)

    def get_urls(self) -> list[URLPattern]:
        """With the balances of suppliers, and remitting a surplus."""
        balances = self.admin_site.admin_view(supplier_balances.BalancesView.as_view())
        remit = self.admin_site.admin_view(supplier_balances.RemitView.as_view())
        return [
            path("balances/", balances, name="financing_payout_balances"),
            path("balances/<int:supplier_id>/<str:currency>/", remit, name="financing_payout_remit"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payout]:
        rows: QuerySet[Payout] = super().get_queryset(request)
        return rows.select_related("supplier", "advance", "bank_account", "sent_by").defer(
            "bank_account__account_number", "bank_account__routing_number"
        )

    def related_tables(self, row: Payout) -> Sequence[Table]:
        transactions = Transaction.objects.filter(reference__startswith=f"{row.ledger_owner}:").prefetch_related(
            "entries__account"
        )
        return [ledger_table(transactions.order_by("pk"))]

    @admin.display(description="Amount", ordering="amount")
    def shown_amount(self, payout: Payout) -> SafeString:
        return amount_text(payout.amount, payout.currency)

    @admin.display(description="Account")
    def account(self, payout: Payout) -> str:
        return payout.bank_account.masked
