"""Money in and money out: collections, what they were for, and payouts to suppliers."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.core.transitions import Moves


class Collection(TimestampedModel):
    """A payment that reached infactor's bank account. How much of it is matched is the sum of its live matches."""

    class Source(models.TextChoices):
        HAND = "hand", "Recorded by hand"
        CSV = "csv", "CSV"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    value_date = models.DateField()
    bank_reference = models.CharField(
        max_length=100,
        help_text="The bank's own reference of this payment: what was recorded once is not recorded twice.",
    )
    payer = models.CharField(max_length=200, blank=True)
    remittance = models.CharField("what it is for", max_length=500, blank=True, help_text="As the payer wrote it.")
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.HAND)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    returned_on = models.DateField(null=True, help_text="Value date on which the bank took it back.")
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "payment"
        ordering = ["-value_date", "-pk"]
        permissions = [("record_collections", "Can record and match payments")]
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "bank_reference", "value_date", "amount"], name="collection_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="collection_is_money"),
            models.CheckConstraint(
                condition=Q(returned_on__isnull=True, returned_by__isnull=True)
                | Q(returned_on__isnull=False, returned_by__isnull=False),
                name="collection_return_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Payment {self.pk}"

    @property
    def owner(self) -> str:
        """The name under which the ledger keeps what of it is not matched."""
        return f"collection:{self.pk}"


class Match(models.Model):
    """So much of a collection, for this. Undone only by the bank's return of the whole payment."""

    class Kind(models.TextChoices):
        ADVANCE = "advance", "Buyer's payment of a financed invoice"
        RECOVERY = "recovery", "Recovered after write-off"
        DUE = "due", "What the supplier owed"
        PAYABLE = "payable", "Belongs to the supplier, to be passed on"

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="matches")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="+")
    advance = models.ForeignKey("financing.Advance", null=True, on_delete=models.PROTECT, related_name="matches")
    amount = MoneyField()
    matched_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    matched_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["collection_id", "position"]
        verbose_name_plural = "matches"
        constraints = [
            models.UniqueConstraint(fields=["collection", "position"], name="match_once_a_position"),
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="match_is_money"),
            models.CheckConstraint(
                condition=Q(kind__in=["advance", "recovery"], advance__isnull=False) | Q(kind__in=["due", "payable"]),
                name="match_names_its_advance",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount}"


class Disbursement(TimestampedModel):
    """A payout to a supplier. A failed one is replaced by another that points to it."""

    class Purpose(models.TextChoices):
        ADVANCE = "advance", "Advance"
        REBATE = "rebate", "Rebate"
        PASS_ON = "pass_on", "Passed on"

    class Status(models.TextChoices):
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        REPLACED = "replaced", "Failed, sent again"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="disbursements")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    advance = models.ForeignKey("financing.Advance", null=True, on_delete=models.PROTECT, related_name="payouts")
    bank_account = models.ForeignKey("suppliers.BankAccount", on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    value_date = models.DateField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SENT)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The second person; empty where one person paid it alone.",
    )
    failed_on = models.DateField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    replaces = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by", help_text="The failed payout before."
    )

    class Meta:
        verbose_name = "payout"
        ordering = ["-value_date", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="payout_is_money"),
            models.CheckConstraint(condition=~Q(approved_by=F("sent_by")), name="payout_by_two_people"),
            models.UniqueConstraint(
                fields=["advance", "purpose"],
                condition=Q(advance__isnull=False, status__in=["sent", "failed"]),
                name="paid_out_once_for_a_purpose",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", failed_on__isnull=True) | (~Q(status="sent") & Q(failed_on__isnull=False)),
                name="payout_failure_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"Payout {self.pk}"

    @property
    def owner(self) -> str:
        """The name under which the ledger keeps it while it is in transit again."""
        return f"payout:{self.pk}"


DISBURSEMENT_MOVES = Moves(
    field="status",
    allowed={
        Disbursement.Status.SENT: (Disbursement.Status.FAILED,),
        Disbursement.Status.FAILED: (Disbursement.Status.REPLACED,),
    },
)
