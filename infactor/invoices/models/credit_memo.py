"""A credit memo in the supplier's books, which reduces what a buyer owes."""

from django.db import models
from django.db.models import Q

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField


class CreditMemo(TimestampedModel):
    """Amounts are in `currency` and positive; `remaining` is the amount that is not applied yet."""

    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="credit_memos")
    company_file = models.ForeignKey(
        "invoices.CompanyFile", on_delete=models.PROTECT, db_index=False, related_name="credit_memos"
    )
    buyer = models.ForeignKey(
        "invoices.Buyer", null=True, on_delete=models.PROTECT, db_index=False, related_name="credit_memos"
    )
    reference = models.CharField(max_length=64, help_text="The credit memo's id in the books.")
    customer_reference = models.CharField(max_length=64, blank=True)
    number = models.CharField(max_length=100, blank=True)
    issued_on = models.DateField(null=True)
    amount = MoneyField(null=True)
    remaining = MoneyField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    is_void = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True, blank=True)
    sync_token = models.CharField(max_length=20, blank=True)
    books_updated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["company_file", "reference"], name="credit_memo_once_a_company_file"),
            models.CheckConstraint(
                condition=Q(amount__lt=10**16) & Q(remaining__lt=10**16), name="credit_memo_amounts_are_numbers"
            ),
        ]
        indexes = [models.Index(fields=["buyer", "-issued_on"], name="credit_memo_of_buyer")]

    def __str__(self) -> str:
        return self.number or f"Credit memo {self.reference}"
