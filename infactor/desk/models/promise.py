"""A promise to pay: how much a buyer said that it pays until which day."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.core.currencies import CURRENCIES
from infactor.core.money import MoneyField
from infactor.desk.models.about import ONE_OF_THE_TWO, OfDebtor


class Promise(OfDebtor):
    """Never changed but to be withdrawn: a trigger rejects it. Whether it is kept, payments say (collecting.promises).

    `amount` is in `currency`. `promised_on` is the value date by which it is there.
    """

    advances = models.ManyToManyField("financing.Advance", related_name="+")
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    promised_on = models.DateField("until")
    said_by = models.CharField("said by", max_length=150, help_text="The person at the buyer.")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdraw_reason = models.CharField("why it was withdrawn", max_length=500, blank=True)

    class Meta:
        verbose_name = "promise to pay"
        verbose_name_plural = "promises to pay"
        ordering = ["-promised_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=ONE_OF_THE_TWO, name="promise_of_one_debtor"),
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="promise_amount_in_range"),
            models.CheckConstraint(condition=Q(currency__in=CURRENCIES), name="promise_currency_is_a_code"),
            models.CheckConstraint(condition=~Q(said_by=""), name="promise_says_by_whom"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdraw_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdraw_reason=""),
                name="promise_withdrawal_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["debtor", "-promised_on"], name="promise_by_debtor"),
            models.Index(fields=["buyer", "-promised_on"], name="promise_by_buyer"),
            models.Index(fields=["promised_on"], condition=Q(withdrawn_at__isnull=True), name="promise_by_day"),
        ]

    def __str__(self) -> str:
        return f"Promise {self.pk}"
