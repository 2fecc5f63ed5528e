"""Advances in admin: one list, by status a queue each, and what may be done with each of them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import Decision, Table
from infactor.financing.accounting import journal
from infactor.financing.admin.advances import closing_actions, funding
from infactor.financing.admin.base import advance_details
from infactor.financing.admin.base.parts import (
    FactsAdmin,
    day_text,
    link,
    waiting_text,
)
from infactor.financing.admin.payments import payment_entry
from infactor.financing.collections import payments
from infactor.financing.models import OUT, Advance, Case
from infactor.invoices.selectors import HEAVY

CASES = {"dispute": "Dispute open", "recourse": "Recourse open", "late": "Past its recourse date"}


class CaseFilter(admin.SimpleListFilter):
    title = "trouble"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(CASES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Advance]) -> QuerySet[Advance]:
        if self.value() == "late":
            return queryset.filter(status=Advance.Status.FUNDED, recourse_on__lte=timezone.now().date())
        if self.value() in CASES:
            rows = Case.objects.filter(kind=self.value(), closed_at__isnull=True)
            return queryset.filter(pk__in=rows.values("advance"))
        return queryset


@admin.register(Advance)
class AdvanceAdmin(FactsAdmin):
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
        "by_the_books",
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
        "by_the_books",
        "shown_fee",
        "shown_rebate",
        "offer",
        "public_id",
    )
    decisions = (
        *funding.DECISIONS,
        Decision("pay", "Record a payment", payments.RECORD, payment_entry.for_advance, closing_actions.is_open),
        *closing_actions.DECISIONS,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Advance]:
        rows: QuerySet[Advance] = super().get_queryset(request)
        rows = rows.select_related(
            "supplier", "invoice", "buyer", "terms", "offer_line__request_line", "offer_line__offer"
        )
        return rows.defer(*(f"invoice__{name}" for name in HEAVY))

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """What waits in a queue, the longest waiting first; all of them, the newest first."""
        is_queue = request.GET.get("status__exact") in (Advance.Status.ACCEPTED, Advance.Status.COLLECTED)
        return ["accepted_at"] if is_queue else ["-accepted_at"]

    def tables_of(self, row: Advance) -> Sequence[Table]:
        return advance_details.tables_of(row)

    @admin.display(description="Invoice", ordering="invoice__invoice_no")
    def invoice_number(self, advance: Advance) -> str:
        return str(advance.invoice)

    @admin.display(description="Waiting for")
    def waiting(self, advance: Advance) -> str:
        """Until it is paid out, and from the buyer's payment to the settlement."""
        now = timezone.now()
        if advance.status == Advance.Status.ACCEPTED:
            return waiting_text(advance.accepted_at, now=now)
        if advance.status == Advance.Status.COLLECTED:
            return f"since {day_text(advance.collected_on)}"
        late = advance.status in OUT and advance.recourse_on <= now.date()
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

    @admin.display(description="By the books")
    def by_the_books(self, advance: Advance) -> SafeString:
        left = journal.outstanding(advance=advance)
        owed, held = amount_text(left.receivable, advance.currency), amount_text(left.reserve, advance.currency)
        return format_html("{} open, {} held back", owed, held)

    @admin.display(description="Offer")
    def offer(self, advance: Advance) -> SafeString:
        return link(advance.offer_line.offer)
