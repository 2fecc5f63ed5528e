"""The names that a company had before, so that a report of a past day calls it as it was called then.

A trigger writes them (`core_keep_name`, made by the migration of core), so no writer can forget one.
"""

from datetime import datetime
from typing import Any

from django.db import models


class PastName(models.Model):
    """A name that `subject` had until `known_until`, by infactor's clock, and not after.

    Rows are never changed. They go with their subject, and when it is erased.
    """

    subject: models.ForeignKey
    name = models.CharField(max_length=500)
    known_until = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["subject_id", "pk"]

    def __str__(self) -> str:
        return f"{self.name} until {self.known_until}"


def names_as_known(past: type[PastName], *, at: datetime) -> dict[int, str]:
    """The names of all subjects of `past` as they were at the moment `at`, by id. Two queries."""
    subjects: Any = past._meta.get_field("subject").related_model
    names: dict[int, str] = dict(subjects.objects.values_list("pk", "name"))
    later: Any = past._default_manager.filter(known_until__gt=at).order_by("-pk")
    return names | dict(later.values_list("subject_id", "name"))  # the earliest after the moment is the last here
