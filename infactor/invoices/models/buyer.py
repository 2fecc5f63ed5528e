"""A buyer: a customer in one supplier's books, who owes its invoices."""

import uuid

from django.db import models
from django.db.models import Q

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField


class Buyer(TimestampedModel):
    """A customer or sub-customer (job), whose `parent` is set. Values are as last read, never edited here."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, db_index=False, related_name="buyers")
    company_file = models.ForeignKey(
        "invoices.CompanyFile", on_delete=models.PROTECT, db_index=False, related_name="buyers"
    )
    reference = models.CharField(max_length=64, help_text="The customer's id in the books.")
    name = models.CharField(max_length=500, blank=True)
    full_name = models.CharField(max_length=2500, blank=True, help_text="Parent:job, as the books write it.")
    company_name = models.CharField(max_length=500, blank=True)
    contact_name = models.CharField(max_length=500, blank=True)
    email = models.CharField(max_length=500, blank=True, help_text="As in the books; may hold several addresses.")
    phone = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=1000, blank=True, help_text="Where bills go, in one line.")
    tax_id = models.CharField(
        max_length=64, blank=True, help_text="As in the books, which may hide its first characters."
    )
    is_active = models.BooleanField(default=True)
    is_job = models.BooleanField(default=False)
    parent_reference = models.CharField(max_length=64, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs")
    debtor = models.ForeignKey(
        "invoices.Debtor", null=True, blank=True, on_delete=models.PROTECT, related_name="buyers"
    )
    balance = MoneyField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    is_erased = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Erased on request: the books of this customer are not read again.",
    )
    sync_token = models.CharField(max_length=20, blank=True)
    books_updated_at = models.DateTimeField(null=True, blank=True)
    known_since = models.DateTimeField(
        null=True, editable=False, help_text="When infactor learnt of this state; a trigger sets it. None: at creation."
    )

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["company_file", "reference"], name="buyer_once_a_company_file"),
            # NUMERIC accepts NaN, which PostgreSQL sorts above every number.
            models.CheckConstraint(condition=Q(balance__lt=10**16), name="buyer_balance_is_a_number"),
        ]
        indexes = [models.Index(fields=["supplier", "name"], name="buyer_by_supplier")]

    def __str__(self) -> str:
        return self.name or f"Customer {self.reference}"

    @property
    def is_business(self) -> bool:
        """What staff entered for its debtor, else whether the books have a company name."""
        if self.debtor is not None and self.debtor.is_business is not None:
            return self.debtor.is_business
        return bool(self.company_name)
