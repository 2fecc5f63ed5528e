"""What the page of one invoice says: its stage, what is wrong with it, what happened to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import dateformat

from infactor.core import money
from infactor.dashboard.invoices.overdue import days_late
from infactor.dashboard.invoices.payments_panel import received
from infactor.dashboard.invoices.progress_bar import stages
from infactor.dashboard.invoices.timeline import steps
from infactor.financing.models import Advance
from infactor.invoices import line_items
from infactor.invoices.models import Invoice
from infactor.invoices.states import FUNDED, BooksStatus

FIELD_NAMES = {
    "invoice_no": "Invoice number",
    "invoice_amount": "Invoice amount",
    "invoice_date": "Invoice date",
    "payable_date": "Payable date",
    "tax_amount": "Tax amount",
    "items": "Invoice items",
    "tax_details": "Tax details",
    "company_name": "Company name",
    "buyer_email": "Buyer's e-mail",
    "contact_name": "Contact name",
    "company_email": "Company e-mail",
    "purchase_date": "Purchase date",
    "txn_date": "Issued",
    "balance": "Open amount",
    "currency": "Currency",
    "exchange_rate": "Exchange rate",
    "customer_reference": "Customer",
    "linked_txn": "Linked transactions",
    "sales_term": "Terms",
    "private_note": "Memo",
    "email_status": "E-mail status",
    "books_status": "Status in QuickBooks",
    "state": "State",
    "payment": "Payment",
}
AMOUNTS = {"invoice_amount", "tax_amount", "balance"}
DAYS = {"txn_date", "payable_date"}
# As the history keeps them: "2 entries", "Payment of 2600.00 received 2026-11-09".
COUNTED = re.compile(r"(\d+) entries")
LAID = re.compile(r"(Payment|Credit) of (-?[\d.]+)(?: (received|applied) ([\d-]+))?(.*)", re.DOTALL)
EMAIL_STATUSES = {
    "notset": "Not to be sent",
    "needtosend": "To be sent",
    "emailsent": "Sent",
}


@dataclass(frozen=True)
class Happening:
    """One entry of the history; each change is (field, before, after), or a whole sentence and two empty texts."""

    at: datetime
    title: str
    books_at: datetime | None = None
    changes: tuple[tuple[str, str, str], ...] = ()


def describe(*, invoice: Invoice, advance: Advance | None, confirmation: str, today: date) -> dict[str, Any]:
    """Everything that the page shows beside the invoice's own columns. Few queries.

    `advance` is what it is financed by, or was; `confirmation` the buyer's word as the stage bar tells it.
    """
    gone = invoice.books_status in (BooksStatus.DELETED, BooksStatus.VOIDED)
    bought_back = advance is not None and advance.status == Advance.Status.REPURCHASED
    return {
        "invoice": invoice,
        "days_late": days_late(invoice, is_bought_back=bought_back, today=today),
        "is_bought_back": bought_back,
        "partly_paid": invoice.books_status == BooksStatus.PARTLY_PAID,
        "gone": gone,
        # Paid without us it is on no way any more.
        "is_under_way": not gone and (invoice.state in FUNDED or invoice.books_status != BooksStatus.PAID),
        "stages": stages(invoice.state, confirmation=confirmation),
        "problems": list(problems(invoice)),
        "lines": line_items.lines(invoice.items),
        "taxes": line_items.tax_lines(invoice.tax_details),
        "linked": line_items.linked(invoice.linked_txn),
        "received": received(invoice),
        "history": history(invoice, advance=advance),
        "email_status": _email_status(invoice.email_status),
    }


def problems(invoice: Invoice) -> Iterator[tuple[str, str]]:
    """(what is wrong, what to do about it), for everything that keeps the invoice from being complete."""
    if invoice.invoice_amount is None:
        yield "Amount cannot be read", "QuickBooks sent no usable amount. Open the invoice there and save it again."
    if invoice.balance is None:
        yield "Open amount cannot be read", "Until it can, this invoice stands in no sum."
    if not invoice.invoice_no:
        yield "No number", "Give the invoice a number in QuickBooks; buyers pay by it."
    if invoice.payable_date is None:
        yield "No due date", "Set a due date or terms on the invoice in QuickBooks."
    if invoice.buyer is None and not invoice.company_name:
        yield "No customer", "Choose the customer on the invoice in QuickBooks."
    elif not invoice.buyer_email:
        yield "No e-mail address of the buyer", "Add one to the invoice or to the customer in QuickBooks."
    if not invoice.currency:
        yield "No currency", "QuickBooks did not say in which currency the amounts are."


def history(invoice: Invoice, *, advance: Advance | None) -> list[Happening]:
    """What happened, the latest first, down to the import."""
    happened = [
        Happening(
            at=row.at,
            title="Changed in QuickBooks",
            books_at=row.books_at,
            changes=tuple(_changes(row.changes, currency=invoice.currency)),
        )
        for row in invoice.history.all()
    ]
    happened += [
        Happening(at=at, title=title, changes=((why, "", ""),) if why else ())
        for at, title, why in steps(invoice, advance=advance)
    ]
    happened.sort(key=lambda one: one.at, reverse=True)
    return [*happened, Happening(at=invoice.created_at, title=f"Imported from {invoice.source or 'the books'}")]


def _changes(rows: Any, *, currency: str) -> Iterator[tuple[str, str, str]]:
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            name = line_items.text(row.get("field"))
            before, after = (_shown(name, line_items.text(row.get(key)), currency=currency) for key in ("from", "to"))
            if name == "payment" and (sentence := _of_payment(before, after)):
                yield sentence, "", ""
                continue
            yield FIELD_NAMES.get(name, name), before, after


def _of_payment(before: str, after: str) -> str:
    """What became of a payment as one sentence; empty where from what to what says it better."""
    if after == "removed":
        return f"{before}, removed"
    return after if after.startswith(before) else ""


def _shown(name: str, value: str, *, currency: str) -> str:
    """A value of the history as the rest of the page writes it; as it was kept where it is none of ours."""
    if name in AMOUNTS and (amount := line_items.number(value)) is not None:
        return money.text(amount, currency)
    if name in DAYS:
        return _day(value)
    if name == "payment" and (laid := LAID.fullmatch(value)) and (amount := line_items.number(laid[2])) is not None:
        when = f" {laid[3]} {_day(laid[4])}" if laid[3] else ""
        return f"{laid[1]} of {money.text(amount, currency)}{when}{laid[5]}"
    if counted := COUNTED.fullmatch(value):
        return {"0": "none", "1": "1 entry"}.get(counted[1], value)
    if name == "books_status" and value in BooksStatus.values:
        return str(BooksStatus(value).label)
    if name == "email_status":
        return _email_status(value)
    return value


def _day(value: str) -> str:
    try:
        return dateformat.format(date.fromisoformat(value), "M j, Y")
    except ValueError:
        return value


def _email_status(status: str) -> str:
    return EMAIL_STATUSES.get(status.lower().replace("_", ""), status)
