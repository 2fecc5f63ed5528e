"""The state of the rate limiter and the circuit breaker, shared by all workers."""

from django.db import models


class RateLimitState(models.Model):
    """One row per connection. Each caller reserves the next free slot with one UPDATE.

    A Retry-After of QuickBooks moves the next slot for all callers. Too many consecutive `failures` open the circuit:
    no worker calls the company before `open_until`.
    """

    connection = models.OneToOneField(
        "quickbooks_app.Connection", primary_key=True, on_delete=models.CASCADE, related_name="rate_limit_state"
    )
    next_call_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, help_text="When the first of the consecutive failures happened.")
    open_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Rate limit of {self.connection_id}"
