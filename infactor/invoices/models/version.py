"""Superseded states of invoices and buyers. Triggers write them, so no writer can forget one."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from infactor.invoices.models.invoice import ExactDecoder


class Version(models.Model):
    """A state that infactor knew from `known_from` until `known_until`, by its own clock, and not after.

    `changed` holds the columns that differ from the state that followed, with their values before. `invoices.history`
    puts states together. In the books the state was true until `books_until`; what the books give no time for counts
    from when infactor learnt it. `books_at` and `sync_token` are the version of the books that it came from.
    """

    changed = models.JSONField(decoder=ExactDecoder)
    sync_token = models.CharField(max_length=20, blank=True)
    books_at = models.DateTimeField(null=True)
    books_until = models.DateTimeField()
    known_from = models.DateTimeField()
    known_until = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["subject_id", "pk"]


class InvoiceVersion(Version):
    """A superseded state of an invoice."""

    # The migration adds the constraint: PostgreSQL deletes versions with their row.
    subject = models.ForeignKey(
        "invoices.Invoice", on_delete=models.DO_NOTHING, db_constraint=False, related_name="versions"
    )

    class Meta(Version.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(known_until__gte=F("known_from")), name="invoice_version_has_a_span")
        ]
        # Retention looks for the oldest; rows are written in this order.
        indexes = [BrinIndex(fields=["known_until"], name="invoice_version_by_age", autosummarize=True)]

    def __str__(self) -> str:
        return f"Invoice {self.subject_id} until {self.known_until}"


class BuyerVersion(Version):
    """A superseded state of a buyer."""

    # The migration adds the constraint: PostgreSQL deletes versions with their row.
    subject = models.ForeignKey(
        "invoices.Buyer", on_delete=models.DO_NOTHING, db_constraint=False, related_name="versions"
    )

    class Meta(Version.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(known_until__gte=F("known_from")), name="buyer_version_has_a_span")
        ]
        indexes = [BrinIndex(fields=["known_until"], name="buyer_version_by_age", autosummarize=True)]

    def __str__(self) -> str:
        return f"Buyer {self.subject_id} until {self.known_until}"
