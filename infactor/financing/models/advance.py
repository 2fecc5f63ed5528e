"""An advance: a purchased invoice, from the accepted offer until it is closed."""

import uuid
from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.core.transitions import Transitions


class Advance(TimestampedModel):
    """One accepted invoice becomes one advance. What is outstanding is a ledger balance, not a column here.

    Amounts are in `currency`. `fee`, `late_fee` and `rebate` are set when it is closed. The wire fee of its terms is
    deducted from `amount` when that is paid out.
    """

    class Status(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted, not funded")
        FUNDED = "funded", _("Funded")
        COLLECTED = "collected", _("Buyer paid")
        CLOSED_SHORT = "closed_short", _("Closed short")
        SETTLED = "settled", _("Settled")
        REPURCHASED = "repurchased", _("Repurchased")
        WRITTEN_OFF = "written_off", _("Written off")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="advances")
    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.PROTECT, related_name="advances")
    buyer = models.ForeignKey(
        "invoices.Buyer", on_delete=models.PROTECT, related_name="advances", help_text="The root customer."
    )
    offer_line = models.OneToOneField("financing.OfferLine", on_delete=models.PROTECT, related_name="resulting_advance")
    terms = models.ForeignKey("financing.FundingTerms", on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACCEPTED)
    face = MoneyField()
    base = MoneyField()
    amount = MoneyField(help_text="Paid out at funding.")
    reserve = MoneyField(help_text="Held back until settlement.")
    fee_base = MoneyField(help_text="The part of the face that is bought against: the fee is charged on it.")
    recourse_on = models.DateField(help_text="If unpaid on this day, the supplier repurchases the invoice.")
    late_from = models.DateField(null=True, help_text="The first day for which a late fee is charged. Empty: never.")
    accepted_at = models.DateTimeField()
    funded_on = models.DateField(null=True, help_text="Value date of the payout.")
    collected_on = models.DateField(null=True, help_text="Value date on which nothing was outstanding any more.")
    ended_on = models.DateField(null=True)
    fee = MoneyField(null=True, help_text="Kept on closing: the fee for the days, and the late fee.")
    late_fee = MoneyField(null=True, help_text="The part of the fee that is a late fee.")
    fee_days = models.PositiveIntegerField(null=True)
    rebate = MoneyField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-accepted_at", "-pk"]
        permissions = [
            ("fund_advances", "Can pay out advances"),
            ("settle_advances", "Can settle, repurchase and write off"),
            ("charge_suppliers", "Can make a supplier owe what its buyer does not pay"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=~Q(status="cancelled"), name="one_advance_per_invoice"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0)
                & Q(base__gte=models.F("amount"))
                & Q(face__gte=models.F("base"))
                & Q(fee_base__gte=models.F("base"))
                & Q(face__gte=models.F("fee_base"))
                & Q(face__lt=10**16)
                & Q(reserve=models.F("face") - models.F("amount")),
                name="advance_amounts",
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", funded_on__isnull=True)
                | Q(status="cancelled")  # with the day, where its funding was taken back
                | (~Q(status__in=["accepted", "cancelled"]) & Q(funded_on__isnull=False)),
                name="advance_funded_has_date",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["settled", "repurchased", "written_off"],
                    ended_on__isnull=False,
                    fee__gte=models.F("late_fee"),
                    late_fee__gte=0,
                )
                | (
                    ~Q(status__in=["settled", "repurchased", "written_off"])
                    & Q(ended_on__isnull=True, fee__isnull=True, late_fee__isnull=True, rebate__isnull=True)
                ),
                name="advance_closing_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(collected_on__isnull=False) | ~Q(status__in=["collected", "closed_short"]),
                name="advance_collected_has_date",
            ),
        ]
        indexes = [models.Index(fields=["supplier", "status"], name="advance_by_supplier_status")]

    def __str__(self) -> str:
        return f"Advance {self.pk}"

    @property
    def due_on(self) -> date | None:
        """The due date as it was bought; of one that is not funded, as the books have it."""
        purchase = getattr(self, "purchase", None)
        found: date | None = purchase.due_on if purchase is not None else self.invoice.payable_date
        return found

    @property
    def wire_fee(self) -> Decimal:
        """What is deducted from `amount` when it is paid out."""
        fee: Decimal = self.terms.wire_fee
        return fee

    @property
    def cash(self) -> Decimal:
        """What is paid out on funding, before netting: the advance less the wire fee."""
        return self.amount - self.wire_fee

    @property
    def ledger_owner(self) -> str:
        """The owner of this advance's accounts in the ledger."""
        return f"advance:{self.pk}"


ADVANCE_TRANSITIONS = Transitions(
    field="status",
    allowed={
        Advance.Status.ACCEPTED: (Advance.Status.FUNDED, Advance.Status.CANCELLED),
        Advance.Status.FUNDED: (
            Advance.Status.CANCELLED,  # its money had not left
            Advance.Status.COLLECTED,
            Advance.Status.CLOSED_SHORT,
            Advance.Status.SETTLED,
            Advance.Status.REPURCHASED,
            Advance.Status.WRITTEN_OFF,
        ),
        Advance.Status.COLLECTED: (Advance.Status.FUNDED, Advance.Status.SETTLED),
        Advance.Status.CLOSED_SHORT: (Advance.Status.FUNDED, Advance.Status.SETTLED),
        # Corrections, and a payment that the bank returns, open again what was ended.
        Advance.Status.SETTLED: (Advance.Status.COLLECTED, Advance.Status.CLOSED_SHORT),
        Advance.Status.REPURCHASED: (Advance.Status.FUNDED,),
        Advance.Status.WRITTEN_OFF: (Advance.Status.FUNDED,),
    },
)
# Nothing of it is outstanding, and it waits to be settled.
CLOSED_STATUSES = (Advance.Status.COLLECTED, Advance.Status.CLOSED_SHORT)
OUTSTANDING_STATUSES = (Advance.Status.FUNDED, *CLOSED_STATUSES)
OPEN_STATUSES = (Advance.Status.ACCEPTED, *OUTSTANDING_STATUSES)
