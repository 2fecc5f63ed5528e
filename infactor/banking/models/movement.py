"""A movement: money on a house account that is neither a buyer's payment nor a payout."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from infactor.banking.models.house_account import HouseAccount
from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField


class Movement(TimestampedModel):
    """Capital, a credit facility, charges, interest or a transfer. `amount` is below zero where money goes out.

    `line` is the line of a statement that it explains. A movement that was withdrawn never happened: its posting is
    reversed.
    """

    class Kind(models.TextChoices):
        OPENING = "opening", "Opening balance"
        CAPITAL = "capital", "Capital paid in or out"
        FACILITY = "facility", "Credit facility drawn or repaid"
        CHARGE = "charge", "Bank charge, or its refund"
        INTEREST = "interest", "Interest received or paid"
        TRANSFER = "transfer", "Transfer between house accounts"

    account = models.ForeignKey(HouseAccount, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = MoneyField()
    other_account = models.ForeignKey(
        HouseAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="incoming_transfers"
    )
    value_date = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    line = models.ForeignKey(
        "banking.StatementLine", null=True, blank=True, on_delete=models.PROTECT, related_name="movements"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawal_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-value_date", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(amount=0) & Q(amount__gt=-(10**16), amount__lt=10**16), name="movement_amount_in_range"
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(kind="opening", withdrawn_at=None),
                name="one_opening_balance_an_account",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawal_reason=""),
                name="movement_withdrawn_by_somebody_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(kind="transfer", other_account__isnull=False) | ~Q(kind="transfer") & Q(other_account=None),
                name="only_a_transfer_has_another_account",
            ),
            models.CheckConstraint(
                condition=Q(other_account=None) | ~Q(other_account=F("account")), name="transfer_between_two_accounts"
            ),
        ]

    def __str__(self) -> str:
        return f"Movement {self.pk}"

    @property
    def reference(self) -> str:
        """The reference of its posting."""
        return f"movement:{self.pk}"
