"""Whether two people must accept an offer."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.core.models import TimestampedModel
from infactor.suppliers.models.supplier import Supplier


class AcceptanceRule(TimestampedModel):
    """Two people accept the offers of a supplier, or one does. Without a row, one does.

    Switching it off takes two people, too: until the second one has confirmed, `off_requested_by` waits.
    """

    supplier = models.OneToOneField(Supplier, on_delete=models.PROTECT, related_name="acceptance_rule")
    needs_two = models.BooleanField(default=False)
    off_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    off_requested_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(off_requested_by__isnull=True, off_requested_at__isnull=True)
                | Q(needs_two=True, off_requested_by__isnull=False, off_requested_at__isnull=False),
                name="acceptance_rule_off_request_is_complete",
            )
        ]

    def __str__(self) -> str:
        return f"Two people accept for {self.supplier_id}: {self.needs_two}"
