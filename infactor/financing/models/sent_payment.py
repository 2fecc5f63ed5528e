"""A supplier's word that it has paid what it owes: a statement, no movement of money."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.financing.models.advance import Advance
from infactor.financing.models.collection import Collection


class SentPayment(TimestampedModel):
    """What a supplier says that it has sent to infactor, for one advance or for all that it owes in a currency.

    It is open until the payment is recorded (`collection`), or until staff close it with a reason. Saying it again
    corrects the open one.
    """

    class Outcome(models.TextChoices):
        RECEIVED = "received", _("Received")
        NOT_RECEIVED = "not_received", _("Not received")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="sent_payments")
    advance = models.ForeignKey(
        Advance,
        null=True,
        on_delete=models.PROTECT,
        related_name="sent_payments",
        help_text="Empty: for all that is owed.",
    )
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    sent_on = models.DateField(help_text="The day on which the supplier gave the order to its bank.")
    reference = models.CharField(max_length=140, help_text="What the supplier wrote as reference of the transfer.")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    collection = models.ForeignKey(Collection, null=True, on_delete=models.PROTECT, related_name="sent_payments")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why staff closed it without a payment.")

    class Meta:
        ordering = ["-said_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "currency", "advance"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="one_open_word_for_each_debt",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0) & ~Q(reference=""), name="sent_payment_says_what"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="", collection__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(outcome=""),
                name="sent_payment_end_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}: {self.reference}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None
