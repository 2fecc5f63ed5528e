"""One reading of a company's books: a row that survives whoever works on it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.core.models import TimestampedModel


class ImportRun(TimestampedModel):
    """Its cursor and counts are written in the transaction of the page that they tell of.

    Whoever holds the lease works on it; when the lease runs out, the next one goes on from the cursor.
    """

    class Kind(models.TextChoices):
        FULL = "full", "Everything"
        CHANGES = "changes", "Changes"
        COMPARE = "compare", "Everything, and what is gone"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Done"
        FAILED = "failed", "Failed"

    class Stage(models.TextChoices):
        CUSTOMERS = "customers", "Reading customers"
        INVOICES = "invoices", "Reading invoices"
        PAYMENTS = "payments", "Reading payments"
        CREDIT_MEMOS = "credit_memos", "Reading credit memos"
        COMPARISON = "comparison", "Looking for what is gone"
        DONE = "done", "Done"

    OPEN = (State.QUEUED, State.RUNNING)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey("quickbooks_app.Connection", on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    trigger = models.CharField(
        max_length=10,
        default="schedule",
        help_text="connect, schedule, person, webhook or recovery.",
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    since = models.DateTimeField(null=True, help_text="Changes only: from this moment of QuickBooks' clock.")
    books_time = models.DateTimeField(null=True, help_text="QuickBooks' own clock when the run began to read.")

    stage = models.CharField(max_length=12, choices=Stage.choices, default=Stage.CUSTOMERS)
    cursor = models.JSONField(default=dict, help_text="Where the stage goes on: time, position and ids seen there.")
    lease_owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0, help_text="Failures in a row; a good page sets it to 0.")
    not_before = models.DateTimeField(null=True)

    customers_seen = models.PositiveIntegerField(default=0)
    invoices_expected = models.PositiveIntegerField(null=True)
    invoices_seen = models.PositiveIntegerField(default=0)
    invoices_new = models.PositiveIntegerField(default=0)
    invoices_changed = models.PositiveIntegerField(default=0)
    invoices_unchanged = models.PositiveIntegerField(default=0)
    payments_seen = models.PositiveIntegerField(default=0)
    credit_memos_seen = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0, help_text="Invoices found deleted in the books.")
    issues_found = models.PositiveIntegerField(default=0)
    api_calls = models.PositiveIntegerField(default=0)

    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True, help_text="In plain words, without anyone's data.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state__in=["queued", "running"]),
                name="one_open_run_a_connection",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"]) | Q(finished_at__isnull=False),
                name="ended_run_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state__in=["queued", "running"]), name="run_open_by_due")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.public_id}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN
