"""Advances in admin: their list, their details, and the decisions about each."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.formatting import amount_text, day_text, figure_text, link, waiting_text
from infactor.core.admin.many_rows import ManyRowsAdmin
from infactor.core.admin.tables import Table
from infactor.core.business_day import business_day
from infactor.core.lists.cells import AmountText, FigureText
from infactor.financing.admin.advances import (
    closing_actions,
    corrections,
    costs,
    fund_many,
    funding,
    settle_clean,
    settling,
)
from infactor.financing.admin.advances.list_figures import (
    CaseFilter,
    LateFilter,
    days_late,
    with_list_figures,
    with_page_figures,
)
from infactor.financing.admin.base import advance_details
from infactor.financing.admin.payments import payment_entry
from infactor.financing.models import CLOSED_STATUSES, OUTSTANDING_STATUSES, Advance
from infactor.invoices.selectors import LARGE_COLUMNS


@admin.register(Advance)
class AdvanceAdmin(ManyRowsAdmin):
    list_display = (
        "__str__",
        "status",
        "waiting",
        "supplier",
        "buyer",
        "invoice_number",
        "due_on",
        "days_late",
        "shown_amount",
        "shown_open",
        "shown_collected",
        "shown_reserve_now",
        "in_books",
        "open_in_books",
    )
    list_filter = (
        LateFilter,
        "status",
        CaseFilter,
        ("supplier", admin.RelatedOnlyFieldListFilter),
        "currency",
    )
    queues = {
        ("status__exact", Advance.Status.ACCEPTED): "accepted_at",
        ("status__in", ",".join(CLOSED_STATUSES)): "collected_on",
        **{("status__exact", one): "collected_on" for one in CLOSED_STATUSES},
    }
    summed = (
        (gettext_lazy("Face"), "face"),
        (gettext_lazy("Advanced"), "amount"),
        (gettext_lazy("Open"), "open_now"),
        (gettext_lazy("Collected"), "collected"),
        (gettext_lazy("Reserve"), "reserve_now"),
    )
    search_fields = ("=id", "invoice__invoice_no", "supplier__name", "buyer__name")
    search_help_text = gettext_lazy("By number of the advance, invoice, supplier or buyer")
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
    many_rows = (fund_many.FundManyView, settle_clean.SettleCleanView)
    decisions = (
        funding.FundView,
        funding.CancelView,
        payment_entry.RecordForAdvanceView,
        settling.SettleView,
        closing_actions.AcceptShortPaymentView,
        closing_actions.RepurchaseView,
        closing_actions.WriteOffView,
        closing_actions.OpenDisputeView,
        corrections.TakeBackFundingView,
        corrections.ReopenSettlementView,
        corrections.TakeBackShortPaymentView,
        corrections.CancelRepurchaseView,
        corrections.CancelWriteOffView,
        costs.CostView,
        costs.CancelCostView,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Advance]:
        rows: QuerySet[Advance] = super().get_queryset(request)
        rows = rows.select_related(
            "supplier", "invoice", "buyer", "terms", "offer_line__request_line", "offer_line__offer"
        )
        shown = self.shown_key(request)
        if not shown:
            return with_list_figures(rows.defer(*(f"invoice__{name}" for name in LARGE_COLUMNS)))
        rows = rows.select_related("purchase", *(f"invoice__{name}" for name in ("buyer", "supplier", "company_file")))
        return with_page_figures(with_list_figures(rows), pk=shown)

    def related_tables(self, row: Advance) -> Sequence[Table]:
        return advance_details.related_tables(row)

    @admin.display(description=gettext_lazy("Invoice"), ordering="invoice__invoice_no")
    def invoice_number(self, advance: Advance) -> str:
        return str(advance.invoice)

    @admin.display(description=gettext_lazy("Waiting"))
    def waiting(self, advance: Advance) -> str:
        """Until the payout, and from the buyer's payment to the settlement."""
        now = timezone.now()
        if advance.status == Advance.Status.ACCEPTED:
            return waiting_text(advance.accepted_at, now=now)
        if advance.status in CLOSED_STATUSES:
            return _("since %(collected_on)s") % {"collected_on": day_text(advance.collected_on)}
        late = advance.status in OUTSTANDING_STATUSES and advance.recourse_on <= business_day(now)
        return _("past recourse") if late else ""

    @admin.display(description=gettext_lazy("Due"), ordering="due")
    def due_on(self, advance: Any) -> str:
        return day_text(advance.due)

    @admin.display(description=gettext_lazy("Days late"))
    def days_late(self, advance: Any) -> FigureText | str:
        late = days_late(advance, today=business_day(timezone.now()))
        return figure_text(late) if late else ""

    @admin.display(description=gettext_lazy("Open"), ordering="open_now")
    def shown_open(self, advance: Any) -> AmountText:
        return amount_text(advance.open_now, advance.currency)

    @admin.display(description=gettext_lazy("Collected"), ordering="collected")
    def shown_collected(self, advance: Any) -> AmountText:
        return amount_text(advance.collected, advance.currency)

    @admin.display(description=gettext_lazy("Reserve"), ordering="reserve_now")
    def shown_reserve_now(self, advance: Any) -> AmountText:
        return amount_text(advance.reserve_now, advance.currency)

    @admin.display(description=gettext_lazy("In QuickBooks"), ordering="invoice__books_status")
    def in_books(self, advance: Advance) -> str:
        return advance.invoice.get_books_status_display()

    @admin.display(description=gettext_lazy("Open there"), ordering="invoice__balance")
    def open_in_books(self, advance: Advance) -> AmountText:
        return amount_text(advance.invoice.balance, advance.invoice.currency)

    @admin.display(description=gettext_lazy("Face"), ordering="face")
    def shown_face(self, advance: Advance) -> AmountText:
        return amount_text(advance.face, advance.currency)

    @admin.display(description=gettext_lazy("Base"), ordering="base")
    def shown_base(self, advance: Advance) -> AmountText:
        return amount_text(advance.base, advance.currency)

    @admin.display(description=gettext_lazy("Advanced"), ordering="amount")
    def shown_amount(self, advance: Advance) -> AmountText:
        return amount_text(advance.amount, advance.currency)

    @admin.display(description=gettext_lazy("Reserve"), ordering="reserve")
    def shown_reserve(self, advance: Advance) -> AmountText:
        return amount_text(advance.reserve, advance.currency)

    @admin.display(description=gettext_lazy("Fee"))
    def shown_fee(self, advance: Advance) -> AmountText | str:
        return "" if advance.fee is None else amount_text(advance.fee, advance.currency)

    @admin.display(description=gettext_lazy("Rebate"))
    def shown_rebate(self, advance: Advance) -> AmountText | str:
        return "" if advance.rebate is None else amount_text(advance.rebate, advance.currency)

    @admin.display(description=gettext_lazy("By the ledger"))
    def ledger_balances(self, advance: Any) -> SafeString:
        """The balances of the moment at which the page read its row."""
        receivable = amount_text(advance.open_now, advance.currency)
        reserve = amount_text(advance.reserve_now, advance.currency)
        return format_html(_("{} outstanding, {} in reserve"), receivable, reserve)

    @admin.display(description=gettext_lazy("Offer"))
    def offer(self, advance: Advance) -> SafeString:
        return link(advance.offer_line.offer)
