"""Import runs: resumable imports of one company's data."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel


class ImportRun(TimestampedModel):
    """The cursor and the counts are saved in the same transaction as the page that they describe.

    The worker that holds the lease processes the run. When the lease expires, another worker resumes at the cursor.
    """

    class Kind(models.TextChoices):
        FULL = "full", _("Everything")
        CHANGES = "changes", _("Changes")
        RECONCILE = "reconcile", _("Everything, with a check for deletions")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Done")
        FAILED = "failed", _("Failed")

    class Stage(models.TextChoices):
        CUSTOMERS = "customers", _("Reading customers")
        INVOICES = "invoices", _("Reading invoices")
        PAYMENTS = "payments", _("Reading payments")
        CREDIT_MEMOS = "credit_memos", _("Reading credit memos")
        RECONCILIATION = "reconciliation", _("Checking for deletions")
        DONE = "done", _("Done")

    OPEN = (State.QUEUED, State.RUNNING)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey("quickbooks_app.Connection", on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    trigger = models.CharField(
        max_length=10,
        default="schedule",
        help_text="connect, schedule, person or difference.",
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    since = models.DateTimeField(null=True, help_text="For changes only: the data is complete up to this time.")
    books_time = models.DateTimeField(null=True, help_text="QuickBooks' clock when the run started to read.")

    stage = models.CharField(max_length=16, choices=Stage.choices, default=Stage.CUSTOMERS)
    cursor = models.JSONField(
        default=dict, help_text="Where the stage resumes: time, position and the ids already read there."
    )
    lease_owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(
        default=0, help_text="Consecutive failures; each saved page resets it to 0."
    )
    not_before = models.DateTimeField(null=True)

    customers_seen = models.PositiveIntegerField(default=0)
    invoices_expected = models.PositiveIntegerField(null=True)
    invoices_seen = models.PositiveIntegerField(default=0)
    invoices_new = models.PositiveIntegerField(default=0)
    invoices_changed = models.PositiveIntegerField(default=0)
    invoices_unchanged = models.PositiveIntegerField(default=0)
    payments_seen = models.PositiveIntegerField(default=0)
    credit_memos_seen = models.PositiveIntegerField(default=0)
    invoices_deleted = models.PositiveIntegerField(default=0, help_text="Invoices deleted in QuickBooks.")
    issues_found = models.PositiveIntegerField(default=0)
    api_calls = models.PositiveIntegerField(default=0)

    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True, help_text="In plain words, without data of the company.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state__in=["queued", "running"]),
                name="one_open_run_per_connection",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"]) | Q(finished_at__isnull=False),
                name="ended_run_has_finished_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(state__in=["queued", "running"]), name="open_runs_by_due_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.public_id}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN
