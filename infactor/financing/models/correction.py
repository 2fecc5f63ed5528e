"""Corrections: what of infactor's books staff undid, and why; and costs of collecting what was written off."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking.models import StatementLine
from infactor.core.money import MoneyField


class Correction(models.Model):
    """One correction of a payment or of an advance. Never changed: a wrong one is corrected by another.

    `references` are those of the ledger transactions that it posted: reversals, and what was posted anew.
    """

    class Kind(models.TextChoices):
        UNMATCH = "unmatch", gettext_lazy("Payment unmatched")
        VALUE_DATE = "value_date", gettext_lazy("Value date of a payment changed")
        AMOUNT = "amount", gettext_lazy("Amount of a payment changed")
        WITHDRAWAL = "withdrawal", gettext_lazy("Payment withdrawn: it was none")
        SETTLEMENT = "settlement", gettext_lazy("Settlement opened again")
        SHORT_PAYMENT = "short", gettext_lazy("Short payment taken back")
        REPURCHASE = "repurchase", gettext_lazy("Repurchase taken back")
        WRITE_OFF = "write_off", gettext_lazy("Write-off taken back")
        FUNDING = "funding", gettext_lazy("Funding taken back")
        COST = "cost", gettext_lazy("Collection cost taken back")
        RETURN = "return", gettext_lazy("Return of a payment taken back")
        REFUND_RETURN = "refund", gettext_lazy("Return of a refund taken back")

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
            return _("the amount of the payment was recorded wrongly")
        if self.kind == self.Kind.WITHDRAWAL:
            return _("what was recorded as a payment of your buyer was none")
        if self.kind == self.Kind.RETURN:
            return _("the bank did not return the payment: it counts again")
        return self.change


class CollectionCost(models.Model):
    """What infactor pays to collect an invoice. A payment after a write-off repays it, after principal and fee.

    No file carries it: it is paid by hand at the bank, and the debit on the statement confirms it.
    """

    advance = models.ForeignKey("financing.Advance", on_delete=models.PROTECT, related_name="collection_costs")
    amount = MoneyField()
    value_date = models.DateField()
    payee = models.ForeignKey("financing.Payee", on_delete=models.PROTECT, related_name="costs")
    reason = models.CharField(max_length=300)
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    paid_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    debit_line = models.ForeignKey(
        StatementLine,
        null=True,
        on_delete=models.PROTECT,
        related_name="debited_costs",
        help_text="The line of the bank's statement that confirms it.",
    )
    debited_on = models.DateField(null=True)
    credit_line = models.OneToOneField(
        StatementLine,
        null=True,
        on_delete=models.PROTECT,
        related_name="credited_cost",
        help_text="The line of the bank's statement with which it came back.",
    )
    credited_on = models.DateField(null=True)
    cancelled_on = models.DateField(null=True, help_text="It is no cost any more: it was not paid, or it came back.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="cost_amount_in_range"),
            models.CheckConstraint(condition=~Q(approved_by=F("paid_by")), name="cost_by_two_people"),
            models.CheckConstraint(
                condition=Q(debit_line=None, debited_on=None) | Q(debit_line__isnull=False, debited_on__isnull=False),
                name="cost_debit_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(credit_line=None, credited_on=None, cancelled_on=None)
                | Q(credit_line=None, credited_on=None, debited_on=None, cancelled_on__isnull=False)
                | Q(
                    credit_line__isnull=False,
                    credited_on__isnull=False,
                    debited_on__isnull=False,
                    cancelled_on__isnull=False,
                ),
                name="cost_is_debited_before_it_comes_back",
            ),
        ]

    def __str__(self) -> str:
        return f"Collection cost {self.pk} of advance {self.advance_id}"

    @property
    def ledger_owner(self) -> str:
        """The owner of the ledger account that holds it until the bank's statement confirms it."""
        return f"cost:{self.pk}"
