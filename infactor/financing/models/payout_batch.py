"""A batch of payouts: what one file for the bank of one house account holds."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.banking.models import HouseAccount
from infactor.core.fields import EncryptedModel, EncryptedTextField
from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.core.transitions import Transitions


class PayoutBatch(EncryptedModel, TimestampedModel):
    """Approved payouts that leave one house account together. The file is written once, at the export, and kept.

    It is kept encrypted because it has full account numbers, and whole so that a second download is the same file.
    """

    class Status(models.TextChoices):
        MADE = "made", _("To be exported")
        EXPORTED = "exported", _("Exported")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    TRANSITIONS: ClassVar[Transitions] = Transitions(
        field="status",
        allowed={
            Status.MADE: (Status.EXPORTED, Status.WITHDRAWN),
            Status.EXPORTED: (Status.WITHDRAWN,),
            Status.WITHDRAWN: (Status.EXPORTED,),  # the bank had the file after all
        },
    )

    house_account = models.ForeignKey(HouseAccount, on_delete=models.PROTECT, related_name="payout_batches")
    currency = models.CharField(max_length=3)
    format = models.CharField(max_length=10)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.MADE)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    execution_day = models.DateField(null=True, help_text="The day on which the bank is asked to pay.")
    exported_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    exported_at = models.DateTimeField(null=True)
    file_name = models.CharField("file", max_length=100, blank=True)
    content_type = models.CharField(max_length=60, blank=True)
    content = EncryptedTextField(blank=True, help_text="The file in base64. Deleted when the batch is withdrawn.")
    digest = models.CharField("SHA-256 of the file", max_length=64, blank=True)
    control_sum = MoneyField(null=True)
    count = models.PositiveIntegerField("payouts in the file", default=0)
    exported_payouts = models.JSONField(default=list, help_text="Keys of the payouts in the file.")
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.CharField("why it was withdrawn", max_length=300, blank=True)

    reinstated_at = models.DateTimeField(
        null=True, help_text="When somebody said that the bank had its file after all. The file is deleted since."
    )

    class Meta:
        verbose_name = "payout batch"
        verbose_name_plural = "payout batches"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="made", exported_at=None, exported_by=None, content="", withdrawn_at=None)
                | Q(status="exported", exported_at__isnull=False, exported_by__isnull=False, withdrawn_at=None)
                & Q(execution_day__isnull=False, control_sum__gt=0, count__gt=0, digest__regex=r"^[0-9a-f]{64}$")
                & (~Q(content="") | Q(reinstated_at__isnull=False))
                & ~Q(file_name="")
                | Q(status="withdrawn", withdrawn_at__isnull=False, withdrawn_by__isnull=False, content="")
                & ~Q(reason=""),
                name="payout_batch_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"Batch {self.pk}"

    @property
    def batch_id(self) -> str:
        """What names it in the file for the bank, and on the bank's statement."""
        return f"IFB{self.pk:09d}"
