"""Invoices, buyers and company files in admin: read-only facts of the suppliers' books."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.filters import filled_in_filter
from infactor.core.admin.formatting import amount_text, day_text, figure_text
from infactor.core.admin.tables import Table
from infactor.core.business_day import business_day
from infactor.core.lists.cells import AmountText
from infactor.invoices import line_items
from infactor.invoices.admin.debtor_views import join_url
from infactor.invoices.admin.evidence_tables import attachments_table, evidence_tables
from infactor.invoices.admin.history_table import history_table
from infactor.invoices.admin.search import with_digits_backwards
from infactor.invoices.admin.vendors import matches_table
from infactor.invoices.debtors import grouping
from infactor.invoices.debtors.tax_ids import masked
from infactor.invoices.models import Buyer, CompanyFile, Invoice, InvoiceChange
from infactor.invoices.selectors import LARGE_COLUMNS
from infactor.invoices.states import BooksStatus

OPEN_IN_BOOKS = (BooksStatus.OPEN, BooksStatus.PARTLY_PAID)


@admin.register(CompanyFile)
class CompanyFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "supplier", "source", "home_currency", "as_of")
    list_filter = ("source", "home_currency")
    list_select_related = ("supplier",)
    search_fields = ("name", "supplier__name")
    search_help_text = gettext_lazy("By name or supplier")
    date_hierarchy = "as_of"


@admin.register(Buyer)
class BuyerAdmin(ReadOnlyAdmin):
    list_display = ("shown_name", "supplier", "email", "shown_balance", "currency", "is_active", "is_job")
    list_filter = (
        "is_active",
        "is_job",
        ("debtor", filled_in_filter("debtor", no=gettext_lazy("Not joined"), yes=gettext_lazy("Joined"))),
        "currency",
    )
    list_select_related = ("supplier",)
    actions = ("join_into_debtor",)
    search_fields = ("name", "full_name", "company_name", "email", "reference", "supplier__name")
    search_help_text = gettext_lazy("By name, email, number in the books or supplier")
    date_hierarchy = "books_updated_at"
    exclude = ("balance", "tax_id")
    readonly_fields = ("public_id", "shown_tax_id", "shown_balance")

    def related_tables(self, row: Buyer) -> Sequence[Table]:
        return [matches_table(row.vendor_matches.all(), caption=_("Is it a vendor of the supplier, too?"))]

    def has_join_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(grouping.PERMISSION)

    @admin.action(description=gettext_lazy("Join into one debtor"), permissions=["join"])
    def join_into_debtor(self, request: HttpRequest, queryset: QuerySet[Buyer]) -> HttpResponseRedirect:
        return HttpResponseRedirect(join_url(buyers=queryset))

    @admin.display(description=gettext_lazy("tax number"))
    def shown_tax_id(self, buyer: Buyer) -> str:
        return masked(buyer.tax_id)

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def shown_name(self, buyer: Buyer) -> SafeString:
        return format_html("<bdi>{}</bdi>", str(buyer))

    @admin.display(description=gettext_lazy("balance"), ordering="balance")
    def shown_balance(self, buyer: Buyer) -> AmountText | str:
        return "" if buyer.balance is None else amount_text(buyer.balance, buyer.currency)


def _taxes(invoice: Invoice) -> Table:
    return Table(
        caption=_("Taxes"),
        columns=(_("Rate"), _("Percent"), _("Of"), _("Tax")),
        rows=[
            (
                one.rate or "-",
                "" if one.percent is None else figure_text(one.percent, "%"),
                "" if one.base is None else amount_text(one.base, invoice.currency),
                "" if one.amount is None else amount_text(one.amount, invoice.currency),
            )
            for one in line_items.parse_tax_lines(invoice.tax_details)
        ],
        empty=_("The books have no tax for it."),
    )


def _linked(invoice: Invoice) -> Table:
    """The documents that the books link to the invoice."""
    return Table(
        caption=_("Linked in the books"),
        columns=(_("Document"), _("Id in QuickBooks")),
        rows=line_items.parse_linked_transactions(invoice.linked_txn),
    )


class DueFilter(admin.SimpleListFilter):
    """By how late an open invoice is, in infactor's days."""

    title = gettext_lazy("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("week", _("Due within 7 days")), ("late", _("Late"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        owed = queryset.filter(books_status__in=OPEN_IN_BOOKS)
        today = business_day(timezone.now())
        if self.value() == "week":
            return owed.filter(payable_date__gte=today, payable_date__lte=today + timedelta(days=7))
        return owed.filter(payable_date__lt=today) if self.value() == "late" else queryset


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "buyer_name",
        "supplier",
        "issued",
        "due",
        "shown_amount",
        "shown_balance",
        "books_status",
        "state",
    )
    list_filter = (
        DueFilter,
        "books_status",
        "state",
        ("supplier", admin.RelatedOnlyFieldListFilter),
        "currency",
    )
    ordering = (F("txn_date").desc(nulls_last=True), "-pk")
    summed = ((gettext_lazy("Amount"), "invoice_amount"), (gettext_lazy("Open"), "balance"))
    list_select_related = ("supplier",)
    search_fields = ("search_text", "invoice_no", "company_name", "qbk_invoice_id", "supplier__name", "public_id")
    search_help_text = gettext_lazy("By number, buyer, QuickBooks id, supplier or words of its lines")
    date_hierarchy = "txn_date"
    fieldsets = (
        (None, {"fields": ("invoice_no", "supplier", "company_file", "state", "books_status", "public_id")}),
        (
            gettext_lazy("Amounts and dates"),
            {
                "fields": (
                    "shown_amount",
                    "shown_balance",
                    "shown_tax",
                    "currency",
                    "exchange_rate",
                    "sales_term",
                    "purchase_order_no",
                    "issued",
                    "due",
                    "invoice_date",
                    "purchase_date",
                )
            },
        ),
        (gettext_lazy("Buyer"), {"fields": ("buyer", "company_name", "contact_name", "buyer_email", "company_email")}),
        (
            gettext_lazy("Source"),
            {
                "fields": (
                    "source",
                    "qbk_invoice_id",
                    "customer_reference",
                    "sync_token",
                    "email_status",
                    "emailed_at",
                    "private_note",
                    "books_updated_at",
                    "created_at",
                    "updated_at",
                )
            },
        ),
    )
    readonly_fields = (
        "public_id",
        "issued",
        "due",
        "shown_amount",
        "shown_balance",
        "shown_tax",
        "created_at",
        "updated_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        rows: QuerySet[Invoice] = with_digits_backwards(super().get_queryset(request))
        listed = request.resolver_match and str(request.resolver_match.url_name).endswith(("_changelist", "_export"))
        return rows.defer(*LARGE_COLUMNS) if listed else rows.select_related("supplier", "company_file", "buyer")

    def related_tables(self, row: Invoice) -> Sequence[Table]:
        return [*evidence_tables(row), _taxes(row), _linked(row), history_table(row), attachments_table(row)]

    @admin.display(description=gettext_lazy("issued"), ordering="txn_date")
    def issued(self, invoice: Invoice) -> str:
        return day_text(invoice.txn_date)

    @admin.display(description=gettext_lazy("due"), ordering="payable_date")
    def due(self, invoice: Invoice) -> str:
        return day_text(invoice.payable_date)

    @admin.display(description=gettext_lazy("invoice"), ordering="invoice_no")
    def number(self, invoice: Invoice) -> SafeString:
        return format_html("<bdi>{}</bdi>", str(invoice))

    @admin.display(description=gettext_lazy("buyer"), ordering="company_name")
    def buyer_name(self, invoice: Invoice) -> SafeString:
        return format_html("<bdi>{}</bdi>", invoice.company_name or _("No customer"))

    @admin.display(description=gettext_lazy("amount"), ordering="invoice_amount")
    def shown_amount(self, invoice: Invoice) -> AmountText:
        return amount_text(invoice.invoice_amount, invoice.currency)

    @admin.display(description=gettext_lazy("open"), ordering="balance")
    def shown_balance(self, invoice: Invoice) -> AmountText:
        return amount_text(invoice.balance, invoice.currency)

    @admin.display(description=gettext_lazy("tax"))
    def shown_tax(self, invoice: Invoice) -> AmountText:
        return amount_text(invoice.tax_amount, invoice.currency)


@admin.register(InvoiceChange)
class InvoiceChangeAdmin(ReadOnlyAdmin):
    list_display = ("at", "invoice", "supplier_name", "what", "books_at")
    list_select_related = ("invoice__supplier",)
    search_fields = ("invoice__invoice_no", "invoice__company_name", "invoice__supplier__name")
    search_help_text = gettext_lazy("By invoice, buyer or supplier")
    date_hierarchy = "at"
    exclude = ("changes",)
    readonly_fields = ("shown_changes",)

    @admin.display(description=gettext_lazy("supplier"), ordering="invoice__supplier__name")
    def supplier_name(self, change: InvoiceChange) -> str:
        return change.invoice.supplier.name

    @admin.display(description=gettext_lazy("what changed"))
    def what(self, change: InvoiceChange) -> str:
        return str(change)

    @admin.display(description=gettext_lazy("changes"))
    def shown_changes(self, change: InvoiceChange) -> str:
        return "; ".join(
            _("%(field)s: %(from)s, now %(to)s")
            % {"field": one["field"], "from": one["from"] or "-", "to": one["to"] or "-"}
            for one in change.changes
        )
