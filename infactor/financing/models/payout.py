"""A payout: money on its way out of infactor's bank, and netting: what of it pays a supplier's debt instead."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from infactor.banking.models import StatementLine
from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.core.transitions import Transitions
from infactor.financing.models.micro_deposits import MicroDeposits
from infactor.financing.models.payee_account import PayeeAccount
from infactor.financing.models.payout_batch import PayoutBatch
from infactor.suppliers.models import BankAccount

ZERO = Decimal("0.00")


class Payout(TimestampedModel):
    """A payout to a supplier, a refund to a payer, or a micro-deposit.

    One that did not arrive is replaced by another that points to it.

    The status says what infactor knows; `debited_on` and `credited_on` say what the bank has booked, each with the
    line of its statement. They are apart because a bank may still debit what it has returned already.
    """

    class Purpose(models.TextChoices):
        ADVANCE = "advance", _("Advance")
        REBATE = "rebate", _("Rebate")
        SURPLUS = "surplus", _("Surplus")
        REFUND = "refund", _("Refund to a payer")
        MICRO_DEPOSIT = "micro", _("Micro-deposit")

    class Status(models.TextChoices):
        PREPARED = "prepared", _("Prepared, to be approved")
        APPROVED = "approved", _("Approved, to be sent")
        SENT = "sent", _("Sent, not confirmed yet")
        CONFIRMED = "confirmed", _("Confirmed by the bank")
        RETURNED = "returned", _("Returned by the bank")
        STOPPED = "stopped", _("Stopped before it was sent")
        REPLACED = "replaced", _("Prepared again as another")
        CANCELLED = "cancelled", _("Not owed any more")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", null=True, on_delete=models.PROTECT, related_name="payouts")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    advance = models.ForeignKey("financing.Advance", null=True, on_delete=models.PROTECT, related_name="payouts")
    bank_account = models.ForeignKey(BankAccount, null=True, on_delete=models.PROTECT, related_name="+")
    payee_account = models.ForeignKey(PayeeAccount, null=True, on_delete=models.PROTECT, related_name="payouts")
    micro_deposits = models.ForeignKey(MicroDeposits, null=True, on_delete=models.PROTECT, related_name="payouts")
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    value_date = models.DateField(help_text="The day of the decision to pay.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PREPARED)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="The second person."
    )
    approved_at = models.DateTimeField(null=True)
    batch = models.ForeignKey(PayoutBatch, null=True, on_delete=models.PROTECT, related_name="payouts")
    debit_line = models.ForeignKey(
        StatementLine,
        null=True,
        on_delete=models.PROTECT,
        related_name="debited_payouts",
        help_text="The line of the bank's statement that took it from the account.",
    )
    debited_on = models.DateField(null=True)
    credit_line = models.OneToOneField(
        StatementLine,
        null=True,
        on_delete=models.PROTECT,
        related_name="credited_payout",
        help_text="The line of the bank's statement with which it came back.",
    )
    credited_on = models.DateField(null=True)
    came_back_late = models.BooleanField(
        default=False, help_text="It had failed already when the bank debited it, and gave it back."
    )
    without_netting = models.BooleanField(
        default=False, help_text="Nothing that the supplier owed was deducted: the terms, or a person, said so."
    )
    reclaimed_on = models.DateField(
        null=True, help_text="The settlement that it belonged to was undone: the supplier owes what it was paid."
    )
    failed_on = models.DateField(null=True, help_text="The day on which it was returned, stopped or cancelled.")
    failure_reason = models.CharField(max_length=300, blank=True)
    return_code = models.CharField(max_length=4, blank=True, help_text="The bank's code, like R03 or AC04.")
    replaces = models.OneToOneField(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
        help_text="The payout that did not arrive, which this one replaces.",
    )

    class Meta:
        verbose_name = "payout"
        ordering = ["-value_date", "-pk"]
        permissions = [("export_payouts", "Can put payouts into batches and export them for the bank")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="payout_amount_in_range"),
            models.CheckConstraint(condition=~Q(approved_by=F("prepared_by")), name="payout_by_two_people"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="payout_approval_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=False) | Q(status__in=["prepared", "stopped", "replaced", "cancelled"]),
                name="payout_is_approved_before_it_is_sent",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["sent", "confirmed", "returned"], batch__isnull=False)
                | Q(status__in=["prepared", "stopped"], batch__isnull=True)
                | Q(status__in=["approved", "replaced", "cancelled"]),
                name="payout_leaves_in_a_batch",
            ),
            models.CheckConstraint(
                condition=Q(purpose="refund", supplier=None, bank_account=None, payee_account__isnull=False)
                & Q(micro_deposits=None)
                | Q(purpose="micro", supplier=None, bank_account__isnull=False, payee_account=None)
                & Q(micro_deposits__isnull=False)
                | ~Q(purpose__in=["refund", "micro"])
                & Q(supplier__isnull=False, bank_account__isnull=False, payee_account=None, micro_deposits=None),
                name="payout_has_a_payee",
            ),
            models.UniqueConstraint(
                fields=["advance", "purpose"],
                condition=Q(
                    advance__isnull=False,
                    reclaimed_on__isnull=True,
                    status__in=["prepared", "approved", "sent", "confirmed", "returned", "stopped"],
                ),
                name="one_payout_per_advance_purpose",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["prepared", "approved", "sent", "confirmed"], failed_on__isnull=True)
                | Q(status__in=["returned", "stopped", "replaced", "cancelled"], failed_on__isnull=False),
                name="payout_failure_has_date",
            ),
            models.CheckConstraint(
                condition=(
                    Q(debit_line__isnull=True, debited_on__isnull=True)
                    | Q(debit_line__isnull=False, debited_on__isnull=False, batch__isnull=False)
                )
                & (
                    Q(credit_line__isnull=True, credited_on__isnull=True)
                    | Q(credit_line__isnull=False, credited_on__isnull=False, debited_on__isnull=False)
                ),
                name="payout_is_debited_before_it_comes_back",
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(debited_on__isnull=False, credited_on__isnull=True),
                name="payout_is_confirmed_by_a_line",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["prepared", "approved", "sent", "stopped"]) | Q(debited_on__isnull=True),
                name="payout_is_debited_after_it_was_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"Payout {self.pk}"

    @property
    def ledger_owner(self) -> str:
        """The owner of the ledger account that holds it while it is in transit."""
        return f"payout:{self.pk}"

    @property
    def end_to_end_id(self) -> str:
        """What names it in a file for the bank, and on the bank's statement."""
        return f"IFP{self.pk:09d}"

    @property
    def destination(self) -> BankAccount | PayeeAccount:
        """The account to which it goes."""
        found = self.bank_account or self.payee_account
        if found is None:
            raise ValueError("A payout has an account.")  # held by payout_has_a_payee
        return found

    @property
    def payee(self) -> str:
        """Whom it goes to, by the name of the account."""
        return self.destination.holder

    @property
    def did_not_arrive(self) -> bool:
        """Whether it is still owed, and not on its way."""
        return self.status in NOT_ARRIVED


