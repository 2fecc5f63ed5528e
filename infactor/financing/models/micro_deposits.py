"""Micro-deposits: two small payouts to a supplier's account, whose amounts show who can read its statement."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel
from infactor.core.transitions import Transitions
from infactor.suppliers.models import BankAccount


class MicroDeposits(TimestampedModel):
    """A pair of payouts to one account. An owner of the supplier enters both amounts, with a few tries.

    The payouts have no supplier: they are infactor's own cost, and no page of the supplier shows their amounts.
    """

    MOST_TRIES = 3

    class Status(models.TextChoices):
        SENT = "sent", _("Waiting for the amounts")
        MATCHED = "matched", _("The amounts were right")
        FAILED = "failed", _("Wrong amounts too often")
        ENDED = "ended", _("Ended without an answer")

    TRANSITIONS: ClassVar[Transitions] = Transitions(
        field="status", allowed={Status.SENT: (Status.MATCHED, Status.FAILED, Status.ENDED)}
    )

    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="micro_deposits")
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.SENT)
    tries = models.PositiveSmallIntegerField("wrong tries", default=0)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="Who entered them."
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "micro-deposits"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(status="sent"), name="micro_deposits_one_pair_at_once"
            ),
            models.CheckConstraint(condition=Q(tries__lte=3), name="micro_deposits_few_tries"),
            models.CheckConstraint(
                condition=Q(status__in=["matched", "failed"], answered_by__isnull=False, answered_at__isnull=False)
                | Q(status__in=["sent", "ended"], answered_by=None, answered_at=None),
                name="micro_deposits_answered_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"Micro-deposits {self.pk}"

    @property
    def tries_left(self) -> int:
        return self.MOST_TRIES - self.tries
