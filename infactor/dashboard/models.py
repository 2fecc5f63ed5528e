"""Files that a worker prepares because they take too long for a web process, and saved views of the invoice list."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from infactor.core.models import PreparedFile, TimestampedModel


class PreparedExport(PreparedFile):
    """A list of invoices as CSV or XLSX or a statement as PDF, asked for by one person and kept for a day."""

    class Kind(models.TextChoices):
        INVOICES = "invoices", "Invoices, CSV"
        WORKBOOK = "workbook", "Invoices, XLSX"
        STATEMENT = "statement", "Statement, PDF"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.INVOICES)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.CASCADE, related_name="+")


class SavedView(TimestampedModel):
    """The filters, order and columns of the invoice list, under a name, of one person at one supplier.

    `query` is the query string of the list. The default view opens where the address asks for nothing.
    """

    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=1000, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint("supplier", "user", Lower("name"), name="saved_view_once_a_name"),
            models.UniqueConstraint(
                fields=["supplier", "user"], condition=Q(is_default=True), name="saved_view_one_default"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class DataExport(PreparedFile):
    """Everything that is stored about a supplier, as one ZIP: JSON, CSV and documents. Asked for by an owner."""

    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.CASCADE, related_name="+")
