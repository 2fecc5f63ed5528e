"""A notice of assignment: what tells a buyer that infactor has bought an invoice, and whom it pays from then on."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel
from infactor.core.transitions import Transitions
from infactor.financing.models.advance import Advance

MAX_REMINDERS = 2
# Values of Notice.Status. In these the buyer must pay infactor.
VALID_STATUSES = ("sent", "acknowledged")
_UNACKNOWLEDGED = Q(
    acknowledged_at=None, channel="", acknowledged_name="", acknowledged_from=None, user_agent="", recorded_by=None
)


class Notice(TimestampedModel):
    """The notice of one advance. `facts` is what the buyer is told, and never changes: a trigger rejects it.

    The rows of an advance are a chain: only after one is released can there be another.
    """

    class Status(models.TextChoices):
        SENT = "sent", _("Sent")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        RELEASED = "released", _("Released")
        FULFILLED = "fulfilled", _("Paid")

    class Channel(models.TextChoices):
        LINK = "link", _("By the link")
        PHONE = "phone", _("By phone")
        LETTER = "letter", _("By letter")

    class ReleaseReason(models.TextChoices):
        PAYOUT_FAILED = "payout_failed", _("The payout failed")
        REPURCHASED = "repurchased", _("The supplier bought the invoice back")
        PAYMENT_RETURNED = "payment_returned", _("The buyer's payment was returned after settlement")
        GIVEN_UP = "given_up", _("Written off, and no longer claimed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="notices")
    advance = models.ForeignKey(Advance, on_delete=models.PROTECT, related_name="notices")
    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.PROTECT, related_name="notices")
    agreement = models.ForeignKey(
        "suppliers.AgreementAcceptance",
        on_delete=models.PROTECT,
        related_name="+",
        help_text="By which the supplier consented to the notice.",
    )
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.SENT)
    facts = models.JSONField()
    facts_digest = models.CharField(max_length=64, help_text="SHA-256 of what the buyer is told.")

    to = models.EmailField("sent to")
    reply_to = models.EmailField(blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    last_sent_at = models.DateTimeField()
    reminders = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    # Digests of the links, one for each email. The database alone gives access to no page.
    links = models.JSONField(editable=False)

    acknowledged_at = models.DateTimeField(null=True)
    channel = models.CharField(max_length=6, choices=Channel.choices, blank=True)
    acknowledged_name = models.CharField(max_length=150, blank=True)
    acknowledged_from = models.GenericIPAddressField(null=True)
    user_agent = models.CharField("browser", max_length=300, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    ended_at = models.DateTimeField(null=True)
    release_reason = models.CharField(max_length=20, choices=ReleaseReason.choices, blank=True)

    class Meta:
        verbose_name = "notice of assignment"
        verbose_name_plural = "notices of assignment"
        ordering = ["-pk"]
        permissions = [("handle_notices", "Can send notices again, record acknowledgements and release buyers")]
        indexes = [
            models.Index(fields=["last_sent_at"], condition=Q(status="sent"), name="notice_unacknowledged"),
        ]
        constraints = [
            # A buyer is never told two things about one invoice.
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status__in=VALID_STATUSES), name="one_valid_notice_per_invoice"
            ),
            models.UniqueConstraint(
                fields=["advance"], condition=~Q(status="released"), name="one_unreleased_notice_per_advance"
            ),
            models.CheckConstraint(
                condition=Q(status__in=VALID_STATUSES, ended_at=None, release_reason="")
                | Q(status="fulfilled", ended_at__isnull=False, release_reason="")
                | Q(status="released", ended_at__isnull=False) & ~Q(release_reason=""),
                name="notice_end_fits_status",
            ),
            models.CheckConstraint(
                condition=Q(status="sent") & _UNACKNOWLEDGED
                | Q(status="acknowledged", acknowledged_at__isnull=False)
                | Q(status__in=["released", "fulfilled"]),
                name="notice_acknowledgement_fits_status",
            ),
            models.CheckConstraint(
                condition=_UNACKNOWLEDGED
                | Q(acknowledged_at__isnull=False, channel="link", recorded_by=None) & ~Q(acknowledged_name="")
                | Q(
                    acknowledged_at__isnull=False,
                    channel__in=["phone", "letter"],
                    recorded_by__isnull=False,
                    acknowledged_from=None,
                    user_agent="",
                )
                & ~Q(acknowledged_name=""),
                name="notice_acknowledgement_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(reminders__lte=MAX_REMINDERS, last_sent_at__gte=models.F("sent_at"))
                & ~Q(to="")
                & ~Q(facts_digest="")
                & ~Q(links=[]),
                name="notice_is_sent",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number that buyer, supplier and staff call it by."""
        return f"NA-{self.public_id.hex[:8].upper()}"

    @property
    def is_valid(self) -> bool:
        """Whether the buyer must pay infactor."""
        return self.status in VALID_STATUSES


NOTICE_TRANSITIONS = Transitions(
    field="status",
    allowed={
        Notice.Status.SENT: (Notice.Status.ACKNOWLEDGED, Notice.Status.RELEASED, Notice.Status.FULFILLED),
        Notice.Status.ACKNOWLEDGED: (Notice.Status.RELEASED, Notice.Status.FULFILLED),
        # A settlement is opened again: the buyer owes infactor as before.
        Notice.Status.FULFILLED: (Notice.Status.RELEASED, Notice.Status.SENT, Notice.Status.ACKNOWLEDGED),
    },
)
