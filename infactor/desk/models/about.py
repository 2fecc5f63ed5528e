"""Rows about a row of any app, and rows about whoever owes an invoice."""

from django.db import models
from django.db.models import Q


class AboutRow(models.Model):
    """Names a row by its model and key, without a foreign key: what was written about it outlives it.

    `subject_type` is one of `desk.subjects.labels`. `supplier` is that of the row; None where it belongs to none, or to
    several.
    """

    subject_type = models.CharField("about", max_length=100)
    subject_id = models.BigIntegerField()
    supplier = models.ForeignKey("suppliers.Supplier", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class OfDebtor(models.Model):
    """About a debtor, or a customer in one supplier's books that belongs to none: exactly one of the two."""

    debtor = models.ForeignKey("invoices.Debtor", null=True, on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey("invoices.Buyer", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


ONE_OF_THE_TWO = Q(debtor__isnull=False, buyer__isnull=True) | Q(debtor__isnull=True, buyer__isnull=False)
