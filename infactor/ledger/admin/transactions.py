"""Ledger transactions in admin, with their entries, read-only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from infactor.core.admin.base import ReadOnlyAdmin, ReadOnlyInline
from infactor.core.admin.formatting import amount_text
from infactor.core.lists.cells import AmountText
from infactor.ledger.models import Entry, Transaction


class EntryInline(ReadOnlyInline):
    model = Entry
    fields = ("shown_account", "shown_debit", "shown_credit")
    readonly_fields = fields
    verbose_name_plural = _("entries")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        rows: QuerySet[Entry] = super().get_queryset(request)
        return rows.select_related("account", "transaction")

    @admin.display(description=_("Account"))
    def shown_account(self, entry: Entry) -> SafeString:
        address = reverse("admin:ledger_account_change", args=[entry.account_id])
        return format_html('<a href="{}">{}</a>', address, entry.account.display_name)

    @admin.display(description=_("Debit"))
    def shown_debit(self, entry: Entry) -> AmountText | str:
        return amount_text(entry.debit, entry.account.currency) if entry.debit else ""

    @admin.display(description=_("Credit"))
    def shown_credit(self, entry: Entry) -> AmountText | str:
        return amount_text(entry.credit, entry.account.currency) if entry.credit else ""


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    list_display = ("reference", "value_date", "shown_total", "supplier", "description", "reverses", "by", "posted_at")
    list_filter = ("currency",)
    list_select_related = ("supplier", "by", "reverses")
    search_fields = ("reference", "supplier__name")
    search_help_text = _("By supplier, or by reference, like advance:17:funded")
    date_hierarchy = "value_date"
    fields = (
        "reference",
        "value_date",
        "original_value_date",
        "shown_total",
        "description",
        "supplier",
        "reverses",
        "by",
        "posted_at",
        "digest",
    )
    readonly_fields = ("shown_total",)
    inlines = (EntryInline,)

    @admin.display(description=_("Total"), ordering="total")
    def shown_total(self, transaction: Transaction) -> AmountText:
        return amount_text(transaction.total, transaction.currency)
