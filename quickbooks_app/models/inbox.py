"""The state of processing one connection's webhook events."""

from django.db import models


class Inbox(models.Model):
    """One row per connection. Compare-and-swap updates ensure that one worker at a time processes its events.

    `notified_at` is set when a worker is notified. The worker clears it before it looks for events for the last time,
    so a burst of events notifies one worker once.
    """

    connection = models.OneToOneField(
        "quickbooks_app.Connection", primary_key=True, on_delete=models.CASCADE, related_name="inbox"
    )
    notified_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True, help_text="When a webhook last changed data in infactor.")

    class Meta:
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return f"Inbox of {self.connection_id}"
