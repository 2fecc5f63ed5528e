"""Payments and credit memos of the suppliers' books in admin, read-only."""

from collections.abc import Sequence

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin, ReadOnlyInline
from infactor.core.admin.filters import filled_in_filter
from infactor.core.admin.formatting import amount_text, link
from infactor.core.admin.tables import Table
from infactor.core.lists.cells import AmountText
from infactor.invoices.models import BooksPayment, CreditMemo, Deposit, PaymentAllocation
from infactor.invoices.states import FUNDED


class AllocationInline(ReadOnlyInline):
    """The documents to which a payment is applied."""

    model = PaymentAllocation
    fields = readonly_fields = ("kind", "reference", "invoice", "shown_amount")

    @admin.display(description=gettext_lazy("amount"))
    def shown_amount(self, allocation: PaymentAllocation) -> AmountText:
        return amount_text(allocation.amount, allocation.payment.currency)


DELETED = filled_in_filter("deleted", no=gettext_lazy("In the books"), yes=gettext_lazy("Deleted"))


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
    search_help_text = gettext_lazy("By number, buyer or supplier")
    date_hierarchy = "paid_on"
    exclude = ("amount", "unapplied")
    readonly_fields = ("shown_amount", "shown_unapplied")
    inlines = (AllocationInline,)

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def shown_amount(self, payment: BooksPayment) -> AmountText:
        return amount_text(payment.amount, payment.currency)

    @admin.display(description=gettext_lazy("unapplied"), ordering="unapplied")
    def shown_unapplied(self, payment: BooksPayment) -> AmountText:
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
    search_help_text = gettext_lazy("By number, buyer or supplier")
    date_hierarchy = "issued_on"
    exclude = ("amount", "remaining")
    readonly_fields = ("shown_amount", "shown_remaining")

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def shown_amount(self, memo: CreditMemo) -> AmountText:
        return amount_text(memo.amount, memo.currency)

    @admin.display(description=gettext_lazy("remaining"), ordering="remaining")
    def shown_remaining(self, memo: CreditMemo) -> AmountText:
        return amount_text(memo.remaining, memo.currency)


@admin.register(Deposit)
class DepositAdmin(ReadOnlyAdmin):
    """Money brought to a bank account, with the payments that it holds and the invoices that those pay."""

    list_display = ("__str__", "supplier", "deposited_on", "account_name", "shown_amount", "deleted_at")
    list_filter = (("deleted_at", DELETED), "currency")
    list_select_related = ("supplier",)
    search_fields = ("reference", "account_name", "supplier__name")
    search_help_text = gettext_lazy("By number in the books, account or supplier")
    date_hierarchy = "deposited_on"
    exclude = ("amount",)
    readonly_fields = ("shown_amount",)

    def related_tables(self, row: Deposit) -> Sequence[Table]:
        lines = list(row.lines.all())
        payments = {
            one.reference: one
            for one in BooksPayment.objects.filter(
                company_file=row.company_file_id, reference__in=[line.reference for line in lines]
            ).prefetch_related("allocations__invoice")
        }
        rows = []
        for line in lines:
            payment = payments.get(line.reference) if line.kind == _("Payment") else None
            invoices = [one.invoice for one in payment.allocations.all() if one.invoice] if payment else []
            rows.append(
                (
                    link(payment) if payment else f"{line.kind} {line.reference}",
                    amount_text(line.amount, row.currency),
                    format_html_join(", ", "{}", ((link(one),) for one in invoices)),
                    "yes" if any(one.state in FUNDED for one in invoices) else "no",
                )
            )
        return [
            Table(_("In this deposit"), (_("Payment"), _("Amount"), _("Invoices"), _("Financed by infactor")), rows)
        ]

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def shown_amount(self, deposit: Deposit) -> AmountText:
        return amount_text(deposit.amount, deposit.currency)