LIVE_STATUSES = (Payout.Status.PREPARED, Payout.Status.APPROVED, Payout.Status.SENT, Payout.Status.CONFIRMED)
UNSENT = (Payout.Status.PREPARED, Payout.Status.APPROVED)
NOT_ARRIVED = (Payout.Status.RETURNED, Payout.Status.STOPPED)
OWED_STATUSES = (*LIVE_STATUSES, *NOT_ARRIVED)
PAYOUT_TRANSITIONS = Transitions(
    field="status",
    allowed={
        Payout.Status.PREPARED: (Payout.Status.APPROVED, Payout.Status.STOPPED, Payout.Status.CANCELLED),
        Payout.Status.APPROVED: (Payout.Status.SENT, Payout.Status.STOPPED, Payout.Status.CANCELLED),
        Payout.Status.SENT: (Payout.Status.CONFIRMED, Payout.Status.RETURNED, Payout.Status.APPROVED),
        Payout.Status.CONFIRMED: (Payout.Status.RETURNED, Payout.Status.SENT),
        Payout.Status.RETURNED: (Payout.Status.REPLACED, Payout.Status.CANCELLED, Payout.Status.CONFIRMED),
        Payout.Status.STOPPED: (Payout.Status.REPLACED, Payout.Status.CANCELLED),
        # Its return was a mistake: it is confirmed again, and what replaced it is cancelled.
        Payout.Status.CANCELLED: (Payout.Status.CONFIRMED,),
        Payout.Status.REPLACED: (Payout.Status.CONFIRMED, Payout.Status.CANCELLED),
    },
)


class Netting(models.Model):
    """What a supplier owed, paid by money that was on its way to the supplier."""

    class Source(models.TextChoices):
        ADVANCE = "advance", _("Advance")
        REBATE = "rebate", _("Rebate")
        SURPLUS = "surplus", _("Surplus")

    source = models.CharField(max_length=10, choices=Source.choices)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="nettings")
    advance = models.ForeignKey("financing.Advance", null=True, on_delete=models.PROTECT, related_name="nettings")
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    value_date = models.DateField()
    netted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    netted_at = models.DateTimeField()
    payout = models.ForeignKey(
        Payout,
        null=True,
        on_delete=models.PROTECT,
        related_name="nettings",
        help_text="The payout that did not arrive, of which it was deducted when that was prepared again.",
    )
    undone_at = models.DateTimeField(null=True, help_text="With the settlement or the funding that it belonged to.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="netting_amount_in_range"),
            models.CheckConstraint(
                condition=Q(source="surplus", advance__isnull=True) | (~Q(source="surplus") & Q(advance__isnull=False)),
                name="netting_names_its_advance",
            ),
            models.UniqueConstraint(
                fields=["advance", "source"],
                condition=Q(undone_at__isnull=True, payout__isnull=True),
                name="one_netting_per_advance_source",
            ),
        ]

    def __str__(self) -> str:
        return f"Netting {self.pk}"

    @property
    def ledger_owner(self) -> str:
        """The first part of the reference of its posting."""
        return f"netting:{self.pk}"
