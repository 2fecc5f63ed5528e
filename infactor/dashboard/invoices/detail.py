"""The page of one invoice: stages, data issues, history."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from infactor.core import money
from infactor.core.dates import format_day
from infactor.core.email.addresses import usable_addresses
from infactor.dashboard.invoices.data_issues import data_issues
from infactor.dashboard.invoices.overdue import days_late
from infactor.dashboard.invoices.payments_panel import applied_payments, unapplied_payments
from infactor.dashboard.invoices.progress_bar import build_stages
from infactor.dashboard.invoices.timeline import timeline_entries
from infactor.financing.models import Advance
from infactor.invoices import evidence, invoice_documents, line_items, source_pdf
from infactor.invoices.models import Invoice
from infactor.invoices.states import FUNDED, BooksStatus

FIELD_LABELS = {
    "invoice_no": gettext_lazy("Invoice number"),
    "invoice_amount": gettext_lazy("Invoice amount"),
    "invoice_date": gettext_lazy("Invoice date"),
    "payable_date": gettext_lazy("Payable date"),
    "tax_amount": gettext_lazy("Tax amount"),
    "items": gettext_lazy("Invoice items"),
    "tax_details": gettext_lazy("Tax details"),
    "company_name": gettext_lazy("Company name"),
    "buyer_email": gettext_lazy("Buyer's email"),
    "contact_name": gettext_lazy("Contact name"),
    "company_email": gettext_lazy("Company email"),
    "purchase_date": gettext_lazy("Purchase date"),
    "txn_date": gettext_lazy("Issued"),
    "balance": gettext_lazy("Open amount"),
    "deposit": gettext_lazy("Deposit"),
    "currency": gettext_lazy("Currency"),
    "exchange_rate": gettext_lazy("Exchange rate"),
    "customer_reference": gettext_lazy("Customer"),
    "linked_txn": gettext_lazy("Linked transactions"),
    "sales_term": gettext_lazy("Terms"),
    "private_note": gettext_lazy("Memo"),
    "email_status": gettext_lazy("Email status"),
    "purchase_order_no": gettext_lazy("Buyer's purchase order"),
    "emailed_at": gettext_lazy("Sent by QuickBooks"),
    "books_status": gettext_lazy("Status in QuickBooks"),
    "state": gettext_lazy("State"),
    "payment": gettext_lazy("Payment"),
}
AMOUNT_FIELDS = {"invoice_amount", "tax_amount", "balance", "deposit"}
DATE_FIELDS = {"txn_date", "payable_date"}
# The format of stored history values: "2 entries", "Payment of 2600.00 received 2026-11-09".
ENTRY_COUNT = re.compile(r"(\d+) entries")
PAYMENT_ENTRY = re.compile(
    r"(Payment and credit|Payment|Credit) of (-?[\d.]+)(?: (received|applied) ([\d-]+))?(.*)", re.DOTALL
)
EMAIL_STATUSES = {
    "notset": gettext_lazy("Not to be sent"),
    "needtosend": gettext_lazy("To be sent"),
    "emailsent": gettext_lazy("Sent"),
}


PAYMENT_SENTENCES = {
    ("Payment", ""): gettext_lazy("Payment of %(amount)s"),
    ("Payment", "received"): gettext_lazy("Payment of %(amount)s received %(day)s"),
    ("Payment", "applied"): gettext_lazy("Payment of %(amount)s applied %(day)s"),
    ("Credit", ""): gettext_lazy("Credit of %(amount)s"),
    ("Credit", "received"): gettext_lazy("Credit of %(amount)s received %(day)s"),
    ("Credit", "applied"): gettext_lazy("Credit of %(amount)s applied %(day)s"),
    ("Payment and credit", ""): gettext_lazy("Payment and credit of %(amount)s"),
    ("Payment and credit", "received"): gettext_lazy("Payment and credit of %(amount)s received %(day)s"),
    ("Payment and credit", "applied"): gettext_lazy("Payment and credit of %(amount)s applied %(day)s"),
}


@dataclass(frozen=True)
class HistoryEntry:
    """One entry of the history. Each change is (field label, before, after), or (sentence, "", "")."""

    at: datetime
    title: str
    changed_in_books_at: datetime | None = None
    changes: tuple[tuple[str, str, str], ...] = ()


def detail_context(*, invoice: Invoice, advance: Advance | None, confirmation: str, today: date) -> dict[str, Any]:
    """The template context besides the financing. A constant number of queries.

    `advance` is its current or past advance, if any; `confirmation` is the status of the confirmation stage.
    """
    is_removed = invoice.books_status in (BooksStatus.DELETED, BooksStatus.VOIDED)
    bought_back = advance is not None and advance.status == Advance.Status.REPURCHASED
    return {
        "invoice": invoice,
        "days_late": days_late(invoice, is_repurchased=bought_back, today=today),
        "is_repurchased": bought_back,
        "is_partly_paid": invoice.books_status == BooksStatus.PARTLY_PAID,
        "is_removed": is_removed,
        # The stages mean nothing for an invoice that was paid without financing.
        "shows_stages": not is_removed and (invoice.state in FUNDED or invoice.books_status != BooksStatus.PAID),
        "stages": build_stages(invoice.state, confirmation=confirmation, is_by_hand=invoice.company_file.is_by_hand),
        "data_issues": list(data_issues(invoice)),
        "lines": evidence.with_items(line_items.parse_lines(invoice.items), company_file_id=invoice.company_file_id),
        "orders": evidence.orders_of(invoice),
        "attachments": evidence.attachments_of(invoice),
        "kinds_for_buyer": invoice_documents.FOR_BUYER,
        "is_printed": source_pdf.is_printed(invoice),
        "taxes": line_items.parse_tax_lines(invoice.tax_details),
        "linked": line_items.parse_linked_transactions(invoice.linked_txn),
        "payments": applied_payments(invoice),
        "unapplied_payments": unapplied_payments(invoice),
        "history": history(invoice, advance=advance),
        "email_status": _format_email_status(invoice.email_status),
        "buyer_emails": usable_addresses(invoice.buyer_email) or [one for one in [invoice.buyer_email] if one],
    }


def history(invoice: Invoice, *, advance: Advance | None) -> list[HistoryEntry]:
    """All events of the invoice, the latest first; the import is the last."""
    entries = [
        HistoryEntry(
            at=row.at,
            title=_("Changed") if invoice.company_file.is_by_hand else _("Changed in QuickBooks"),
            changed_in_books_at=row.books_at,
            changes=tuple(_history_changes(row.changes, currency=invoice.currency)),
        )
        for row in invoice.history.all()
    ]
    entries += [
        HistoryEntry(at=at, title=title, changes=((why, "", ""),) if why else ())
        for at, title, why in timeline_entries(invoice, advance=advance)
    ]
    entries.sort(key=lambda one: one.at, reverse=True)
    return [*entries, HistoryEntry(at=invoice.created_at, title=_origin(invoice))]


def _origin(invoice: Invoice) -> str:
    if invoice.company_file.is_by_hand:
        return _("Entered by hand")
    if not invoice.source:
        return _("Imported from the books")
    return _("Imported from %(source)s") % {"source": invoice.source}


def _history_changes(rows: Any, *, currency: str) -> Iterator[tuple[str, str, str]]:
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            name = line_items.text(row.get("field"))
            before, after = (
                _format_value(name, line_items.text(row.get(key)), currency=currency) for key in ("from", "to")
            )
            if name == "payment" and (sentence := _payment_sentence(before, after)):
                yield sentence, "", ""
                continue
            yield str(FIELD_LABELS.get(name, name)), before, after


def _payment_sentence(before: str, after: str) -> str:
    """The change of a payment as one sentence; empty if before and after are clearer."""
    if after == "removed":
        return _("%(before)s, removed") % {"before": before}
    return after if after.startswith(before) else ""


def _format_value(name: str, value: str, *, currency: str) -> str:
    """A stored history value in the format of the page; unchanged if its format is unknown."""
    if name in AMOUNT_FIELDS and (amount := line_items.number(value)) is not None:
        return money.format_amount(amount, currency)
    if name in DATE_FIELDS:
        return _format_day(value)
    if (
        name == "payment"
        and (match := PAYMENT_ENTRY.fullmatch(value))
        and (amount := line_items.number(match[2])) is not None
    ):
        sentence = PAYMENT_SENTENCES[match[1], match[3] or ""]
        day = _format_day(match[4]) if match[3] else ""
        return sentence % {"amount": money.format_amount(amount, currency), "day": day} + match[5]
    if count := ENTRY_COUNT.fullmatch(value):
        number = int(count[1])
        return ngettext("%(count)s entry", "%(count)s entries", number) % {"count": number} if number else _("none")
    if name == "books_status" and value in BooksStatus.values:
        return str(BooksStatus(value).label)
    if name == "emailed_at":
        return _format_day(value[:10])
    if name == "email_status":
        return _format_email_status(value)
    return value


def _format_day(value: str) -> str:
    try:
        return format_day(date.fromisoformat(value))
    except ValueError:
        return value


def _format_email_status(status: str) -> str:
    return str(EMAIL_STATUSES.get(status.lower().replace("_", ""), status))
