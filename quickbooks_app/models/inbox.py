"""Who empties a connection's inbox of webhooks, and whether somebody has been called to do so."""

from django.db import models


class Inbox(models.Model):
    """One row a connection. Both times are set and cleared by compare-and-swap, so that one worker at a time drains.

    `rung_at` is set from the call of a worker until it has looked for the last time: a burst of events rings once.
    """

    connection = models.OneToOneField(
        "quickbooks_app.Connection", primary_key=True, on_delete=models.CASCADE, related_name="inbox"
    )
    rung_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True, help_text="When a webhook last changed something here.")

    class Meta:
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return f"Inbox of {self.connection_id}"
