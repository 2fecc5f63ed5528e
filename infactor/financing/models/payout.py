"""A payout: money that infactor sends to a supplier; and netting: what of it pays the supplier's debt instead."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.core.transitions import Transitions


class Payout(TimestampedModel):
    """A payout to a supplier. A failed one is replaced by another that points to it."""

    class Purpose(models.TextChoices):
        ADVANCE = "advance", "Advance"
        REBATE = "rebate", "Rebate"
        SURPLUS = "surplus", "Surplus"

    class Status(models.TextChoices):
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        REPLACED = "replaced", "Failed, resent"
        CANCELLED = "cancelled", "Failed, not owed any more"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="payouts")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    advance = models.ForeignKey("financing.Advance", null=True, on_delete=models.PROTECT, related_name="payouts")
    bank_account = models.ForeignKey("suppliers.BankAccount", on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    value_date = models.DateField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SENT)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The second person. Empty if one person sent it alone.",
    )
    without_netting = models.BooleanField(
        default=False, help_text="Nothing that the supplier owed was deducted: the terms, or a person, said so."
    )
    reclaimed_on = models.DateField(
        null=True, help_text="The settlement that it belonged to was undone: the supplier owes what it was paid."
    )
    failed_on = models.DateField(null=True)
    failure_reason = models.CharField(max_length=300, blank=True)
    replaces = models.OneToOneField(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
        help_text="The failed payout that this one replaces.",
    )

    class Meta:
        verbose_name = "payout"
        ordering = ["-value_date", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="payout_amount_in_range"),
            models.CheckConstraint(condition=~Q(approved_by=F("sent_by")), name="payout_by_two_people"),
            models.UniqueConstraint(
                fields=["advance", "purpose"],
                condition=Q(advance__isnull=False, reclaimed_on__isnull=True, status__in=["sent", "failed"]),
                name="one_payout_per_advance_purpose",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", failed_on__isnull=True) | (~Q(status="sent") & Q(failed_on__isnull=False)),
                name="payout_failure_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"Payout {self.pk}"

    @property
    def ledger_owner(self) -> str:
        """The owner of the ledger account that holds it after it failed."""
        return f"payout:{self.pk}"


PAYOUT_TRANSITIONS = Transitions(
    field="status",
    allowed={
        Payout.Status.SENT: (Payout.Status.FAILED,),
        Payout.Status.FAILED: (Payout.Status.REPLACED, Payout.Status.CANCELLED),
    },
)


class Netting(models.Model):
    """What a supplier owed, paid by money that was on its way to the supplier."""

    class Source(models.TextChoices):
        ADVANCE = "advance", "Advance"
        REBATE = "rebate", "Rebate"
        SURPLUS = "surplus", "Surplus"

    source = models.CharField(max_length=10, choices=Source.choices)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="nettings")
    advance = models.ForeignKey("financing.Advance", null=True, on_delete=models.PROTECT, related_name="nettings")
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    value_date = models.DateField()
    netted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    netted_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, help_text="With the settlement that it belonged to.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="netting_amount_in_range"),
            models.CheckConstraint(
                condition=Q(source="surplus", advance__isnull=True) | (~Q(source="surplus") & Q(advance__isnull=False)),
                name="netting_names_its_advance",
            ),
            models.UniqueConstraint(
                fields=["advance", "source"], condition=Q(undone_at__isnull=True), name="one_netting_per_advance_source"
            ),
        ]

    def __str__(self) -> str:
        return f"Netting {self.pk}"

    @property
    def ledger_owner(self) -> str:
        """The first part of the reference of its posting."""
        return f"netting:{self.pk}"
