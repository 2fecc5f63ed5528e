"""What infactor offers for a request, and the disclosure that the supplier accepted."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.core.transitions import Transitions
from infactor.financing.models.request import FinancingRequest, RequestLine


class Offer(TimestampedModel):
    """A priced offer for one or more invoices of one supplier and currency. It keeps the terms it was made under."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Ready for the supplier's decision")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Expired")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="offers")
    request = models.ForeignKey(FinancingRequest, on_delete=models.PROTECT, related_name="offers")
    currency = models.CharField(max_length=3)
    terms = models.ForeignKey("financing.FundingTerms", on_delete=models.PROTECT, related_name="+")
    priced_on = models.DateField(help_text="The supplier's day of the assessment and the price.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: automatic."
    )
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-offered_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="proposed", decided_at__isnull=True)
                | (~Q(status="proposed") & Q(decided_at__isnull=False)),
                name="offer_decision_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("offered_at")), name="offer_expires_after_offer"
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(status="proposed"), name="offer_expiring")]

    def __str__(self) -> str:
        return f"Offer {self.pk}"


OFFER_TRANSITIONS = Transitions(
    field="status",
    allowed={
        Offer.Status.PROPOSED: (
            Offer.Status.ACCEPTED,
            Offer.Status.DECLINED,
            Offer.Status.EXPIRED,
            Offer.Status.WITHDRAWN,
        )
    },
)


class OfferLine(models.Model):
    """One invoice of an offer, in the offer's currency: `advance` = base x advance rate, `reserve` = face - advance."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="lines")
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.PROTECT, related_name="offer_lines")
    request_line = models.OneToOneField(RequestLine, on_delete=models.PROTECT, related_name="offer_line")
    status = models.CharField(max_length=10, choices=Offer.Status.choices, default=Offer.Status.PROPOSED)
    face = MoneyField()
    base = MoneyField()
    advance = MoneyField()
    reserve = MoneyField()
    fee_base = MoneyField(help_text="The part of the face that is bought against: the fee is charged on it.")
    deductions = models.JSONField(default=list, help_text="From face to base: [[deduction, amount], ...].")
    recourse_on = models.DateField()
    late_from = models.DateField(null=True, help_text="The first day for which a late fee is charged. Empty: never.")

    class Meta:
        ordering = ["offer_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status="proposed"), name="one_open_offer_per_invoice"
            ),
            models.CheckConstraint(
                condition=Q(advance__gt=0)
                & Q(base__gte=models.F("advance"))
                & Q(face__gte=models.F("base"))
                & Q(fee_base__gte=models.F("base"))
                & Q(face__gte=models.F("fee_base"))
                & Q(face__lt=10**16)
                & Q(reserve=models.F("face") - models.F("advance")),
                name="offer_line_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} in offer {self.offer_id}"

    @property
    def cash(self) -> Decimal:
        """What is paid out on funding: the advance less the wire fee of the offer's terms."""
        cash: Decimal = self.advance - self.offer.terms.wire_fee
        return cash


OFFER_LINE_TRANSITIONS = Transitions(field="status", allowed=OFFER_TRANSITIONS.allowed)


class Acceptance(models.Model):
    """Who accepted an offer, when, from where, and the exact disclosure that they saw. Append-only."""

    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="acceptance")
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    terms = models.ForeignKey("financing.FundingTerms", on_delete=models.PROTECT, related_name="+")
    disclosure = models.JSONField(help_text="The figures shown, amounts as text.")
    disclosure_digest = models.CharField(max_length=64)
    proposal = models.OneToOneField(
        "financing.AcceptanceProposal",
        null=True,
        on_delete=models.PROTECT,
        related_name="acceptance",
        help_text="What the first of two people proposed. Empty: one person accepted.",
    )

    class Meta:
        ordering = ["-accepted_at"]

    def __str__(self) -> str:
        return f"Acceptance of offer {self.offer_id}"
