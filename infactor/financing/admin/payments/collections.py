"""Payments in admin: their list, how much of each is unmatched, and what it was for."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.formatting import amount_text, day_text, link, moment_text, waiting_text
from infactor.core.admin.tables import Table
from infactor.core.lists.cells import AmountText
from infactor.core.money import MoneyField
from infactor.financing.admin.base.tables import corrections_table, ledger_table
from infactor.financing.admin.payments import corrections, payment_entry
from infactor.financing.models import COUNTED_PAYMENTS, Collection, CollectionAllocation, Refund
from infactor.ledger.models import ZERO, Transaction


def with_unallocated(rows: QuerySet[Collection]) -> QuerySet[Any]:
    """Each payment with `unallocated`: how much of it waits to be matched, in its currency."""
    allocated = (
        CollectionAllocation.objects.filter(collection=OuterRef("pk"), reversed_at__isnull=True)
        .order_by()
        .values("collection")
    )
    refunded = Refund.objects.filter(collection=OuterRef("pk"), failed_on__isnull=True).order_by().values("collection")
    used, returned = (
        Coalesce(Subquery(found.annotate(sum=Sum("amount")).values("sum")), ZERO, output_field=MoneyField())
        for found in (allocated, refunded)
    )
    unallocated = Case(
        When(~COUNTED_PAYMENTS, then=Value(ZERO)),
        default=F("amount") - used - returned,
        output_field=MoneyField(),
    )
    return rows.annotate(unallocated=unallocated)


class UnmatchedFilter(admin.SimpleListFilter):
    title = gettext_lazy("status")
    parameter_name = "unmatched"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("yes", _("To be matched")),
            ("no", _("Matched")),
            ("returned", _("Returned by the bank")),
            ("withdrawn", _("Withdrawn")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.filter(unallocated__gt=0)
        if self.value() == "returned":
            return queryset.filter(returned_on__isnull=False)
        if self.value() == "withdrawn":
            return queryset.filter(withdrawn_at__isnull=False)
        return queryset.filter(COUNTED_PAYMENTS, unallocated=0) if self.value() == "no" else queryset


@admin.register(Collection)
class CollectionAdmin(DecisionAdmin):
    list_display = (
        "__str__",
        "value_date",
        "shown_amount",
        "shown_unallocated",
        "payer",
        "remittance",
        "bank_reference",
        "waiting",
        "returned_on",
    )
    list_filter = (UnmatchedFilter, "value_date", "source", "currency")
    queues = {("unmatched", "yes"): "recorded_at"}
    summed = ((gettext_lazy("Amount"), "amount"), (gettext_lazy("To be matched"), "unallocated"))
    search_fields = ("=id", "bank_reference", "payer", "remittance", "=amount")
    search_help_text = gettext_lazy("By the bank's reference, payer, what it is for, exact amount or number")
    date_hierarchy = "value_date"
    change_list_template = "admin/financing/collection/change_list.html"
    fields = (
        "shown_amount",
        "shown_unallocated",
        "value_date",
        "bank_reference",
        "payer",
        "remittance",
        "source",
        "statement_line",
        "recorded_by",
        "recorded_at",
        "returned_on",
        "returned_by",
        "return_reason",
        "withdrawn_at",
        "public_id",
    )
    readonly_fields = ("shown_amount", "shown_unallocated", "public_id")
    decisions = (
        payment_entry.MatchView,
        payment_entry.RecordReturnView,
        corrections.NotReturnedView,
        corrections.UnmatchView,
        corrections.ChangeDayView,
        corrections.ChangeAmountView,
        corrections.WithdrawView,
        corrections.RefundView,
    )

    def get_urls(self) -> list[URLPattern]:
        """With recording a payment by hand."""
        view = self.admin_site.admin_view(payment_entry.RecordView.as_view())
        return [path("record/", view, name="financing_collection_record"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        rows: QuerySet[Collection] = super().get_queryset(request)
        return with_unallocated(rows.select_related("recorded_by", "returned_by"))

    def related_tables(self, row: Collection) -> Sequence[Table]:
        return [
            _allocations_table(row),
            _refunds_table(row),
            corrections_table(row.corrections),
            payment_entry.likely_advances_table(row),
            ledger_table(Transaction.objects.filter(reference__startswith=f"{row.ledger_owner}:")),
        ]

    @admin.display(description=gettext_lazy("Amount"), ordering="amount")
    def shown_amount(self, collection: Collection) -> AmountText:
        return amount_text(collection.amount, collection.currency)

    @admin.display(description=gettext_lazy("To be matched"), ordering="unallocated")
    def shown_unallocated(self, collection: Any) -> AmountText | str:
        return amount_text(collection.unallocated, collection.currency) if collection.unallocated else ""

    @admin.display(description=gettext_lazy("Waiting"))
    def waiting(self, collection: Any) -> str:
        return waiting_text(collection.recorded_at, now=timezone.now()) if collection.unallocated else ""


def _allocations_table(row: Collection) -> Table:
    rows = row.allocations.select_related("supplier", "advance__invoice", "allocated_by").order_by("position")
    return Table(
        caption=_("What it was for"),
        columns=(_("For"), _("Supplier"), _("Advance"), _("Amount"), _("Matched"), _("By"), _("Undone")),
        empty=_("It is not matched yet."),
        rows=[
            (
                one.get_kind_display(),
                link(one.supplier),
                link(
                    one.advance,
                    _("%(advance)s, invoice %(invoice)s") % {"advance": one.advance, "invoice": one.advance.invoice},
                )
                if one.advance
                else "-",
                amount_text(one.amount, row.currency),
                moment_text(one.allocated_at),
                str(one.allocated_by),
                moment_text(one.reversed_at) or "-",
            )
            for one in rows
        ],
    )


def _refunds_table(row: Collection) -> Table:
    rows = row.refunds.select_related("payout__payee_account", "payout__prepared_by").defer(
        "payout__payee_account__account_number", "payout__payee_account__routing_number"
    )
    return Table(
        caption=_("Refunded to the payer"),
        columns=(_("Amount"), _("Payout"), _("To"), _("Value date"), _("Reason"), _("By"), _("Status")),
        empty=_("Nothing of it was refunded."),
        rows=[
            (
                amount_text(one.amount, row.currency),
                link(one.payout),
                str(one.payout.payee_account),
                day_text(one.value_date),
                one.reason,
                str(one.payout.prepared_by),
                one.payout.get_status_display(),
            )
            for one in rows
        ],
    )
