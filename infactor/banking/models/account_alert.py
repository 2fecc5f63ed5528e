"""What is wrong with infactor's bank accounts: told to staff once when it begins, and ended when it is mended."""

from django.db import models
from django.db.models import Q

from infactor.banking.models.house_account import HouseAccount
from infactor.core.models import TimestampedModel


class AccountAlert(TimestampedModel):
    """One matter, from its beginning to its end. `account` is None where a currency has no account."""

    class Kind(models.TextChoices):
        STALE = "stale", "No statement for too long"
        OVERDRAWN = "overdrawn", "Below zero in the books"
        OVERDRAWN_BY_BANK = "overdrawn_by_bank", "Below zero by the bank"
        NO_PAY_TO = "no_pay_to", "No account that buyers pay to"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    account = models.ForeignKey(HouseAccount, null=True, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "alert of a house account"
        verbose_name_plural = "alerts of house accounts"
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "account"],
                condition=Q(ended_at=None, account__isnull=False),
                name="one_open_alert_a_kind_and_account",
            ),
            models.UniqueConstraint(
                fields=["kind", "currency"],
                condition=Q(ended_at=None, account=None),
                name="one_open_alert_a_kind_and_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.account or self.currency}"
