"""What a supplier asks to finance, what infactor offers for it, and what was shown when it was accepted."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.core.transitions import Moves
from infactor.invoices.states import State

REQUEST_FROM = (State.CREATED, State.ACCEPTED, State.REFUSED, State.PROPOSAL_REJECTED)


class FinancingRequest(TimestampedModel):
    """A supplier asks for money on one or several invoices of one currency. Each line is answered by itself."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="financing_requests")
    currency = models.CharField(max_length=3)
    asked_for = MoneyField(null=True, help_text="The cash that the supplier needs, where they asked by amount.")
    why_these = models.JSONField(default=dict, help_text="How the invoices were chosen, where they asked by amount.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(asked_for__gt=0), name="request_asks_for_something")]

    def __str__(self) -> str:
        return f"Request {self.pk}"


class RequestLine(models.Model):
    """One invoice of a request. `face` and `base` are what was shown when it was asked for."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting for a price"
        OFFERED = "offered", "Offered"
        REFUSED = "refused", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    request = models.ForeignKey(FinancingRequest, on_delete=models.PROTECT, related_name="lines")
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.PROTECT, related_name="request_lines")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    state_before = models.CharField(max_length=30, help_text="Where the invoice returns to when this comes to nothing.")
    face = MoneyField()
    base = MoneyField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["request_id", "pk"]
        permissions = [("price_requests", "Can offer, refuse and withdraw")]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status="waiting"), name="one_open_request_an_invoice"
            ),
            models.UniqueConstraint(fields=["request", "invoice"], name="invoice_once_a_request"),
            models.CheckConstraint(condition=Q(state_before__in=REQUEST_FROM), name="request_line_returns_somewhere"),
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at__isnull=True)
                | (~Q(status="waiting") & Q(decided_at__isnull=False)),
                name="request_line_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(base__gt=0) & Q(face__gte=models.F("base")) & Q(face__lt=10**16),
                name="request_line_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} in request {self.request_id}"


REQUEST_LINE_MOVES = Moves(
    field="status",
    allowed={
        RequestLine.Status.WAITING: (
            RequestLine.Status.OFFERED,
            RequestLine.Status.REFUSED,
            RequestLine.Status.WITHDRAWN,
        )
    },
)


class Offer(TimestampedModel):
    """A price for one or several invoices of one supplier and currency, under the terms that it was made under."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Waiting for your answer"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        EXPIRED = "expired", "Expired"
        WITHDRAWN = "withdrawn", "Withdrawn"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="offers")
    request = models.ForeignKey(FinancingRequest, on_delete=models.PROTECT, related_name="offers")
    currency = models.CharField(max_length=3)
    terms = models.ForeignKey("financing.FundingTerms", on_delete=models.PROTECT, related_name="+")
    made_on = models.DateField(help_text="The supplier's day on which it was judged and priced.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the house."
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
                name="offer_decision_is_whole",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("offered_at")), name="offer_lasts"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(status="proposed"), name="offer_expiring")]

    def __str__(self) -> str:
        return f"Offer {self.pk}"


OFFER_MOVES = Moves(
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
    """One invoice of an offer, priced: `advance` = base x rate, `reserve` = face - advance, in the offer's currency."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="lines")
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.PROTECT, related_name="offer_lines")
    request_line = models.OneToOneField(RequestLine, on_delete=models.PROTECT, related_name="offer_line")
    status = models.CharField(max_length=10, choices=Offer.Status.choices, default=Offer.Status.PROPOSED)
    face = MoneyField()
    base = MoneyField()
    advance = MoneyField()
    reserve = MoneyField()
    deductions = models.JSONField(default=list, help_text="From face to base: [[what, amount], ...].")
    recourse_on = models.DateField()

    class Meta:
        ordering = ["offer_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status="proposed"), name="one_open_offer_an_invoice"
            ),
            models.CheckConstraint(
                condition=Q(advance__gt=0)
                & Q(base__gte=models.F("advance"))
                & Q(face__gte=models.F("base"))
                & Q(face__lt=10**16)
                & Q(reserve=models.F("face") - models.F("advance")),
                name="offer_line_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} in offer {self.offer_id}"


OFFER_LINE_MOVES = Moves(field="status", allowed=OFFER_MOVES.allowed)


class Acceptance(models.Model):
    """Who accepted an offer, when, from where, and exactly what they were shown. Written once."""

    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="acceptance")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    terms = models.ForeignKey("financing.FundingTerms", on_delete=models.PROTECT, related_name="+")
    figures = models.JSONField(help_text="What was shown, amounts as text.")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"Acceptance of offer {self.offer_id}"
