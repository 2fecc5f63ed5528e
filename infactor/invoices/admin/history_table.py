"""The history of one invoice in words: what changed, from what to what, when infactor learnt it, and since when."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db.models import Field
from django.utils.html import format_html
from django.utils.safestring import SafeString

from infactor.core.admin.formatting import amount_text, day_text, moment_text
from infactor.core.admin.tables import Table
from infactor.core.money import MoneyField
from infactor.invoices.history import tracked_fields
from infactor.invoices.models import Buyer, Invoice

SHOWN = 100  # versions
COLUMNS = ("infactor learnt it", "True in the books since", "What", "From", "To")
LABELS = {
    "invoice_no": "Number",
    "invoice_amount": "Amount",
    "balance": "Open balance",
    "deposit": "Deposit",
    "tax_amount": "Tax",
    "txn_date": "Issued",
    "payable_date": "Due",
    "items": "Lines",
    "tax_details": "Tax details",
    "linked_txn": "Linked transactions",
    "company_name": "Buyer's name",
    "contact_name": "Contact",
    "buyer_email": "Buyer's e-mail",
    "company_email": "E-mail on the invoice",
    "buyer_id": "Buyer",
    "books_status": "Status in the books",
    "state": "State at infactor",
    "qbk_invoice_id": "QuickBooks id",
}
NOTHING = "-"

Row = tuple[datetime, tuple[object, ...]]


def history_table(invoice: Invoice) -> Table:
    """Every change of the invoice and of the payments to it, the newest first. Four queries."""
    rows = sorted((*_changes(invoice), *_payments(invoice)), key=itemgetter(0), reverse=True)
    first = (moment_text(invoice.created_at), moment_text(invoice.invoice_date), "First read", NOTHING, str(invoice))
    older = invoice.versions.count() - SHOWN
    caption = "History" if older <= 0 else f"History (without the {older} oldest changes)"
    return Table(caption=caption, columns=COLUMNS, rows=[*(row for _, row in rows), first])


def _changes(invoice: Invoice) -> list[Row]:
    """What versions tell: each holds the values before its change, and the next one those after it."""
    versions = list(invoice.versions.order_by("-pk")[:SHOWN])
    fields = tracked_fields(Invoice)
    after: dict[str, Any] = {name: getattr(invoice, name) for name in fields}
    changes = []
    for version in versions:
        for name, stored in version.changed.items():
            if name in fields:
                before = fields[name].to_python(stored)
                changes.append((version, name, before, after[name]))
                after[name] = before
    ids = {value for _, name, *values in changes for value in values if name == "buyer_id" and value}
    buyers = {pk: str(buyer) for pk, buyer in Buyer.objects.in_bulk(ids).items()}
    return [
        (
            version.known_until,
            (
                moment_text(version.known_until),
                moment_text(version.books_until),
                LABELS.get(name, str(fields[name].verbose_name).capitalize()),
                *(_text(value, fields[name], invoice=invoice, buyers=buyers) for value in (before, now)),
            ),
        )
        for version, name, before, now in changes
    ]


def _payments(invoice: Invoice) -> list[Row]:
    """What became of payments to the invoice, which are no columns of it."""
    return [
        (
            change.at,
            (moment_text(change.at), moment_text(change.books_at), "Payment", one["from"] or NOTHING, one["to"]),
        )
        for change in invoice.history.order_by("-at", "-pk")[:SHOWN]
        for one in change.changes
        if one["field"] == "payment"
    ]


def _text(value: Any, field: Field, *, invoice: Invoice, buyers: Mapping[int, str]) -> str | SafeString:
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, MoneyField):
        return amount_text(value, invoice.currency)
    if value is None or value in ("", [], {}):
        return NOTHING
    if field.attname == "buyer_id":
        return buyers.get(value, f"Buyer {value}")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, list | dict):
        return format_html("<pre>{}</pre>", json.dumps(value, indent=1, ensure_ascii=False, default=str))
    return format_html("<bdi>{}</bdi>", value)
