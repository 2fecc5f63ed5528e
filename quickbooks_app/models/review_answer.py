"""What a person has confirmed about a line of Intuit's production review that no code can check."""

from django.conf import settings
from django.db import models


class ReviewAnswer(models.Model):
    """One answer about one line. The latest one counts; earlier ones stay, with who gave them and when."""

    line = models.CharField(max_length=40)
    is_met = models.BooleanField()
    note = models.CharField(max_length=300, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["line", "-id"], name="review_answers_of_line")]

    def __str__(self) -> str:
        return f"{self.line}: {'met' if self.is_met else 'not met'}"
