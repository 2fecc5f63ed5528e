"""The purchased invoice: what infactor bought, as the books had it when the advance was paid out."""

from django.db import models
from django.db.models import Q

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.financing.models.advance import Advance


class PurchasedInvoice(TimestampedModel):
    """One row an advance, written with its payout and never changed: a trigger rejects it.

    Amounts are in `currency`. `lines` has one entry a line of the invoice, with texts. `payments` are the ids in the
    books of the payments that lay on the invoice already. `open_credit` is what the root customer had to its credit.
    """

    advance = models.OneToOneField(Advance, on_delete=models.PROTECT, related_name="purchase", primary_key=True)
    number = models.CharField(max_length=100, blank=True)
    currency = models.CharField(max_length=3)
    amount = MoneyField(null=True)
    balance = MoneyField(null=True)
    tax_amount = MoneyField(null=True)
    deposit = MoneyField(null=True)
    txn_date = models.DateField(null=True)
    due_on = models.DateField(null=True, help_text="Our calendar keeps it, whatever the books say later.")
    customer_reference = models.CharField(max_length=64, blank=True)
    books_status = models.CharField(max_length=12)
    lines = models.JSONField(default=list)
    payments = models.JSONField(default=list)
    open_credit = MoneyField(default=0)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__lt=10**16) & Q(balance__lt=10**16) & Q(open_credit__gte=0),
                name="purchase_amounts_are_numbers",
            ),
        ]

    def __str__(self) -> str:
        return f"What was bought with advance {self.advance_id}"


class BooksWatch(models.Model):
    """Up to which state of its books, and of its own money, a supplier's funded invoices were compared."""

    supplier = models.OneToOneField(
        "suppliers.Supplier", on_delete=models.CASCADE, related_name="books_watch", primary_key=True
    )
    books_revision = models.PositiveBigIntegerField(default=0)
    own_version = models.PositiveBigIntegerField(
        default=0, help_text="The requested version of eligibility: every collection, closing and mark raises it."
    )
    look_again_at = models.DateTimeField(null=True, help_text="When something waits for a day or for a late object.")
    watched_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Watch of supplier {self.supplier_id}"
