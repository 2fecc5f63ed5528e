"""What a buyer is shown of an invoice, kept as it was; and whether the invoice is still that one."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

from infactor.invoices import line_items
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus

# What an answer is about. A payment changes what is open, and not what was bought: it leaves an answer valid.
COMPARED = ("invoice_no", "invoice_amount", "payable_date", "customer_reference", "currency")


def snapshot(*, invoice: Invoice) -> dict[str, Any]:
    """The facts of `invoice` that its buyer already has on paper, and no other: JSON, amounts as text."""
    found = line_items.lines(invoice.items)
    return {
        "supplier": invoice.supplier.name,
        "buyer": invoice.company_name,
        "number": invoice.invoice_no,
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
    """The fingerprint of the columns COMPARED, in their order: equal as long as an answer still fits."""
    # Compared for a hundred thousand invoices at once, so without JSON. The day and the amount keep the parts apart.
    shown = "\x1f".join(["\x00" if value is None else str(value) for value in values])
    return hashlib.sha256(shown.encode()).hexdigest()


def digest_of(*, invoice: Invoice) -> str:
    """`digest` of one invoice that is loaded."""
    return digest(values=tuple(getattr(invoice, name) for name in COMPARED))


def has_changed(*, facts_digest: str, values: tuple[Any, ...], books_status: str) -> bool:
    """Whether the invoice is another than the one that was asked about, or gone from the books."""
    return books_status in (BooksStatus.VOIDED, BooksStatus.DELETED) or facts_digest != digest(values=values)


def shown(facts: dict[str, Any]) -> dict[str, Any]:
    """`facts` for a template: amounts and days are such again."""
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
