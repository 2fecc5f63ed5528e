"""A thread between a supplier and staff, its messages, and up to when each person has read it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.dates import format_day
from infactor.core.models import TimestampedModel
from infactor.financing.models import Advance, FinancingRequest
from infactor.invoices.models import Invoice

ABOUT = ("invoice", "request", "advance")
_NOTHING = Q(invoice=None, request=None, advance=None)


class Thread(TimestampedModel):
    """What a supplier and staff write to each other about one row, or about none: one thread for each.

    `waiting_since` is when the supplier wrote what nobody has answered yet; None where nothing waits.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="threads")
    invoice = models.ForeignKey(Invoice, null=True, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(FinancingRequest, null=True, on_delete=models.PROTECT, related_name="+")
    advance = models.ForeignKey(Advance, null=True, on_delete=models.PROTECT, related_name="+")
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    waiting_since = models.DateTimeField("waiting since", null=True)
    last_written_at = models.DateTimeField("last message")

    class Meta:
        ordering = ["-last_written_at", "-pk"]
        permissions = [("answer_suppliers", "Can write to suppliers")]
        constraints = [
            models.CheckConstraint(
                name="thread_about_one_row_or_none",
                condition=_NOTHING
                | Q(invoice__isnull=False, request=None, advance=None)
                | Q(invoice=None, request__isnull=False, advance=None)
                | Q(invoice=None, request=None, advance__isnull=False),
            ),
            models.UniqueConstraint(fields=["supplier"], condition=_NOTHING, name="one_general_thread_a_supplier"),
            *(
                models.UniqueConstraint(
                    fields=[name], condition=Q(**{f"{name}__isnull": False}), name=f"one_thread_a_{name}"
                )
                for name in ABOUT
            ),
        ]
        indexes = [
            models.Index(fields=["supplier", "-last_written_at"], name="thread_list"),
            models.Index(fields=["waiting_since"], condition=Q(waiting_since__isnull=False), name="thread_waiting"),
        ]

    def __str__(self) -> str:
        return _("Messages about %(title)s") % {"title": self.title}

    @property
    def about(self) -> Invoice | FinancingRequest | Advance | None:
        """The row that it is about."""
        return self.invoice or self.request or self.advance

    @property
    def title(self) -> str:
        """What it is about, in words."""
        if self.invoice is not None:
            return _("invoice %(invoice)s") % {"invoice": self.invoice}
        if self.request is not None:
            day = self.request.requested_at.astimezone(self.supplier.zone).date()
            return _("the request of %(day)s") % {"day": format_day(day)}
        if self.advance is not None:
            return _("the advance for invoice %(invoice)s") % {"invoice": self.advance.invoice}
        return _("your account")


class Message(models.Model):
    """One message. A trigger rejects every change; what was wrong is put right by another message.

    `public_id` is the key of the form that sent it, so a form that is sent twice makes one message. `stance` is what
    the supplier says to a dispute, which `case` or `verification` then name.
    """

    class Stance(models.TextChoices):
        EXPLAINS = "explains", gettext_lazy("The invoice is right")
        ACCEPTS = "accepts", gettext_lazy("The buyer is right")
        RESOLVED = "resolved", gettext_lazy("It is resolved")

    public_id = models.UUIDField(unique=True, editable=False)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_from_staff = models.BooleanField()
    text = models.TextField()
    written_at = models.DateTimeField()
    stance = models.CharField(max_length=10, choices=Stance.choices, blank=True)
    case = models.ForeignKey("financing.Case", null=True, on_delete=models.PROTECT, related_name="+")
    verification = models.ForeignKey("verification.Verification", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [
            models.CheckConstraint(name="message_has_a_text", condition=~Q(text="")),
            models.CheckConstraint(
                name="message_stance_is_to_a_dispute",
                condition=Q(stance="", case=None, verification=None)
                | Q(stance__in=["explains", "accepts", "resolved"], is_from_staff=False)
                & (Q(case__isnull=False) | Q(verification__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["thread", "written_at"], name="message_of_thread"),
            models.Index(fields=["supplier", "written_at"], condition=Q(is_from_staff=True), name="message_from_staff"),
            models.Index(
                fields=["supplier", "-written_at"], condition=Q(is_from_staff=False), name="message_from_supplier"
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk}"


class Reading(models.Model):
    """Up to which message a person of the supplier has read a thread.

    It is a message, not a moment: what is committed later was not on the page. The messages of a supplier are written
    under its lock, so a later one has a larger key.
    """

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="readings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    last_read = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="one_reading_a_person")]

    def __str__(self) -> str:
        return f"Thread {self.thread_id}, read by user {self.user_id}"
