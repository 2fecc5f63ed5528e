"""What backs an invoice in the books: deposits of its payments, its items, its orders, and files attached to it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.money import MoneyField
from infactor.invoices.models.books_row import BooksRow


class BooksAccount(BooksRow):
    """An account of the supplier's chart of accounts: where a payment went, and whether that is a bank."""

    name = models.CharField(max_length=500, blank=True)
    account_type = models.CharField(max_length=60, blank=True, help_text="As the books name it, such as Bank.")
    subtype = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["company_file", "reference"], name="account_once_a_company_file")
        ]

    def __str__(self) -> str:
        return self.name or f"Account {self.reference}"


class Deposit(BooksRow):
    """Money brought to a bank account. Its lines name the payments that it holds."""

    account_reference = models.CharField(max_length=64, blank=True)
    account_name = models.CharField(max_length=500, blank=True)
    deposited_on = models.DateField(null=True)
    amount = MoneyField(null=True)
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        ordering = ["-deposited_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["company_file", "reference"], name="deposit_once_a_company_file"),
            models.CheckConstraint(condition=Q(amount__lt=10**16), name="deposit_amount_is_a_number"),
        ]

    def __str__(self) -> str:
        return f"Deposit {self.reference}"


class DepositLine(models.Model):
    """One payment, or another document, in a deposit."""

    deposit = models.ForeignKey(Deposit, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=30, help_text="Payment, SalesReceipt, … as the books name it.")
    reference = models.CharField(max_length=64, help_text="The id of the document in the books.")
    amount = MoneyField(null=True)

    class Meta:
        ordering = ["deposit_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["deposit", "position"], name="deposit_line_once"),
            models.CheckConstraint(condition=Q(amount__lt=10**16), name="deposit_line_amount_is_a_number"),
        ]
        indexes = [models.Index(fields=["kind", "reference"], name="deposit_line_by_document")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Item(BooksRow):
    """A product or service as the supplier lists it."""

    name = models.CharField(max_length=500, blank=True)
    sku = models.CharField("SKU", max_length=100, blank=True)
    description = models.CharField(max_length=4000, blank=True)
    item_type = models.CharField(max_length=30, blank=True, help_text="Inventory, Service, … as the books name it.")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["company_file", "reference"], name="item_once_a_company_file")]

    def __str__(self) -> str:
        return self.name or f"Item {self.reference}"


class Order(BooksRow):
    """An estimate that the buyer was given, or a purchase order to a vendor who delivers for an invoice."""

    class Kind(models.TextChoices):
        """What it is in the books."""

        ESTIMATE = "estimate", _("Estimate")
        PURCHASE_ORDER = "purchase_order", _("Purchase order")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    customer_reference = models.CharField(max_length=64, blank=True)
    number = models.CharField(max_length=100, blank=True)
    issued_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    amount = MoneyField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    status = models.CharField(max_length=30, blank=True, help_text="Accepted, Closed, … as the books name it.")
    accepted_by = models.CharField(max_length=500, blank=True)
    accepted_on = models.DateField(null=True)

    class Meta:
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company_file", "kind", "reference"], name="order_once_a_company_file_and_kind"
            ),
            models.CheckConstraint(condition=Q(amount__lt=10**16), name="order_amount_is_a_number"),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.get_kind_display()} {self.reference}"


class Attachment(BooksRow):
    """A file, or only a note, that the supplier attached to documents in its books. The file itself stays there."""

    file_name = models.CharField(max_length=500, blank=True, help_text="Empty: a note without a file.")
    content_type = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(null=True, help_text="In bytes, as the books say.")
    note = models.CharField(max_length=2000, blank=True)
    attached_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["attached_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["company_file", "reference"], name="attachment_once_a_company_file")
        ]

    def __str__(self) -> str:
        return self.file_name or f"Note {self.reference}"


class AttachmentLine(models.Model):
    """One document to which a file is attached."""

    attachment = models.ForeignKey(Attachment, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=30, help_text="Invoice, Bill, … as the books name it.")
    reference = models.CharField(max_length=64, help_text="The id of the document in the books.")

    class Meta:
        ordering = ["attachment_id", "position"]
        constraints = [models.UniqueConstraint(fields=["attachment", "position"], name="attachment_line_once")]
        indexes = [models.Index(fields=["kind", "reference"], name="attachment_line_by_document")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
