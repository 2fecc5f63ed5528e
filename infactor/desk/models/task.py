"""A task of staff: what is to be done by whom until when, about a row or about none."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.core.models import TimestampedModel
from infactor.core.transitions import Transitions
from infactor.desk.models.about import AboutRow
from infactor.desk.models.promise import Promise
from infactor.users.permissions import OPERATIONS, UNDERWRITER


class Task(AboutRow, TimestampedModel):
    """It belongs to a person, or to a role until one of it takes it. `due_on` is a day in infactor's time zone."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"

    class Kind(models.TextChoices):
        GENERAL = "general", "Written by staff"
        BROKEN_PROMISE = "broken_promise", "Broken promise"

    class Role(models.TextChoices):
        UNDERWRITER = UNDERWRITER, UNDERWRITER
        OPERATIONS = OPERATIONS, OPERATIONS

    subject_type = models.CharField("about", max_length=100, blank=True)
    subject_id = models.BigIntegerField(null=True)  # type: ignore[assignment]
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.GENERAL)
    title = models.CharField("task", max_length=200)
    details = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices, blank=True, help_text="Until somebody takes it.")
    due_on = models.DateField("due")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was dropped.")
    promise = models.OneToOneField(Promise, null=True, on_delete=models.PROTECT, related_name="task")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: infactor itself.",
    )
    added_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on", "pk"]
        permissions = [("work_on_tasks", "Can add tasks, take them over and end them")]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=False, role="") | Q(owner__isnull=True) & ~Q(role=""),
                name="task_has_an_owner_or_a_role",
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True, reason="")
                | Q(status="done", closed_at__isnull=False, reason="")
                | Q(status="dropped", closed_at__isnull=False) & ~Q(reason=""),
                name="task_end_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(subject_type="", subject_id__isnull=True)
                | ~Q(subject_type="") & Q(subject_id__isnull=False),
                name="task_names_a_whole_row",
            ),
            models.CheckConstraint(
                condition=Q(kind="broken_promise", promise__isnull=False) | Q(kind="general", promise__isnull=True),
                name="task_of_a_promise_names_it",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="task_has_a_title"),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="task_by_subject"),
            models.Index(fields=["due_on"], condition=Q(status="open"), name="task_open"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status == Task.Status.OPEN

    @property
    def owner_text(self) -> str:
        """Who does it: a person, or anybody of a role."""
        return f"anybody of {self.role}" if self.owner is None else self.owner.name or self.owner.email


TASK_TRANSITIONS = Transitions(field="status", allowed={Task.Status.OPEN: (Task.Status.DONE, Task.Status.DROPPED)})
