"""A debtor: the buyers of several suppliers that are one company."""

import uuid

from django.conf import settings
from django.db import models

from infactor.core.models import TimestampedModel
from infactor.core.past_names import PastName


class Debtor(TimestampedModel):
    """One company that buys from several suppliers. Staff create and group it; limits and overdue invoices add up.

    Only root customers are grouped; a sub-customer counts as its root.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=500)
    tax_id = models.CharField(max_length=64, blank=True)
    email_domain = models.CharField(max_length=253, blank=True)
    address = models.CharField(max_length=1000, blank=True, help_text="In one line.")
    country = models.CharField(max_length=100, blank=True)
    is_business = models.BooleanField(
        null=True, blank=True, help_text="Set by staff. Unknown: a customer with a company name counts as a business."
    )
    note = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        ordering = ["name", "pk"]
        permissions = [("join_debtors", "Can join buyers into debtors")]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="debtor_has_a_name")]

    def __str__(self) -> str:
        return self.name


class DebtorName(PastName):
    """A name that a debtor had before."""

    subject = models.ForeignKey(Debtor, on_delete=models.CASCADE, related_name="past_names")
