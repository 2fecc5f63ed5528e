"""A verification request to a buyer about one invoice, the buyer's answer, and colleagues whom the buyer names."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.core.transitions import Transitions

# Values of Verification.Status, for the constraints.
UNANSWERED = ("drafted", "sent", "expired", "withdrawn")
ANSWERED = ("confirmed", "partly_confirmed", "disputed")

TONES = {
    "drafted": "neutral",
    "sent": "info",
    "confirmed": "good",
    "partly_confirmed": "warn",
    "disputed": "bad",
    "expired": "warn",
    "withdrawn": "neutral",
}


class Verification(TimestampedModel):
    """One request to one buyer about one invoice. Once it is answered, a trigger rejects every change.

    Amounts are in `currency`. `facts` is the snapshot of the invoice that the buyer is shown.
    """

    class Status(models.TextChoices):
        DRAFTED = "drafted", gettext_lazy("Draft not sent")
        SENT = "sent", gettext_lazy("Waiting for the buyer")
        CONFIRMED = "confirmed", gettext_lazy("Confirmed")
        PARTLY_CONFIRMED = "partly_confirmed", gettext_lazy("Partly confirmed")
        DISPUTED = "disputed", gettext_lazy("Disputed")
        EXPIRED = "expired", gettext_lazy("Not answered in time")
        WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")

    class Channel(models.TextChoices):
        LINK = "link", gettext_lazy("By the link")
        PHONE = "phone", gettext_lazy("By phone")

    class Objection(models.TextChoices):
        """What a buyer that disputes an invoice objects to."""

        WRONG = "wrong", gettext_lazy("Invoice disputed")
        PAID = "paid", gettext_lazy("Already paid")
        NOT_OURS = "not_ours", gettext_lazy("Not our company")

    class PaidTo(models.TextChoices):
        SUPPLIER = "supplier", gettext_lazy("The supplier")
        INFACTOR = "infactor", "infactor"
        OTHER = "other", gettext_lazy("Somebody else")

    OPEN = (Status.DRAFTED, Status.SENT)
    # A drafted request can be answered by phone only: no link was sent.
    TRANSITIONS = Transitions(
        field="status",
        allowed={
            Status.DRAFTED: (Status.SENT, Status.WITHDRAWN, *ANSWERED),
            Status.SENT: (Status.EXPIRED, Status.WITHDRAWN, *ANSWERED),
        },
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="verifications")
    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.PROTECT, related_name="verifications")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFTED)

    # What the buyer is asked.
    facts = models.JSONField()
    facts_digest = models.CharField(max_length=64, help_text="Of what an answer is about; see snapshots.digest.")
    balance_asked = MoneyField(verbose_name="open when asked")
    currency = models.CharField(max_length=3)

    # The email to the buyer.
    to = models.EmailField("sent to", blank=True)
    address_changed = models.BooleanField(
        "other address",
        default=False,
        help_text="The supplier chose an address that its accounting system does not have.",
    )
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    # Digests of the links, one for each email sent. The database alone gives access to no page.
    links = models.JSONField(default=list, blank=True, editable=False)

    # The answer.
    answered_at = models.DateTimeField(null=True)
    channel = models.CharField(max_length=5, choices=Channel.choices, blank=True)
    answered_name = models.CharField(max_length=150, blank=True)
    answered_role = models.CharField("role", max_length=100, blank=True)
    answered_phone = models.CharField("phone", max_length=40, blank=True)
    answered_from = models.GenericIPAddressField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    phone_number = models.CharField("number called", max_length=40, blank=True)
    call_note = models.CharField("note of the call", max_length=1000, blank=True)
    confirmed_amount = MoneyField(null=True)
    dispute_reason = models.TextField(blank=True)
    disputed_lines = models.JSONField(default=list, blank=True, help_text="Places in the lines of `facts`; none: all.")
    line_reasons = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),  # the release before this one writes no value
        blank=True,
        help_text="Why a disputed line is wrong, by its place as text, where it was said.",
    )
    objection = models.CharField(max_length=10, choices=Objection.choices, blank=True)
    paid_on = models.DateField("paid on, as the buyer says", null=True)
    paid_to = models.CharField(max_length=10, choices=PaidTo.choices, blank=True)
    planned_pay_on = models.DateField("planned pay date", null=True)
    po_number = models.CharField("PO number", max_length=60, blank=True)

    class Meta:
        ordering = ["-pk"]
        permissions = [("record_answer", "Can record what a buyer answered by phone")]
        indexes = [
            models.Index(fields=["invoice", "-answered_at"], name="verification_by_answer"),
            models.Index(fields=["expires_at"], condition=Q(status="sent"), name="verification_pending"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status__in=["drafted", "sent"]), name="verification_one_open_an_invoice"
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNANSWERED) | Q(status__in=ANSWERED), name="verification_status_known"
            ),
            # NUMERIC accepts NaN, which PostgreSQL sorts above every number.
            models.CheckConstraint(
                condition=Q(balance_asked__gt=0, balance_asked__lt=10**16), name="verification_asks_an_amount"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None, sent_at=None, expires_at=None, links=[])
                | Q(
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                    sent_at__isnull=False,
                    expires_at__gt=models.F("sent_at"),
                )
                & ~Q(to="")
                & ~Q(subject="")
                & ~Q(body="")
                & ~Q(links=[]),
                name="verification_sent_fields_together",
            ),
            models.CheckConstraint(
                condition=Q(status="drafted", sent_at=None)
                | Q(status__in=["sent", "expired"], sent_at__isnull=False)
                | Q(status__in=[*ANSWERED, "withdrawn"]),
                name="verification_sent_fits_status",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=False) | Q(reminded_at=None, opened_at=None),
                name="verification_opened_after_sent",
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNANSWERED, answered_at=None, channel="")
                | Q(
                    status__in=ANSWERED,
                    answered_at__isnull=False,
                    channel__in=["link", "phone"],
                )
                & ~Q(answered_name=""),
                name="verification_answer_fits_status",
            ),
            models.CheckConstraint(
                condition=Q(channel="phone", recorded_by__isnull=False, answered_from=None)
                | Q(channel="link", recorded_by=None, sent_at__isnull=False, phone_number="", call_note="")
                | Q(
                    channel="",
                    recorded_by=None,
                    answered_from=None,
                    answered_name="",
                    phone_number="",
                    call_note="",
                ),
                name="verification_channel_fits_answer",
            ),
            models.CheckConstraint(
                condition=Q(status="confirmed", confirmed_amount=models.F("balance_asked"), dispute_reason="")
                | Q(status="partly_confirmed", confirmed_amount__gt=0, confirmed_amount__lt=models.F("balance_asked"))
                & ~Q(dispute_reason="")
                | Q(status="disputed", confirmed_amount=None) & ~Q(dispute_reason="")
                | Q(
                    status__in=UNANSWERED,
                    confirmed_amount=None,
                    dispute_reason="",
                    disputed_lines=[],
                    line_reasons={},
                ),
                name="verification_amount_fits_answer",
            ),
            models.CheckConstraint(
                condition=Q(objection="", paid_on=None, paid_to="")
                | Q(objection__in=["wrong", "not_ours"], status="disputed", paid_on=None, paid_to="")
                | Q(objection="paid", status="disputed", paid_on__isnull=False) & ~Q(paid_to=""),
                name="verification_objection_fits_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facts.get('number') or 'No number'}: {self.get_status_display()}"

    @property
    def number(self) -> str:
        """The number that buyer, supplier and staff call the answer by."""
        return f"BC-{self.public_id.hex[:8].upper()}"

    @property
    def response(self) -> str:
        """The answer in the words of the page on which the buyer gave it; "" before."""
        if self.objection == self.Objection.WRONG:
            return _("Disputed")
        return {
            self.Status.CONFIRMED: _("Approved in full"),
            self.Status.PARTLY_CONFIRMED: _("Approved in part"),
            self.Status.DISPUTED: self.get_objection_display() or _("Disputed"),
        }.get(self.Status(self.status), "")

    @property
    def disputed(self) -> list[tuple[str, str]]:
        """The disputed lines: the title of each, and why it is wrong, which may be empty."""
        lines = self.facts["lines"]
        return [(lines[place]["title"], self.line_reasons.get(str(place), "")) for place in self.disputed_lines]

    @property
    def headline(self) -> str:
        """The answer in the words of the supplier's pages."""
        return self.get_objection_display() if self.objection in ("paid", "not_ours") else self.get_status_display()

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        return TONES[self.status]

    @property
    def is_answered(self) -> bool:
        return self.status in ANSWERED


class Forward(TimestampedModel):
    """A colleague whom a buyer names for one request. The link to them opens what was forwarded to their address only.

    An address of the buyer's own domain gets its link at once; another one waits for staff.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Waits for review")
        SENT = "sent", gettext_lazy("Sent")
        REFUSED = "refused", gettext_lazy("Refused")

    TRANSITIONS = Transitions(field="status", allowed={Status.WAITING: (Status.SENT, Status.REFUSED)})

    verification = models.ForeignKey(Verification, on_delete=models.PROTECT, related_name="forwards")
    to = models.EmailField("colleague")
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    # The digest of the link; "" while none was sent.
    digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["verification", "to"], name="forward_once_an_address"),
            models.CheckConstraint(
                condition=Q(status="waiting", digest="", decided_at=None)
                | Q(status="sent") & ~Q(digest="")
                | Q(status="refused", digest="", decided_by__isnull=False),
                name="forward_link_fits_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verification}, to {self.to}"
