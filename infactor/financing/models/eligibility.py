"""What the rules said of an invoice when they were last asked, and what they have to be asked about again."""

from django.db import models
from django.db.models import Q

from infactor.core.money import MoneyField


class Eligibility(models.Model):
    """The last judgement of one invoice, in its currency. `rules` is every rule's result, in the form of `rulings`."""

    class Verdict(models.TextChoices):
        READY = "ready", "Can be financed"
        ONE_STEP = "todo", "Can be financed after one step"
        NO = "no", "Cannot be financed"

    invoice = models.OneToOneField(
        "invoices.Invoice", primary_key=True, on_delete=models.CASCADE, related_name="eligibility"
    )
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.CASCADE, related_name="+")
    terms = models.ForeignKey("financing.FundingTerms", null=True, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField(help_text="The supplier's day for which this holds.")
    verdict = models.CharField(max_length=5, choices=Verdict.choices)
    face = MoneyField(help_text="The open balance that would be bought.")
    base = MoneyField(help_text="What of it counts; 0 where it cannot be financed.")
    advance = MoneyField(help_text="What would be paid out at once.")
    main_rule = models.CharField(max_length=30, blank=True, help_text="The rule that decides, where one holds it back.")
    changes_on = models.DateField(null=True, help_text="The day on which time alone changes the verdict.")
    rules = models.JSONField(default=dict, help_text="Every rule's answer and every deduction.")
    digest = models.BigIntegerField(default=0, editable=False, help_text="Of all this: tells whether anything changed.")

    class Meta:
        verbose_name_plural = "eligibility"
        indexes = [models.Index(fields=["supplier", "verdict"], name="eligibility_of_supplier")]
        constraints = [
            models.CheckConstraint(
                condition=Q(base__gte=0) & Q(advance__gte=0) & Q(advance__lte=models.F("base")) & Q(base__lt=10**16),
                name="eligibility_amounts",
            )
        ]

    def __str__(self) -> str:
        return self.get_verdict_display()


class Reckoning(models.Model):
    """How fresh a supplier's judgements are: due when books, financing's own rows, terms or the day moved on."""

    supplier = models.OneToOneField(
        "suppliers.Supplier", primary_key=True, on_delete=models.CASCADE, related_name="reckoning"
    )
    asked = models.PositiveBigIntegerField(default=1, help_text="Goes up whenever financing changed something.")
    answered = models.PositiveBigIntegerField(default=0, help_text="`asked` as it was for the last judgement.")
    books = models.PositiveBigIntegerField(default=0, help_text="Revision of the books in the last judgement.")
    day = models.DateField(null=True, help_text="The supplier's day of the last judgement.")
    reckoned_at = models.DateTimeField(null=True)
    seconds = models.DecimalField(max_digits=8, decimal_places=3, null=True)

    def __str__(self) -> str:
        return f"Reckoning of supplier {self.supplier_id}"
