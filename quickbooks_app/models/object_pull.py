"""Pulls: which further objects of a company are kept in the raw store, and how far each was read."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel


class ObjectPull(TimestampedModel):
    """One kind of object of one connection, beside those that every import reads.

    It is first read whole, page by page. Then its changes come with those of the import runs and with webhooks. The
    cursor is saved in the transaction of the page that it describes, and whoever holds the lease reads.
    """

    class Reading(models.TextChoices):
        """What the reading in progress reads."""

        WHOLE = "whole", _("Everything")
        CHANGES = "changes", _("Changes")
        RECONCILE = "reconcile", _("All ids, to find deletions")

    connection = models.ForeignKey("quickbooks_app.Connection", on_delete=models.CASCADE, related_name="pulls")
    entity = models.CharField("object", max_length=40)
    is_enabled = models.BooleanField("enabled", default=True)
    as_of = models.DateTimeField(null=True, help_text="Complete up to this moment of QuickBooks' clock.")
    reconciled_at = models.DateTimeField(null=True, help_text="When all ids were last compared with QuickBooks.")
    reading = models.CharField(max_length=10, choices=Reading.choices, blank=True, help_text="In progress, if any.")
    books_time = models.DateTimeField(null=True, help_text="QuickBooks' clock when the reading began.")
    cursor = models.JSONField(default=dict, help_text="Where the reading resumes.")
    objects_seen = models.PositiveIntegerField(default=0)
    lease_owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0, help_text="Consecutive failures.")
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True, help_text="In plain words, without data of the company.")

    class Meta:
        ordering = ["connection_id", "entity"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "entity"], name="one_pull_per_object"),
            models.CheckConstraint(
                condition=~Q(entity__in=["Customer", "Invoice", "Payment", "CreditMemo"]),
                name="pull_is_of_a_further_object",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity} of {self.connection}"
