"""Stored eligibility of invoices: the latest assessment, those before it, and how up to date it is."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from infactor.core.money import MoneyField


class AssessmentFigures(models.Model):
    """What an assessment comes to, in the currency of its invoice."""

    class Decision(models.TextChoices):
        """Whether the invoice can be financed. Staff read these labels; suppliers read those of their pages."""

        ELIGIBLE = "eligible", _("Eligible")
        NEEDS_ACTION = "needs_action", _("Needs action")
        INELIGIBLE = "ineligible", _("Ineligible")

    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.CASCADE, related_name="+")
    # No index: terms are never deleted, and nothing looks for what was assessed by them.
    terms = models.ForeignKey(
        "financing.FundingTerms", null=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    as_of = models.DateField(help_text="The supplier's day of this assessment.")
    decision = models.CharField(max_length=12, choices=Decision.choices)
    face = MoneyField(help_text="The open balance that would be bought.")
    base = MoneyField(help_text="What of the face counts. 0 where it is ineligible.")
    advance = MoneyField(help_text="What would be paid out on funding.")
    deciding_rule = models.CharField(
        max_length=30, blank=True, help_text="The rule that decides, where the invoice is not eligible."
    )
    next_change_on = models.DateField(null=True, help_text="The day on which time alone changes the decision.")

    class Meta:
        abstract = True


class Eligibility(AssessmentFigures):
    """The latest assessment of one invoice. `breakdown` is written by `eligibility.serialization`.

    Two assessments have the same result if decision, amounts, terms and the outcome and reason of every rule are the
    same. What a rule measured may differ: an age grows every day, and a share moves with every other invoice.
    """

    invoice = models.OneToOneField(
        "invoices.Invoice", primary_key=True, on_delete=models.CASCADE, related_name="eligibility"
    )
    breakdown = models.JSONField(default=dict, help_text="The result of every rule, and every deduction.")
    digest = models.BigIntegerField(default=0, editable=False, help_text="A hash of all this, to see changes.")
    result_digest = models.BigIntegerField(
        default=0, editable=False, help_text="A hash of the result, without what was measured."
    )
    known_from = models.DateTimeField(editable=False, help_text="Since when it has this result.")
    assessed_since = models.DateTimeField(editable=False, help_text="When it was assessed first.")

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


class AssessmentVersion(AssessmentFigures):
    """A superseded assessment: the result that infactor knew from `known_from` until `known_until`.

    `as_of` and what the rules measured are those of its last recalculation. `breakdown` is compressed JSON.
    """

    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.CASCADE, related_name="assessment_versions")
    breakdown = models.BinaryField()
    # No index: a dictionary is never deleted, and nothing looks for its rows.
    dictionary = models.ForeignKey(
        "core.CompressionDictionary", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    known_from = models.DateTimeField()
    known_until = models.DateTimeField()

    class Meta:
        ordering = ["invoice_id", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(known_until__gte=F("known_from")), name="assessment_version_has_a_span")
        ]
        # Retention looks for the oldest; rows are written in this order.
        indexes = [BrinIndex(fields=["known_until"], name="assessment_version_by_age", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} until {self.known_until}"


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
    basis = models.BigIntegerField(
        null=True,
        editable=False,
        help_text="A hash of what all invoices had in common at the last full recalculation. Empty: there was none.",
    )
    duplicate_ids = ArrayField(
        models.BigIntegerField(),
        null=True,
        editable=False,
        help_text="The invoices that duplicate another one. Empty: too many to follow.",
    )

    def __str__(self) -> str:
        return f"Recalculation of supplier {self.supplier_id}"


class DebtorShare(models.Model):
    """What one debtor of a supplier brought in one currency when limits were last shared out, and uses of them.

    From these sums a change of one invoice is evaluated without a look at the other debtors. `debtor` is the key of
    `portfolio.debtor_key`, empty for what is financed of no known customer. A sum has room for all invoices.
    """

    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.CASCADE, db_index=False, related_name="+")
    currency = models.CharField(max_length=3, blank=True)
    debtor = models.CharField(max_length=40, blank=True)
    candidates = models.PositiveIntegerField(help_text="Invoices that no rule but a limit makes ineligible.")
    counted = models.PositiveIntegerField(help_text="Those of them that are large enough to be left.")
    for_limit = models.DecimalField(max_digits=30, decimal_places=2, help_text="Counts against the supplier's limit.")
    left = models.DecimalField(max_digits=30, decimal_places=2, help_text="Is left before concentration.")
    capped = models.DecimalField(max_digits=30, decimal_places=2, help_text="What of it concentration may cut.")
    used = models.DecimalField(max_digits=30, decimal_places=2, help_text="Is financed, offered or requested.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplier", "currency", "debtor"], name="debtor_share_once"),
        ]

    def __str__(self) -> str:
        return f"{self.debtor} in {self.currency}"
