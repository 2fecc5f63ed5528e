"""The history of an invoice: which fields changed, from what to what, and when."""

from django.db import models


class InvoiceChange(models.Model):
    """One change of one invoice in the books. `changes` is `[{"field", "from", "to"}]`, with texts for people."""

    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.CASCADE, db_index=False, related_name="history")
    at = models.DateTimeField(help_text="When infactor read it.")
    books_at = models.DateTimeField(null=True, help_text="When it was changed in the books.")
    changes = models.JSONField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["invoice", "-at"], name="history_of_invoice")]

    def __str__(self) -> str:
        return ", ".join(change["field"] for change in self.changes)
