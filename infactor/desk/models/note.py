"""A note of staff about a row. Suppliers never see one."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.desk.models.about import AboutRow


class Note(AboutRow):
    """A text that is never changed: a trigger rejects it. What was wrong is put right by another note."""

    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    is_pinned = models.BooleanField("pinned", default=False, help_text="It stands above the others.")

    class Meta:
        ordering = ["-written_at", "-pk"]
        permissions = [("write_notes", "Can write notes and pin them")]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_has_a_text")]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-written_at"], name="note_by_subject"),
        ]

    def __str__(self) -> str:
        return f"Note {self.pk}"
