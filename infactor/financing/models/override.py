"""Overrides: staff let an invoice or a buyer pass a rule of eligibility."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from infactor.core.models import TimestampedModel


class Override(TimestampedModel):
    """A rule that staff let an invoice pass, or all invoices of one buyer. `rule` is a code of `Rule`."""

    rule = models.CharField(max_length=30)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="overrides")
    invoice = models.ForeignKey(
        "invoices.Invoice", null=True, blank=True, on_delete=models.PROTECT, related_name="overrides"
    )
    buyer = models.ForeignKey("invoices.Buyer", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    until = models.DateField(null=True, blank=True, help_text="The last day. Empty: until staff end it.")
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The approver. Empty where one person set it alone.",
    )
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-set_at", "-pk"]
        permissions = [("override_rules", "Can override a rule of eligibility")]
        constraints = [
            models.CheckConstraint(
                condition=Q(invoice__isnull=False, buyer__isnull=True) | Q(invoice__isnull=True, buyer__isnull=False),
                name="override_is_of_an_invoice_or_a_buyer",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="override_end_is_whole",
            ),
            models.CheckConstraint(condition=~Q(approved_by=F("set_by")), name="override_by_two_people"),
            models.UniqueConstraint(
                fields=["rule", "invoice"],
                condition=Q(ended_at__isnull=True, invoice__isnull=False),
                name="override_once_an_invoice",
            ),
            models.UniqueConstraint(
                fields=["rule", "supplier", "buyer"],
                condition=Q(ended_at__isnull=True, buyer__isnull=False),
                name="override_once_a_buyer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule.replace('_', ' ').capitalize()} of {self.invoice or self.buyer}"
