"""What month end keeps: the accruals of fees, the house's own account names, and what was exported."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.core.money import MoneyField
from infactor.ledger.models import Purpose


class AccrualRun(models.Model):
    """One accrual of the fees of a month. Where figures change before the month is closed, a further run adds to it."""

    month = models.DateField(help_text="Its first day.")
    number = models.PositiveSmallIntegerField()
    accrued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    accrued_at = models.DateTimeField()

    class Meta:
        ordering = ["-month", "-number"]
        verbose_name = "accrual of fees"
        verbose_name_plural = "accruals of fees"
        constraints = [
            models.UniqueConstraint(fields=["month", "number"], name="accrual_run_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="accrual_month_by_its_first_day"),
        ]

    def __str__(self) -> str:
        return f"Fees of {self.month:%B %Y}" if self.number == 1 else f"Fees of {self.month:%B %Y}, run {self.number}"


class FeeAccrual(models.Model):
    """What a run accrued for one advance, in its currency.

    `earned` is its fee by its terms for `days`, up to the month's last day; `charged` is what of it was posted as fee
    income by then. The rest is accrued: `amount`, with what earlier runs of the month had accrued taken off. Of each of
    the three, `late_…` is the part that is a late fee.
    """

    run = models.ForeignKey(AccrualRun, on_delete=models.PROTECT, related_name="fees")
    advance = models.ForeignKey("financing.Advance", on_delete=models.PROTECT, related_name="fee_accruals")
    days = models.PositiveIntegerField()
    formula = models.CharField(max_length=200)
    earned = MoneyField()
    charged = MoneyField()
    amount = MoneyField(help_text="Below zero where an earlier run accrued too much.")
    late_earned = MoneyField(default=0)
    late_charged = MoneyField(default=0)
    late_amount = MoneyField(default=0)

    class Meta:
        ordering = ["pk"]
        verbose_name = "accrued fee"
        constraints = [
            models.UniqueConstraint(fields=["run", "advance"], name="accrued_once_a_run"),
            models.CheckConstraint(condition=~Q(amount=0, late_amount=0), name="accrual_changes_something"),
        ]

    def __str__(self) -> str:
        return f"{self.run}, advance {self.advance_id}"


class JournalAccountName(models.Model):
    """What the account of a purpose is called in the house's own QuickBooks, exactly as it stands there.

    The cash of each house account has a name of its own.
    """

    purpose = models.CharField(max_length=24, choices=Purpose.choices)
    house_account = models.OneToOneField(
        "banking.HouseAccount", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["purpose", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose"], condition=Q(house_account=None), name="account_name_once_a_purpose"
            ),
            models.CheckConstraint(
                condition=Q(house_account=None) | Q(purpose=Purpose.CASH), name="account_name_of_a_bank_is_of_cash"
            ),
        ]
        verbose_name = "account name in QuickBooks"
        verbose_name_plural = "account names in QuickBooks"

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.name}"


class LedgerExport(models.Model):
    """One export of the general ledger: what was asked for, and the digest of the file that left."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"
        QUICKBOOKS = "quickbooks", "QuickBooks Online, journal entries"

    start = models.DateField()
    end = models.DateField()
    currency = models.CharField(max_length=3)
    format = models.CharField(max_length=10, choices=Format.choices)
    is_detailed = models.BooleanField("in detail")
    part = models.PositiveSmallIntegerField(default=1)
    parts = models.PositiveSmallIntegerField(default=1)
    digest = models.CharField("SHA-256 of the file", max_length=64)
    exported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    exported_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "ledger export"

    def __str__(self) -> str:
        return f"{self.get_format_display()}, {self.start} to {self.end}, {self.currency}"
