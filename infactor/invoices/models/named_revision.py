"""Which invoices and customers one revision of a company file changed, where that is known."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class NamedRevision(models.Model):
    """One increment of `CompanyFile.revision`: nothing changed but these invoices and these customers' figures.

    A revision without such a row may have changed anything. Whoever has followed a revision deletes its row.
    """

    company_file = models.ForeignKey(
        "invoices.CompanyFile", on_delete=models.CASCADE, db_index=False, related_name="named_revisions"
    )
    revision = models.PositiveBigIntegerField()
    invoice_ids = ArrayField(models.BigIntegerField())
    buyer_ids = ArrayField(
        models.BigIntegerField(), help_text="Customers and sub-customers, those that an invoice had before included."
    )

    class Meta:
        ordering = ["company_file_id", "revision"]
        constraints = [models.UniqueConstraint(fields=["company_file", "revision"], name="named_revision_once")]

    def __str__(self) -> str:
        return f"Revision {self.revision} of company file {self.company_file_id}"
