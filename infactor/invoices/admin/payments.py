"""Payments and credit memos of the suppliers' books in admin, read-only."""

from django.contrib import admin
from django.utils.safestring import SafeString

from infactor.core.admin.base import ReadOnlyAdmin, ReadOnlyInline
from infactor.core.admin.filters import filled_in_filter
from infactor.core.admin.formatting import amount_text
from infactor.invoices.models import BooksPayment, CreditMemo, PaymentAllocation


class AllocationInline(ReadOnlyInline):
    """The documents to which a payment is applied."""

    model = PaymentAllocation
    fields = readonly_fields = ("kind", "reference", "invoice", "shown_amount")

    @admin.display(description="amount")
    def shown_amount(self, allocation: PaymentAllocation) -> SafeString:
        return amount_text(allocation.amount, allocation.payment.currency)


DELETED = filled_in_filter("deleted", no="In the books", yes="Deleted")


@admin.register(BooksPayment)
class BooksPaymentAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        "supplier",
        "buyer",
        "paid_on",
        "shown_amount",
        "shown_unapplied",
        "is_void",
        "deleted_at",
    )
    list_filter = (
        "is_void",
        ("deleted_at", DELETED),
        "moves_money",
        "currency",
    )
    list_select_related = ("supplier", "buyer")
    search_fields = ("number", "reference", "buyer__name", "supplier__name")
    search_help_text = "By number, buyer or supplier"
    date_hierarchy = "paid_on"
    exclude = ("amount", "unapplied")
    readonly_fields = ("shown_amount", "shown_unapplied")
    inlines = (AllocationInline,)

    @admin.display(description="amount", ordering="amount")
    def shown_amount(self, payment: BooksPayment) -> SafeString:
        return amount_text(payment.amount, payment.currency)

    @admin.display(description="unapplied", ordering="unapplied")
    def shown_unapplied(self, payment: BooksPayment) -> SafeString:
        return amount_text(payment.unapplied, payment.currency)


@admin.register(CreditMemo)
class CreditMemoAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        "supplier",
        "buyer",
        "issued_on",
        "shown_amount",
        "shown_remaining",
        "is_void",
        "deleted_at",
    )
    list_filter = ("is_void", ("deleted_at", DELETED), "currency")
    list_select_related = ("supplier", "buyer")
    search_fields = ("number", "reference", "buyer__name", "supplier__name")
    search_help_text = "By number, buyer or supplier"
    date_hierarchy = "issued_on"
    exclude = ("amount", "remaining")
    readonly_fields = ("shown_amount", "shown_remaining")

    @admin.display(description="amount", ordering="amount")
    def shown_amount(self, memo: CreditMemo) -> SafeString:
        return amount_text(memo.amount, memo.currency)

    @admin.display(description="remaining", ordering="remaining")
    def shown_remaining(self, memo: CreditMemo) -> SafeString:
        return amount_text(memo.remaining, memo.currency)
