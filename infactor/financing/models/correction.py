"""Corrections: what of infactor's books staff undid, and why; and costs of collecting what was written off."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from infactor.core.money import MoneyField


class Correction(models.Model):
    """One correction of a payment or of an advance. Never changed: a wrong one is corrected by another.

    `references` are those of the ledger transactions that it posted: reversals, and what was posted anew.
    """

    class Kind(models.TextChoices):
        UNMATCH = "unmatch", "Payment unmatched"
        VALUE_DATE = "value_date", "Value date of a payment changed"
        AMOUNT = "amount", "Amount of a payment changed"
        SETTLEMENT = "settlement", "Settlement opened again"
        SHORT_PAYMENT = "short", "Short payment taken back"
        REPURCHASE = "repurchase", "Repurchase taken back"
        WRITE_OFF = "write_off", "Write-off taken back"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    collection = models.ForeignKey(
        "financing.Collection", null=True, on_delete=models.PROTECT, related_name="corrections"
    )
    advance = models.ForeignKey("financing.Advance", null=True, on_delete=models.PROTECT, related_name="corrections")
    currency = models.CharField(max_length=3)
    amount = MoneyField(help_text="How much was undone or changed.")
    change = models.CharField(max_length=200, help_text="What is different now, in words.")
    reason = models.CharField(max_length=300)
    references = models.JSONField(default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(collection__isnull=False, advance__isnull=True)
                | Q(collection__isnull=True, advance__isnull=False),
                name="correction_is_of_one_thing",
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(references=[]), name="correction_says_why"),
            models.CheckConstraint(condition=~Q(approved_by=F("made_by")), name="correction_by_two_people"),
        ]

    def __str__(self) -> str:
        return f"Correction {self.pk}: {self.get_kind_display()}"

    @property
    def change_for_suppliers(self) -> str:
        """What is different now, as a supplier may read it: a payment may be for several, and its amount is theirs."""
        if self.kind == self.Kind.AMOUNT:
            return "the amount of the payment was recorded wrongly"
        return self.change


class CollectionCost(models.Model):
    """What infactor paid to collect an invoice. A payment after a write-off repays it, after principal and fee."""

    advance = models.ForeignKey("financing.Advance", on_delete=models.PROTECT, related_name="collection_costs")
    amount = MoneyField()
    value_date = models.DateField()
    payee = models.CharField(max_length=200)
    reason = models.CharField(max_length=300)
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    paid_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="cost_amount_in_range"),
            models.CheckConstraint(condition=~Q(approved_by=F("paid_by")), name="cost_by_two_people"),
        ]

    def __str__(self) -> str:
        return f"Collection cost {self.pk} of advance {self.advance_id}"
