"""Versions of the mapping of an integration or a company, and how far stored documents have been mapped again."""

from django.conf import settings
from django.db import models


class MappingVersion(models.Model):
    """What staff changed in the mapping table for one company, or for all companies of an integration.

    The last version of each counts; none is ever changed. Where both change a field, the company's counts. `overrides`
    is a list of objects with the keys `field` and `path` or `constant` (`mapping.overrides`). An empty list
    is the mapping table itself.
    """

    connection = models.ForeignKey(
        "quickbooks_app.Connection", null=True, on_delete=models.PROTECT, related_name="mapping_versions"
    )
    integration = models.ForeignKey(
        "quickbooks_app.Integration", null=True, on_delete=models.PROTECT, related_name="mapping_versions"
    )
    number = models.PositiveIntegerField()
    overrides = models.JSONField(default=list)
    reason = models.CharField(max_length=500)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["connection_id", "integration_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "number"], name="mapping_version_number_unique"),
            models.UniqueConstraint(fields=["integration", "number"], name="mapping_version_of_integration_unique"),
            models.CheckConstraint(
                condition=models.Q(connection__isnull=False, integration__isnull=True)
                | models.Q(connection__isnull=True, integration__isnull=False),
                name="mapping_version_of_one",
            ),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="mapping_version_number_from_one"),
        ]
        permissions = [("change_mapping", "Can change the mapping of a company")]

    def __str__(self) -> str:
        return f"Mapping {self.number} of {self.connection or self.integration}"


class Remapping(models.Model):
    """Maps the stored invoices of one company again, without asking QuickBooks. One row a company.

    `next_document` is the first document that is still to be mapped; a new version starts again from the first.
    """

    connection = models.OneToOneField(
        "quickbooks_app.Connection", primary_key=True, on_delete=models.CASCADE, related_name="remapping"
    )
    next_document = models.BigIntegerField(default=0)
    mapped = models.PositiveIntegerField(default=0, help_text="Invoices mapped since it was requested.")
    changed = models.PositiveIntegerField(default=0, help_text="Of these, invoices that changed.")
    requested_at = models.DateTimeField()
    worked_at = models.DateTimeField(null=True, help_text="When a worker last began a batch.")
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Remapping of {self.connection_id}"
