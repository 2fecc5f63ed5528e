"""Invoices, buyers and company files in admin: read-only facts of the suppliers' books."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.filters import filled_in_filter
from infactor.core.admin.formatting import amount_text, figure_text
from infactor.core.admin.tables import Table
from infactor.invoices import line_items
from infactor.invoices.admin.debtor_views import join_url
from infactor.invoices.admin.evidence_tables import evidence_tables
from infactor.invoices.admin.history_table import history_table
from infactor.invoices.admin.vendors import matches_table
from infactor.invoices.debtors import grouping
from infactor.invoices.debtors.tax_ids import masked
from infactor.invoices.models import Buyer, CompanyFile, Invoice, InvoiceChange
from infactor.invoices.selectors import LARGE_COLUMNS


@admin.register(CompanyFile)
class CompanyFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "supplier", "source", "home_currency", "as_of")
    list_filter = ("source", "home_currency")
    list_select_related = ("supplier",)
    search_fields = ("name", "supplier__name")
    search_help_text = "By name or supplier"
    date_hierarchy = "as_of"


@admin.register(Buyer)
class BuyerAdmin(ReadOnlyAdmin):
    list_display = ("shown_name", "supplier", "email", "shown_balance", "currency", "is_active", "is_job")
    list_filter = (
        "is_active",
        "is_job",
        ("debtor", filled_in_filter("debtor", no="Not joined", yes="Joined")),
        "currency",
    )
    list_select_related = ("supplier",)
    actions = ("join_into_debtor",)  # type: ignore[assignment]  # it only leads to a page that asks for confirmation
    search_fields = ("name", "full_name", "company_name", "email", "reference", "supplier__name")
    search_help_text = "By name, e-mail, number in the books or supplier"
    date_hierarchy = "books_updated_at"
    exclude = ("balance", "tax_id")
    readonly_fields = ("public_id", "shown_tax_id", "shown_balance")

    def related_tables(self, row: Buyer) -> Sequence[Table]:
        return [matches_table(row.vendor_matches.all(), caption="Is it a vendor of the supplier, too?")]

    def has_join_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(grouping.PERMISSION)

    @admin.action(description="Join into one debtor", permissions=["join"])
    def join_into_debtor(self, request: HttpRequest, queryset: QuerySet[Buyer]) -> HttpResponseRedirect:
        return HttpResponseRedirect(join_url(buyers=queryset))

    @admin.display(description="tax number")
    def shown_tax_id(self, buyer: Buyer) -> str:
        return masked(buyer.tax_id)

    @admin.display(description="name", ordering="name")
    def shown_name(self, buyer: Buyer) -> SafeString:
        return format_html("<bdi>{}</bdi>", str(buyer))

    @admin.display(description="balance", ordering="balance")
    def shown_balance(self, buyer: Buyer) -> SafeString | str:
        return "" if buyer.balance is None else amount_text(buyer.balance, buyer.currency)


def _taxes(invoice: Invoice) -> Table:
    return Table(
        caption="Taxes",
        columns=("Rate", "Percent", "Of", "Tax"),
        rows=[
            (
                one.rate or "-",
                "" if one.percent is None else figure_text(one.percent, "%"),
                "" if one.base is None else amount_text(one.base, invoice.currency),
                "" if one.amount is None else amount_text(one.amount, invoice.currency),
            )
            for one in line_items.parse_tax_lines(invoice.tax_details)
        ],
        empty="The books have no tax for it.",
    )


def _linked(invoice: Invoice) -> Table:
    """The documents that the books link to the invoice."""
    return Table(
        caption="Linked in the books",
        columns=("Document", "Id in QuickBooks"),
        rows=line_items.parse_linked_transactions(invoice.linked_txn),
    )


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
    list_filter = ("books_status", "state", "currency", "source")
    list_select_related = ("supplier",)
    search_fields = ("search_text", "invoice_no", "company_name", "qbk_invoice_id", "supplier__name", "public_id")
    search_help_text = "By number, buyer, QuickBooks id, supplier or words of its lines"
    date_hierarchy = "txn_date"
    fieldsets = (
        (None, {"fields": ("invoice_no", "supplier", "company_file", "state", "books_status", "public_id")}),
        (
            "Amounts and dates",
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
        ("Buyer", {"fields": ("buyer", "company_name", "contact_name", "buyer_email", "company_email")}),
        (
            "Source",
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
        rows: QuerySet[Invoice] = super().get_queryset(request)
        listed = request.resolver_match and str(request.resolver_match.url_name).endswith("_changelist")
        return rows.defer(*LARGE_COLUMNS) if listed else rows.select_related("supplier", "company_file", "buyer")

    def related_tables(self, row: Invoice) -> Sequence[Table]:
        return [*evidence_tables(row), _taxes(row), _linked(row), history_table(row)]

    @admin.display(description="issued", ordering="txn_date")
    def issued(self, invoice: Invoice) -> str:
        return date_format(invoice.txn_date) if invoice.txn_date else ""

    @admin.display(description="due", ordering="payable_date")
    def due(self, invoice: Invoice) -> str:
        return date_format(invoice.payable_date) if invoice.payable_date else ""

    @admin.display(description="invoice", ordering="invoice_no")
    def number(self, invoice: Invoice) -> SafeString:
        return format_html("<bdi>{}</bdi>", str(invoice))

    @admin.display(description="buyer", ordering="company_name")
    def buyer_name(self, invoice: Invoice) -> SafeString:
        return format_html("<bdi>{}</bdi>", invoice.company_name or "No customer")

    @admin.display(description="amount", ordering="invoice_amount")
    def shown_amount(self, invoice: Invoice) -> SafeString:
        return amount_text(invoice.invoice_amount, invoice.currency)

    @admin.display(description="open", ordering="balance")
    def shown_balance(self, invoice: Invoice) -> SafeString:
        return amount_text(invoice.balance, invoice.currency)

    @admin.display(description="tax")
    def shown_tax(self, invoice: Invoice) -> SafeString:
        return amount_text(invoice.tax_amount, invoice.currency)


@admin.register(InvoiceChange)
class InvoiceChangeAdmin(ReadOnlyAdmin):
    list_display = ("at", "invoice", "supplier_name", "what", "books_at")
    list_select_related = ("invoice__supplier",)
    search_fields = ("invoice__invoice_no", "invoice__company_name", "invoice__supplier__name")
    search_help_text = "By invoice, buyer or supplier"
    date_hierarchy = "at"
    exclude = ("changes",)
    readonly_fields = ("shown_changes",)

    @admin.display(description="supplier", ordering="invoice__supplier__name")
    def supplier_name(self, change: InvoiceChange) -> str:
        return change.invoice.supplier.name

    @admin.display(description="what changed")
    def what(self, change: InvoiceChange) -> str:
        return str(change)

    @admin.display(description="changes")
    def shown_changes(self, change: InvoiceChange) -> str:
        return "; ".join(f"{one['field']}: {one['from'] or '-'}, now {one['to'] or '-'}" for one in change.changes)
