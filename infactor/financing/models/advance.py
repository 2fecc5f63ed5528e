"""An invoice that is bought: from the accepted offer to the end, and what staff must look at on the way."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.core.transitions import Moves


class Advance(TimestampedModel):
    """One accepted invoice becomes one advance. What is still out is a balance of the books, not a column here.

    Amounts are in `currency`. `fee` and `rebate` are known when it ends.
    """

    class Status(models.TextChoices):
        ACCEPTED = "accepted", "Accepted, not funded"
        FUNDED = "funded", "Funded"
        COLLECTED = "collected", "Buyer paid"
        SETTLED = "settled", "Settled"
        REPURCHASED = "repurchased", "Bought back"
        WRITTEN_OFF = "written_off", "Written off"
        CANCELLED = "cancelled", "Cancelled"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="advances")
    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.PROTECT, related_name="advances")
    buyer = models.ForeignKey(
        "invoices.Buyer", on_delete=models.PROTECT, related_name="advances", help_text="The top customer."
    )
    offer_line = models.OneToOneField("financing.OfferLine", on_delete=models.PROTECT, related_name="bought")
    terms = models.ForeignKey("financing.FundingTerms", on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACCEPTED)
    face = MoneyField()
    base = MoneyField()
    amount = MoneyField(help_text="What is paid out at once.")
    reserve = MoneyField(help_text="What is held back until the buyer has paid.")
    recourse_on = models.DateField(help_text="Unpaid on this day, the supplier buys it back.")
    accepted_at = models.DateTimeField()
    funded_on = models.DateField(null=True, help_text="Value date of the payout, in the supplier's time zone.")
    collected_on = models.DateField(null=True, help_text="Value date on which the buyer had paid all of it.")
    ended_on = models.DateField(null=True)
    fee = MoneyField(null=True)
    fee_days = models.PositiveIntegerField(null=True)
    rebate = MoneyField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-accepted_at", "-pk"]
        permissions = [
            ("fund_advances", "Can pay out advances"),
            ("settle_advances", "Can settle, repurchase and write off"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=~Q(status="cancelled"), name="an_invoice_is_financed_once"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0)
                & Q(base__gte=models.F("amount"))
                & Q(face__gte=models.F("base"))
                & Q(face__lt=10**16)
                & Q(reserve=models.F("face") - models.F("amount")),
                name="advance_amounts",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["accepted", "cancelled"], funded_on__isnull=True)
                | (~Q(status__in=["accepted", "cancelled"]) & Q(funded_on__isnull=False)),
                name="advance_funded_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["settled", "repurchased", "written_off"], ended_on__isnull=False, fee__gte=0)
                | (
                    ~Q(status__in=["settled", "repurchased", "written_off"])
                    & Q(ended_on__isnull=True, fee__isnull=True, rebate__isnull=True)
                ),
                name="advance_end_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(status="collected", collected_on__isnull=False) | ~Q(status="collected"),
                name="advance_collected_has_a_day",
            ),
        ]
        indexes = [models.Index(fields=["supplier", "status"], name="advance_of_supplier")]

    def __str__(self) -> str:
        return f"Advance {self.pk}"

    @property
    def owner(self) -> str:
        """The name under which the ledger keeps this advance's accounts."""
        return f"advance:{self.pk}"


S = Advance.Status
ADVANCE_MOVES = Moves(
    field="status",
    allowed={
        S.ACCEPTED: (S.FUNDED, S.CANCELLED),
        S.FUNDED: (S.COLLECTED, S.SETTLED, S.REPURCHASED, S.WRITTEN_OFF),
        S.COLLECTED: (S.FUNDED, S.SETTLED, S.REPURCHASED, S.WRITTEN_OFF),
    },
)
OPEN = (S.ACCEPTED, S.FUNDED, S.COLLECTED)
OUT = (S.FUNDED, S.COLLECTED)


class Case(TimestampedModel):
    """Something about a funded advance that staff must look at; while one is open its reserve is not released."""

    class Kind(models.TextChoices):
        DISPUTE = "dispute", "Dispute"
        RECOURSE = "recourse", "Recourse date reached"

    class Outcome(models.TextChoices):
        UPHELD = "upheld", "Upheld"
        REJECTED = "rejected", "Rejected"
        ENDED = "ended", "Ended with the advance"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="cases")
    advance = models.ForeignKey(Advance, on_delete=models.PROTECT, related_name="cases")
    reason = models.CharField(max_length=500)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the house."
    )
    opened_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    conclusion = models.CharField(max_length=500, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        permissions = [("judge_disputes", "Can open and close cases")]
        constraints = [
            models.UniqueConstraint(
                fields=["advance", "kind"], condition=Q(closed_at__isnull=True), name="one_open_case_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="case_end_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of advance {self.advance_id}"
