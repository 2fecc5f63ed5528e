"""When the next call to a company may start: one row a connection, shared by all workers."""

from django.db import models


class Pace(models.Model):
    """Each caller takes the next free moment with one UPDATE; QuickBooks' wish to wait moves it on for all.

    `failures` in a row open the circuit: until `closed_until` nobody calls, and the supplier reads since when.
    """

    connection = models.OneToOneField(
        "quickbooks_app.Connection", primary_key=True, on_delete=models.CASCADE, related_name="pace"
    )
    next_call_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, help_text="When the first failure in this row was.")
    closed_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Pace of {self.connection_id}"
