"""Webhook events, stored before they are processed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class WebhookEvent(models.Model):
    """A hint that an object changed. The object itself is always read from QuickBooks.

    `event_id` is the CloudEvents id. For the older envelope it is a hash of realm, name, id, operation and time.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        HANDLED = "handled", _("Handled")
        IGNORED = "ignored", _("Ignored")
        FAILED = "failed", _("Failed")

    class Reason(models.TextChoices):
        """Why an event is ignored."""

        NOT_CONNECTED = "not_connected", _("The company is not connected, or its app is disabled")
        NOT_PULLED = "not_pulled", _("This object is not pulled for the company")
        UNKNOWN = "unknown", _("infactor does not read this kind of object")

    event_id = models.CharField(max_length=128)
    connection = models.ForeignKey(
        "quickbooks_app.Connection", null=True, on_delete=models.CASCADE, related_name="webhook_events"
    )
    entity = models.CharField(max_length=40)
    qbk_id = models.CharField(max_length=64)
    operation = models.CharField(max_length=20)
    merged_id = models.CharField(max_length=64, blank=True, help_text="For a merge: the id that no longer exists.")
    changed_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=14, choices=Reason.choices, blank=True, db_default="", help_text="If ignored.")
    handled_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            # A constraint, since `unique=True` adds a second index, for LIKE.
            models.UniqueConstraint(fields=["event_id"], name="webhook_event_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "handled", "ignored", "failed"]), name="webhook_event_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(handled_at__isnull=False), name="ended_webhook_event_has_handled_at"
            ),
            models.CheckConstraint(
                condition=(Q(state="ignored") & ~Q(reason="")) | (~Q(state="ignored") & Q(reason="")),
                name="ignored_webhook_event_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection", "not_before"], condition=Q(state="waiting"), name="waiting_webhook_events"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.qbk_id} {self.operation}"
