"""A change of a house account that one person asks for and another confirms. Applied ones are its history."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from infactor.banking.models.house_account import HouseAccount
from infactor.core.fields import EncryptedModel, EncryptedTextField
from infactor.core.models import TimestampedModel
from infactor.core.transitions import Transitions


class AccountChange(EncryptedModel, TimestampedModel):
    """What is to be of a house account, and what was before: so it stays known with which number a file was written.

    A change of kind PAY_TO makes the account the one that buyers pay to, in its currency. Its details are those that
    the account had when it was asked for, and nothing was before.
    """

    class Kind(models.TextChoices):
        DETAILS = "details", _("Holder, number or bank")
        PAY_TO = "pay_to", _("Account that buyers pay to")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting for a second person")
        APPLIED = "applied", _("In force")
        REFUSED = "refused", _("Refused or withdrawn")

    TRANSITIONS: ClassVar[Transitions] = Transitions(
        field="status", allowed={Status.WAITING: (Status.APPLIED, Status.REFUSED)}
    )

    account = models.ForeignKey(HouseAccount, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    originator_name = models.CharField("account holder", max_length=70, blank=True)
    bank_name = models.CharField(max_length=140, blank=True)
    account_number = EncryptedTextField(blank=True)
    last4 = models.CharField("last four", max_length=4, blank=True)
    routing_number = models.CharField("routing number", max_length=20, blank=True)
    bic = models.CharField("BIC", max_length=11, blank=True)
    former_originator_name = models.CharField("account holder before", max_length=70, blank=True)
    former_bank_name = models.CharField(max_length=140, blank=True)
    former_number = EncryptedTextField(blank=True)
    former_last4 = models.CharField("last four before", max_length=4, blank=True)
    former_routing_number = models.CharField("routing number before", max_length=20, blank=True)
    former_bic = models.CharField("BIC before", max_length=11, blank=True)
    reason = models.CharField(max_length=300)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField("why it was refused", max_length=300, blank=True)

    class Meta:
        verbose_name = "change of a house account"
        verbose_name_plural = "changes of house accounts"
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(status="waiting"), name="one_change_waiting_a_house_account"
            ),
            models.CheckConstraint(
                name="house_account_change_status_fits",
                condition=Q(status="waiting", decided_by=None, decided_at=None, refusal="")
                | Q(status="applied", decided_by__isnull=False, decided_at__isnull=False, refusal="")
                & ~Q(decided_by=F("requested_by"))
                | Q(status="refused", decided_by__isnull=False, decided_at__isnull=False) & ~Q(refusal=""),
            ),
            models.CheckConstraint(
                name="house_account_change_complete",
                condition=Q(last4__regex=r"^.{4}$")
                & ~Q(reason="")
                & ~Q(bank_name="")
                & ~Q(account_number="")
                & (
                    Q(kind="pay_to", former_number="") & ~Q(originator_name="")
                    | Q(kind="details", former_last4__regex=r"^.{4}$") & ~Q(former_bank_name="") & ~Q(former_number="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.account}"
