"""Stored eligibility of invoices, and how up to date it is."""

from django.db import models
from django.db.models import Q

from infactor.core.money import MoneyField


class Eligibility(models.Model):
    """The latest assessment of one invoice, in its currency. `breakdown` is written by `eligibility.serialization`."""

    class Decision(models.TextChoices):
        """Whether the invoice can be financed. Staff read these labels; suppliers read those of their pages."""

        ELIGIBLE = "eligible", "Eligible"
        NEEDS_ACTION = "needs_action", "Needs action"
        INELIGIBLE = "ineligible", "Ineligible"

    invoice = models.OneToOneField(
        "invoices.Invoice", primary_key=True, on_delete=models.CASCADE, related_name="eligibility"
    )
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.CASCADE, related_name="+")
    terms = models.ForeignKey("financing.FundingTerms", null=True, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField(help_text="The supplier's day of this assessment.")
    decision = models.CharField(max_length=12, choices=Decision.choices)
    face = MoneyField(help_text="The open balance that would be bought.")
    base = MoneyField(help_text="What of the face counts. 0 where it is ineligible.")
    advance = MoneyField(help_text="What would be paid out on funding.")
    deciding_rule = models.CharField(
        max_length=30, blank=True, help_text="The rule that decides, where the invoice is not eligible."
    )
    next_change_on = models.DateField(null=True, help_text="The day on which time alone changes the decision.")
    breakdown = models.JSONField(default=dict, help_text="The result of every rule, and every deduction.")
    digest = models.BigIntegerField(default=0, editable=False, help_text="A hash of all this, to see changes.")

    class Meta:
        verbose_name_plural = "eligibility"
        indexes = [models.Index(fields=["supplier", "decision"], name="eligibility_of_supplier")]
        constraints = [
            models.CheckConstraint(
                condition=Q(base__gte=0) & Q(advance__gte=0) & Q(advance__lte=models.F("base")) & Q(base__lt=10**16),
                name="eligibility_amounts",
            )
        ]

    def __str__(self) -> str:
        return self.get_decision_display()


class EligibilityRecalculation(models.Model):
    """How up to date a supplier's eligibility is. It is due when books, financing, terms or the day moved on."""

    supplier = models.OneToOneField(
        "suppliers.Supplier", primary_key=True, on_delete=models.CASCADE, related_name="eligibility_recalculation"
    )
    requested_version = models.PositiveBigIntegerField(default=1, help_text="Goes up with every request.")
    computed_version = models.PositiveBigIntegerField(
        default=0, help_text="The requested version that the last recalculation answered."
    )
    books_revision = models.PositiveBigIntegerField(
        default=0, help_text="The revision of the books at the last recalculation."
    )
    as_of = models.DateField(null=True, help_text="The supplier's day at the last recalculation.")
    computed_at = models.DateTimeField(null=True)
    duration_seconds = models.DecimalField(max_digits=8, decimal_places=3, null=True)

    def __str__(self) -> str:
        return f"Recalculation of supplier {self.supplier_id}"
