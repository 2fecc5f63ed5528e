"""Advances in admin: their list, their details, and the decisions about each."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.formatting import amount_text, day_text, link, waiting_text
from infactor.core.admin.tables import Table
from infactor.financing.accounting import balances
from infactor.financing.admin.advances import closing_actions, corrections, funding
from infactor.financing.admin.base import advance_details
from infactor.financing.admin.payments import payment_entry
from infactor.financing.models import CLOSED_STATUSES, OUTSTANDING_STATUSES, Advance, Case
from infactor.invoices.selectors import LARGE_COLUMNS

CASE_LABELS = {"dispute": "Dispute open", "recourse": "Recourse open", "late": "Past its recourse date"}


class CaseFilter(admin.SimpleListFilter):
    title = "open case"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(CASE_LABELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Advance]) -> QuerySet[Advance]:
        if self.value() == "late":
            return queryset.filter(status=Advance.Status.FUNDED, recourse_on__lte=timezone.now().date())
        if self.value() in CASE_LABELS:
            rows = Case.objects.filter(kind=self.value(), closed_at__isnull=True)
            return queryset.filter(pk__in=rows.values("advance"))
        return queryset


@admin.register(Advance)
class AdvanceAdmin(DecisionAdmin):
    list_display = (
        "__str__",
        "status",
        "waiting",
        "supplier",
        "invoice_number",
        "buyer",
        "shown_amount",
        "shown_face",
        "funded_on",
        "recourse_on",
        "collected_on",
    )
    list_filter = ("status", CaseFilter, "currency")
    search_fields = ("=id", "invoice__invoice_no", "supplier__name", "buyer__name")
    search_help_text = "By number of the advance, invoice, supplier or buyer"
    date_hierarchy = "accepted_at"
    fields = (
        "supplier",
        "buyer",
        "invoice",
        "status",
        "reason",
        "shown_face",
        "shown_base",
        "shown_amount",
        "shown_reserve",
        "ledger_balances",
        "terms",
        "offer",
        "accepted_at",
        "funded_on",
        "recourse_on",
        "collected_on",
        "ended_on",
        "shown_fee",
        "shown_rebate",
        "public_id",
    )
    readonly_fields = (
        "shown_face",
        "shown_base",
        "shown_amount",
        "shown_reserve",
        "ledger_balances",
        "shown_fee",
        "shown_rebate",
        "offer",
        "public_id",
    )
    decisions = (
        funding.FundView,
        funding.CancelView,
        payment_entry.RecordForAdvanceView,
        closing_actions.SettleView,
        closing_actions.AcceptShortPaymentView,
        closing_actions.RepurchaseView,
        closing_actions.WriteOffView,
        closing_actions.OpenDisputeView,
        corrections.ReopenSettlementView,
        corrections.TakeBackShortPaymentView,
        corrections.CancelRepurchaseView,
        corrections.CancelWriteOffView,
        corrections.CostView,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Advance]:
        rows: QuerySet[Advance] = super().get_queryset(request)
        rows = rows.select_related(
            "supplier", "invoice", "buyer", "terms", "offer_line__request_line", "offer_line__offer"
        )
        return rows.defer(*(f"invoice__{name}" for name in LARGE_COLUMNS))

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """In a work queue the oldest first; in the whole list the newest first."""
        is_queue = "status__in" in request.GET or request.GET.get("status__exact") in (
            Advance.Status.ACCEPTED,
            *CLOSED_STATUSES,
        )
        return ["accepted_at"] if is_queue else ["-accepted_at"]

    def related_tables(self, row: Advance) -> Sequence[Table]:
        return advance_details.related_tables(row)

    @admin.display(description="Invoice", ordering="invoice__invoice_no")
    def invoice_number(self, advance: Advance) -> str:
        return str(advance.invoice)

    @admin.display(description="Waiting")
    def waiting(self, advance: Advance) -> str:
        """Until the payout, and from the buyer's payment to the settlement."""
        now = timezone.now()
        if advance.status == Advance.Status.ACCEPTED:
            return waiting_text(advance.accepted_at, now=now)
        if advance.status in CLOSED_STATUSES:
            return f"since {day_text(advance.collected_on)}"
        late = advance.status in OUTSTANDING_STATUSES and advance.recourse_on <= now.date()
        return "past recourse" if late else ""

    @admin.display(description="Face", ordering="face")
    def shown_face(self, advance: Advance) -> SafeString:
        return amount_text(advance.face, advance.currency)

    @admin.display(description="Base", ordering="base")
    def shown_base(self, advance: Advance) -> SafeString:
        return amount_text(advance.base, advance.currency)

    @admin.display(description="Advance", ordering="amount")
    def shown_amount(self, advance: Advance) -> SafeString:
        return amount_text(advance.amount, advance.currency)

    @admin.display(description="Reserve", ordering="reserve")
    def shown_reserve(self, advance: Advance) -> SafeString:
        return amount_text(advance.reserve, advance.currency)

    @admin.display(description="Fee")
    def shown_fee(self, advance: Advance) -> SafeString | str:
        return "" if advance.fee is None else amount_text(advance.fee, advance.currency)

    @admin.display(description="Rebate")
    def shown_rebate(self, advance: Advance) -> SafeString | str:
        return "" if advance.rebate is None else amount_text(advance.rebate, advance.currency)

    @admin.display(description="By the ledger")
    def ledger_balances(self, advance: Advance) -> SafeString:
        outstanding = balances.outstanding(advance=advance)
        receivable, reserve = (
            amount_text(outstanding.receivable, advance.currency),
            amount_text(outstanding.reserve, advance.currency),
        )
        return format_html("{} outstanding, {} in reserve", receivable, reserve)

    @admin.display(description="Offer")
    def offer(self, advance: Advance) -> SafeString:
        return link(advance.offer_line.offer)
