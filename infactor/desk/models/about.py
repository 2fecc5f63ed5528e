"""Rows about a row of any app, and rows about whoever owes an invoice."""

from django.db import models
from django.db.models import Q

# Rows that notes and tasks are about, by model.
SUBJECTS = (
    ("suppliers.supplier", "Supplier"),
    ("invoices.debtor", "Debtor"),
    ("invoices.buyer", "Buyer"),
    ("invoices.invoice", "Invoice"),
    ("financing.advance", "Advance"),
    ("financing.collection", "Payment"),
    ("financing.payout", "Payout"),
    ("financing.case", "Case"),
    ("banking.statementline", "Statement line"),
    ("financing.financingrequest", "Request"),
)


class AboutRow(models.Model):
    """Names a row by its model and key, without a foreign key: what was written about it outlives it.

    `supplier` is that of the row; None where it belongs to none, or to several.
    """

    subject_type = models.CharField("about", max_length=40, choices=SUBJECTS)
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
