"""Snapshots of invoices as buyers are shown them, and digests that tell whether an invoice has changed since."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import translation

from infactor.core.plain_text import to_plain_text
from infactor.invoices import line_items
from infactor.invoices.debtors.company_names import without_deleted_mark
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus

# What an answer confirms. A payment changes the open balance but not what was bought, so an answer stays valid.
COMPARED_FIELDS = ("invoice_no", "invoice_amount", "payable_date", "customer_reference", "currency")


@translation.override("en")  # kept for good: the same in every language
def snapshot(*, invoice: Invoice) -> dict[str, Any]:
    """What the buyer already knows about `invoice` from its paper, and nothing else. JSON, with amounts as text."""
    found = line_items.parse_lines(invoice.items)
    return {
        # Each in one line, and without signs that nobody sees: the buyer reads them in mails and files, too.
        "supplier": to_plain_text(invoice.supplier.name, multiline=False),
        "buyer": to_plain_text(without_deleted_mark(invoice.company_name), multiline=False),
        "number": to_plain_text(invoice.invoice_no, multiline=False),
        "issued": _day(invoice.txn_date),
        "due": _day(invoice.payable_date),
        "amount": _text(invoice.invoice_amount),
        "tax": _text(invoice.tax_amount),
        "balance": _text(invoice.balance),
        "currency": invoice.currency,
        "lines": [
            {
                "kind": line.kind,
                "title": line.title,
                "description": line.description,
                "quantity": _text(line.quantity),
                "unit_price": _text(line.unit_price),
                "amount": _text(line.amount),
                "unreadable": line.unreadable,
                "depth": line.depth,
            }
            for line in found.shown
        ],
        "left_out": found.left_out,
    }


def digest(*, values: tuple[Any, ...]) -> str:
    """The SHA-256 of the values of COMPARED_FIELDS, in that order. Equal as long as an answer still applies."""
    # Computed for a hundred thousand invoices at once, so without JSON. No day or amount can hold the separator.
    shown = "\x1f".join(["\x00" if value is None else str(value) for value in values])
    return hashlib.sha256(shown.encode()).hexdigest()


def digest_of(*, invoice: Invoice) -> str:
    """`digest` of a loaded invoice."""
    return digest(values=tuple(getattr(invoice, name) for name in COMPARED_FIELDS))


def has_changed(*, facts_digest: str, values: tuple[Any, ...], books_status: str) -> bool:
    """Whether the invoice has changed since the buyer was asked, or was voided or deleted."""
    return books_status in (BooksStatus.VOIDED, BooksStatus.DELETED) or facts_digest != digest(values=values)


def for_display(facts: dict[str, Any]) -> dict[str, Any]:
    """`facts` for a template, with Decimal amounts and dates."""
    return {
        **facts,
        "issued": facts["issued"] and date.fromisoformat(facts["issued"]),
        "due": facts["due"] and date.fromisoformat(facts["due"]),
        **{name: _number(facts[name]) for name in ("amount", "tax", "balance")},
        "lines": [
            {
                **line,
                "has_amount": line["amount"] is not None or line["unreadable"],
                **{name: _number(line[name]) for name in ("quantity", "unit_price", "amount")},
            }
            for line in facts["lines"]
        ],
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
