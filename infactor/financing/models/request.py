"""A supplier's request to finance invoices, line by line."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.core.transitions import Transitions
from infactor.invoices.states import State

MAX_INVOICES_PER_REQUEST = 200
REQUESTABLE_STATES = (State.CREATED, State.ACCEPTED, State.REFUSED, State.PROPOSAL_REJECTED)


class FinancingRequest(TimestampedModel):
    """A supplier's request to finance one or more invoices of one currency. Each line is decided on its own."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="financing_requests")
    currency = models.CharField(max_length=3)
    requested_amount = MoneyField(null=True, help_text="The cash needed, if the supplier asked by amount.")
    selection_rationale = models.JSONField(
        default=dict, help_text="How the invoices were selected, if the supplier asked by amount."
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(requested_amount__gt=0), name="request_amount_is_positive")]

    def __str__(self) -> str:
        return f"Request {self.pk}"


class RequestLine(models.Model):
    """One invoice of a request. `face` and `base` are those assessed at the time of the request."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting for a price")
        OFFERED = "offered", _("Offered")
        REFUSED = "refused", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    request = models.ForeignKey(FinancingRequest, on_delete=models.PROTECT, related_name="lines")
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.PROTECT, related_name="request_lines")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    previous_state = models.CharField(
        max_length=30, help_text="The state to which the invoice returns if it is not financed."
    )
    face = MoneyField()
    base = MoneyField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["request_id", "pk"]
        permissions = [("price_requests", "Can make, decline and withdraw offers")]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status="waiting"), name="one_open_request_per_invoice"
            ),
            models.UniqueConstraint(fields=["request", "invoice"], name="invoice_once_per_request"),
            models.CheckConstraint(
                condition=Q(previous_state__in=REQUESTABLE_STATES), name="request_line_previous_state"
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at__isnull=True)
                | (~Q(status="waiting") & Q(decided_at__isnull=False)),
                name="request_line_decision_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(base__gt=0) & Q(face__gte=models.F("base")) & Q(face__lt=10**16),
                name="request_line_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} in request {self.request_id}"


REQUEST_LINE_TRANSITIONS = Transitions(
    field="status",
    allowed={
        RequestLine.Status.WAITING: (
            RequestLine.Status.OFFERED,
            RequestLine.Status.REFUSED,
            RequestLine.Status.WITHDRAWN,
        )
    },
)
