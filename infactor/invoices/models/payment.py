"""A payment in the supplier's books, and the invoices to which it is applied."""

from django.db import models
from django.db.models import Q

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField


class BooksPayment(TimestampedModel):
    """A payment as the books have it. Amounts are in `currency`; an unreadable amount is NULL.

    A payment of zero lays a credit memo, a journal entry, a check or a deposit against an invoice: no money moved, and
    `moves_money` is False. Deleted and voided payments stay in the table without effect.
    """

    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="books_payments")
    company_file = models.ForeignKey(
        "invoices.CompanyFile", on_delete=models.PROTECT, db_index=False, related_name="payments"
    )
    buyer = models.ForeignKey(
        "invoices.Buyer", null=True, on_delete=models.PROTECT, db_index=False, related_name="payments"
    )
    reference = models.CharField(max_length=64, help_text="The payment's id in the books.")
    customer_reference = models.CharField(max_length=64, blank=True)
    number = models.CharField(max_length=100, blank=True, help_text="Cheque or transfer number, as the books have it.")
    paid_on = models.DateField(null=True)
    amount = MoneyField(null=True)
    unapplied = MoneyField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    account_reference = models.CharField(
        max_length=64, blank=True, help_text="The account that it was received into, by its id in the books."
    )
    moves_money = models.BooleanField(default=True)
    is_void = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True, blank=True)
    is_own = models.BooleanField(
        default=False, db_default=False, help_text="infactor wrote it into the books for a payment that it received."
    )
    sync_token = models.CharField(max_length=20, blank=True)
    books_updated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-paid_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["company_file", "reference"], name="payment_once_a_company_file"),
            models.CheckConstraint(
                condition=Q(amount__lt=10**16) & Q(unapplied__lt=10**16), name="payment_amounts_are_numbers"
            ),
        ]
        indexes = [models.Index(fields=["buyer", "-paid_on"], name="payment_of_buyer")]

    def __str__(self) -> str:
        return self.number or f"Payment {self.reference}"


class PaymentAllocation(models.Model):
    """One line of a payment: the amount that is applied to an invoice, a credit memo or another document."""

    payment = models.ForeignKey(BooksPayment, on_delete=models.CASCADE, db_index=False, related_name="allocations")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=30, help_text="Invoice, CreditMemo, JournalEntry, … as the books name it.")
    reference = models.CharField(max_length=64, help_text="The id in the books of the document that it is applied to.")
    invoice = models.ForeignKey("invoices.Invoice", null=True, on_delete=models.CASCADE, related_name="allocations")
    amount = MoneyField(null=True)

    class Meta:
        ordering = ["payment_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "position"], name="allocation_once_a_line"),
            models.CheckConstraint(condition=Q(amount__lt=10**16), name="allocation_amount_is_a_number"),
        ]
        indexes = [models.Index(fields=["kind", "reference"], name="allocation_by_target")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
