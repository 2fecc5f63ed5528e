"""Answers of QuickBooks that staff asked for: reports and query results, kept so that nobody pays for one twice."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BooksAnswer(models.Model):
    """One question to the books of a company, and its answer.

    The row is the work: a worker asks once, and a question whose worker died has failed. Each answer is one metered
    call, so nothing is asked again by itself.
    """

    class Kind(models.TextChoices):
        REPORT = "report", _("Report")
        QUERY = "query", _("Query")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ASKING = "asking", _("Asking QuickBooks")
        ANSWERED = "answered", _("Answered")
        FAILED = "failed", _("Failed")

    connection = models.ForeignKey("quickbooks_app.Connection", on_delete=models.CASCADE, related_name="books_answers")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=60, help_text="The report, or the object that is queried.")
    parameters = models.JSONField(help_text="Of a report, as QuickBooks takes them; of a query its statement.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    content = models.BinaryField(null=True, help_text="The answer's bytes, compressed with zstd.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "asking"], content__isnull=True, answered_at__isnull=True)
                | Q(state="answered", content__isnull=False, answered_at__isnull=False)
                | Q(state="failed", content__isnull=True, answered_at__isnull=False),
                name="books_answer_has_what_its_state_says",
            ),
            models.CheckConstraint(condition=Q(kind__in=["report", "query"]), name="books_answer_kind_known"),
        ]
        indexes = [models.Index(fields=["connection", "name", "-asked_at"], name="books_answer_by_question")]
        permissions = [("ask_books", "Can ask QuickBooks for reports and query results")]

    def __str__(self) -> str:
        return f"{self.name} of {self.connection}"
