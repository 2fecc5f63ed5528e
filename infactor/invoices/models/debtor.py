"""A buyer over the whole house: the customers of several suppliers that are one company in the world."""

import uuid

from django.conf import settings
from django.db import models

from infactor.core.models import TimestampedModel


class Debtor(TimestampedModel):
    """Who owes, whoever the supplier is. Made and joined by staff only; its limit and lateness count everywhere.

    Only top customers are joined: a job owes as the customer that it belongs to.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=500)
    tax_id = models.CharField(max_length=64, blank=True)
    email_domain = models.CharField(max_length=253, blank=True)
    address = models.CharField(max_length=1000, blank=True, help_text="In one line.")
    country = models.CharField(max_length=100, blank=True)
    is_business = models.BooleanField(
        null=True, blank=True, help_text="Staff's word. Unknown: a customer with a company name counts as a business."
    )
    note = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        ordering = ["name", "pk"]
        permissions = [("join_debtors", "Can join buyers into debtors")]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="debtor_has_a_name")]

    def __str__(self) -> str:
        return self.name
