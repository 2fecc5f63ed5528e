"""The common alternatives: python-quickbooks and the ORM, row by row or in bulk, into simple tables."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from unittest import mock

from django.db import connection, models
from django.db.models import Model
from intuitlib.client import AuthClient
from quickbooks import QuickBooks
from quickbooks.objects.invoice import Invoice

from tests.benchmarks.stub import REALM

PAGE = 1000


class PeerInvoice(Model):
    qbk_id = models.CharField(max_length=64, unique=True)
    sync_token = models.CharField(max_length=20)
    doc_number = models.CharField(max_length=100)
    customer_id = models.CharField(max_length=64)
    customer_name = models.CharField(max_length=500)
    email = models.CharField(max_length=500)
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=18, decimal_places=2)
    balance = models.DecimalField(max_digits=18, decimal_places=2)
    tax = models.DecimalField(max_digits=18, decimal_places=2)
    issued = models.DateField()
    due = models.DateField()
    note = models.TextField()
    created = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        app_label = "benchmarks"

    def __str__(self) -> str:
        return self.doc_number


class PeerLine(Model):
    invoice = models.ForeignKey(PeerInvoice, on_delete=models.CASCADE)
    position = models.PositiveIntegerField()
    description = models.TextField()
    item = models.CharField(max_length=200)
    quantity = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        app_label = "benchmarks"
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="peer_line_once")]

    def __str__(self) -> str:
        return self.description


def create_tables() -> None:
    """Create the two tables, which no migration defines."""
    with connection.schema_editor() as editor:
        editor.create_model(PeerInvoice)
        editor.create_model(PeerLine)


def row_by_row(*, address: str, since: datetime | None) -> None:
    """`update_or_create` for each invoice and each of its lines."""
    for page in _pages(address, since):
        for source in page:
            fields = _invoice(source)
            invoice, _ = PeerInvoice.objects.update_or_create(qbk_id=fields.pop("qbk_id"), defaults=fields)
            for position, line in enumerate(source.Line):
                PeerLine.objects.update_or_create(invoice=invoice, position=position, defaults=_line(line))


def in_bulk(*, address: str, since: datetime | None) -> None:
    """One `bulk_create` a page for the invoices and one for the lines; existing rows are updated."""
    for page in _pages(address, since):
        invoices = PeerInvoice.objects.bulk_create(
            [PeerInvoice(**_invoice(source)) for source in page],
            update_conflicts=True,
            unique_fields=["qbk_id"],
            update_fields=[f.name for f in PeerInvoice._meta.fields if f.name not in ("id", "qbk_id")],
        )
        PeerLine.objects.bulk_create(
            [
                PeerLine(invoice=invoice, position=position, **_line(line))
                for invoice, source in zip(invoices, page, strict=True)
                for position, line in enumerate(source.Line)
            ],
            update_conflicts=True,
            unique_fields=["invoice", "position"],
            update_fields=["description", "item", "quantity", "price", "amount"],
        )


def _pages(address: str, since: datetime | None) -> Iterator[list[Any]]:
    """Yield pages by position, with the library's own paging, until one is not full."""
    with mock.patch.object(QuickBooks, "api_url_v3", f"{address}/v3"):
        keys = AuthClient("bench", "bench-secret", f"{address}/back", f"{address}/.well-known/openid_configuration")
        client = QuickBooks(
            auth_client=keys, refresh_token="refresh", company_id=REALM, minorversion=75, use_decimal=True
        )
        changed = f"MetaData.LastUpdatedTime > '{since.isoformat()}'" if since else ""
        start = 1
        while page := Invoice.where(changed, start_position=start, max_results=PAGE, qb=client):
            yield page
            if len(page) < PAGE:
                break
            start += PAGE


def _invoice(source: Invoice) -> dict[str, Any]:
    return {
        "qbk_id": source.Id,
        "sync_token": source.SyncToken,
        "doc_number": source.DocNumber,
        "customer_id": source.CustomerRef.value,
        "customer_name": source.CustomerRef.name,
        "email": source.BillEmail.Address if source.BillEmail else "",
        "currency": source.CurrencyRef.value,
        "total": source.TotalAmt,
        "balance": source.Balance,
        "tax": source.TxnTaxDetail.TotalTax if source.TxnTaxDetail else Decimal(0),
        "issued": source.TxnDate,
        "due": source.DueDate,
        "note": source.PrivateNote,
        "created": datetime.fromisoformat(source.MetaData.CreateTime),
        "updated": datetime.fromisoformat(source.MetaData.LastUpdatedTime),
    }


def _line(source: Any) -> dict[str, Any]:
    detail = getattr(source, "SalesItemLineDetail", None)
    return {
        "description": source.Description or "",
        "item": detail.ItemRef.name if detail and detail.ItemRef else "",
        "quantity": detail.Qty if detail else None,
        "price": detail.UnitPrice if detail else None,
        "amount": source.Amount,
    }
