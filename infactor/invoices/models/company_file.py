"""A company file: one company's books in one accounting system, and how up to date they are."""

from django.db import models
from django.db.models import Q

from infactor.core.models import TimestampedModel

BY_HAND = "By hand"  # the source of invoices that their supplier enters or uploads


class CompanyFile(TimestampedModel):
    """One company's books. It outlives the connection that reads them.

    A supplier's invoices by hand are in a file of their own, of which no books exist: its source is BY_HAND.
    """

    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="company_files")
    source = models.CharField(max_length=20, help_text="The accounting system, as the mapping table names it.")
    name = models.CharField(max_length=200)
    home_currency = models.CharField(max_length=3, blank=True)
    as_of = models.DateTimeField(
        null=True, blank=True, help_text="The books were read completely up to this moment, by their own clock."
    )
    payables_as_of = models.DateTimeField(
        null=True,
        blank=True,
        help_text="What the supplier owes was read completely up to this moment. Empty: it is not read.",
    )
    revision = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Incremented with every change of what was read from these books."
    )

    class Meta:
        ordering = ["supplier_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier"], condition=Q(source=BY_HAND), name="company_file_by_hand_once_a_supplier"
            )
        ]

    def __str__(self) -> str:
        return self.name if self.is_by_hand else f"{self.name} ({self.source})"

    @property
    def is_by_hand(self) -> bool:
        """Whether its invoices were entered or uploaded by their supplier: there are no books to read."""
        return self.source == BY_HAND
