"""The invoice: the fields of the mapping table, and further ones that financing needs."""

import json
import uuid
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.invoices.states import BooksStatus, State
from infactor.invoices.status_label import StatusLabel, status_label


class ExactDecoder(json.JSONDecoder):
    """Decodes JSON numbers as Decimal, never as float."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "parse_float": Decimal, "parse_int": Decimal})


class InvoiceQuerySet(models.QuerySet):
    def for_supplier(self, supplier: models.Model) -> Self:
        """The invoices of one supplier. Every page of a supplier queries invoices through this."""
        return self.filter(supplier=supplier)


class Invoice(TimestampedModel):
    """One invoice as the books have it. Only `state` is infactor's own; all other fields follow the books.

    Amounts are in `currency`. An unreadable amount is NULL, never zero.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey(
        "suppliers.Supplier", on_delete=models.PROTECT, db_index=False, related_name="invoices"
    )
    company_file = models.ForeignKey(
        "invoices.CompanyFile", on_delete=models.PROTECT, db_index=False, related_name="invoices"
    )
    buyer = models.ForeignKey("invoices.Buyer", null=True, on_delete=models.PROTECT, related_name="invoices")

    # The fields of the mapping table, in its order.
    invoice_no = models.CharField(max_length=100, blank=True)
    invoice_amount = MoneyField(null=True)
    invoice_date = models.DateTimeField(null=True)
    payable_date = models.DateField(null=True)
    tax_amount = MoneyField(null=True)
    items = models.JSONField(default=list, decoder=ExactDecoder)
    tax_details = models.JSONField(default=dict, decoder=ExactDecoder)
    company_name = models.CharField(max_length=500, blank=True)
    buyer_email = models.CharField(max_length=500, blank=True)
    contact_name = models.CharField(max_length=500, blank=True)
    company_email = models.CharField(max_length=500, blank=True)
    purchase_date = models.DateTimeField(null=True)
    state = models.CharField(max_length=30, choices=State.choices, default=State.CREATED)
    qbk_invoice_id = models.CharField(max_length=64)
    source = models.CharField(max_length=20)

    # Further fields.
    txn_date = models.DateField(null=True)
    balance = MoneyField(null=True)
    deposit = MoneyField(null=True, help_text="What the buyer paid with the order, outside of any payment.")
    currency = models.CharField(max_length=3, blank=True)
    exchange_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    sync_token = models.CharField(max_length=20, blank=True)
    customer_reference = models.CharField(max_length=64, blank=True)
    linked_txn = models.JSONField(default=list, decoder=ExactDecoder)
    sales_term = models.CharField(max_length=64, blank=True)
    private_note = models.TextField(blank=True)
    email_status = models.CharField(max_length=30, blank=True)
    purchase_order_no = models.CharField(
        "buyer's purchase order",
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text="From a custom field.",
    )
    emailed_at = models.DateTimeField(null=True, help_text="When the accounting system last sent it to the buyer.")
    books_status = models.CharField(max_length=12, choices=BooksStatus.choices, default=BooksStatus.OPEN)
    books_updated_at = models.DateTimeField(null=True)
    search_text = models.TextField(blank=True, editable=False)
    known_since = models.DateTimeField(
        null=True, editable=False, help_text="When infactor learnt of this state; a trigger sets it. None: at creation."
    )

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-txn_date", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["company_file", "qbk_invoice_id"], name="invoice_once_a_company_file"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="invoice_state_known"),
            models.CheckConstraint(condition=Q(books_status__in=BooksStatus.values), name="invoice_books_status_known"),
            # NUMERIC accepts NaN, which PostgreSQL sorts above every number.
            models.CheckConstraint(
                condition=Q(invoice_amount__lt=10**16)
                & Q(tax_amount__lt=10**16)
                & Q(balance__lt=10**16)
                & Q(deposit__lt=10**16),
                name="invoice_amounts_are_numbers",
            ),
        ]
        indexes = [
            # As lists order them: without a date comes last. Another order of nulls would not serve a page.
            models.Index("supplier", F("txn_date").desc(nulls_last=True), F("id").desc(), name="invoice_by_txn_date"),
            models.Index(fields=["supplier", "payable_date", "id"], name="invoice_by_due_date"),
            models.Index(fields=["supplier", "books_status"], name="invoice_by_books_status"),
            # Few invoices of large books have been asked for, offered or refused.
            models.Index(
                fields=["supplier", "state", "-id"],
                condition=~Q(state=State.CREATED),
                name="invoice_by_state",
            ),
            # For staff's search by amount, and for finding duplicates in other company files (duplicates.py).
            models.Index(fields=["invoice_amount", "txn_date", "currency"], name="invoice_by_figures"),
            # Staff's list of all invoices and its days. Alone it is small, as most invoices share their day.
            models.Index(F("txn_date").desc(nulls_last=True), name="invoice_by_day"),
        ]

    def __str__(self) -> str:
        return self.invoice_no or "No number"

    @property
    def label(self) -> StatusLabel:
        # Set only by queries that load it: financing.origination.offer_outcomes.
        last_offer_status = getattr(self, "last_offer_status", "") or ""
        return status_label(state=self.state, books_status=self.books_status, last_offer_status=last_offer_status)
