"""What every further row of the books has: whose it is, its id there, its version, and when it was deleted."""

from django.db import models

from infactor.core.models import TimestampedModel


class BooksRow(TimestampedModel):
    """Values are as last read, never edited here. Rows refer to each other by their ids in the books (`reference`):
    they may be read in any order, and what one names may come later or never.
    """

    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="+")
    company_file = models.ForeignKey("invoices.CompanyFile", on_delete=models.PROTECT, related_name="%(class)s_rows")
    reference = models.CharField(max_length=64, help_text="Its id in the books.")
    sync_token = models.CharField(max_length=20, blank=True)
    books_updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
