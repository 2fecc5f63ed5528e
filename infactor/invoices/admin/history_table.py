"""The history of one invoice in words: what changed, from what to what, when infactor learnt it, and since when."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db.models import Field
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _

from infactor.core.admin.formatting import day_text, moment_text
from infactor.core.admin.tables import Table
from infactor.core.money import MoneyField, format_amount
from infactor.invoices import line_items
from infactor.invoices.history import tracked_fields
from infactor.invoices.models import Buyer, Invoice

SHOWN = 100  # versions
COLUMNS = (
    gettext_lazy("infactor learnt it"),
    gettext_lazy("True in the books since"),
    gettext_lazy("What"),
    gettext_lazy("From"),
    gettext_lazy("To"),
)
LABELS = {
    "invoice_no": gettext_lazy("Number"),
    "invoice_amount": gettext_lazy("Amount"),
    "balance": gettext_lazy("Open balance"),
    "deposit": gettext_lazy("Deposit"),
    "tax_amount": gettext_lazy("Tax"),
    "txn_date": gettext_lazy("Issued"),
    "payable_date": gettext_lazy("Due"),
    "items": gettext_lazy("Lines"),
    "tax_details": gettext_lazy("Tax details"),
    "linked_txn": gettext_lazy("Linked transactions"),
    "company_name": gettext_lazy("Buyer's name"),
    "contact_name": gettext_lazy("Contact"),
    "buyer_email": gettext_lazy("Buyer's email"),
    "company_email": gettext_lazy("Email on the invoice"),
    "buyer_id": gettext_lazy("Buyer"),
    "books_status": gettext_lazy("Status in the books"),
    "state": gettext_lazy("State at infactor"),
    "qbk_invoice_id": gettext_lazy("QuickBooks id"),
}
NOTHING = "-"
NOT_SHOWN = gettext_lazy("(details that are not shown here)")

Row = tuple[datetime, tuple[object, ...]]


def history_table(invoice: Invoice) -> Table:
    """Every change of the invoice and of the payments to it, the newest first. At most four queries."""
    versions = list(invoice.versions.order_by("-pk")[:SHOWN])
    rows = sorted((*_changes(invoice, versions), *_payments(invoice)), key=itemgetter(0), reverse=True)
    first = (
        moment_text(invoice.created_at),
        moment_text(invoice.invoice_date),
        gettext("First read"),
        NOTHING,
        str(invoice),
    )
    older = invoice.versions.count() - SHOWN if len(versions) == SHOWN else 0
    caption = (
        gettext("History")
        if older <= 0
        else gettext("History (without the %(older)s oldest changes)") % {"older": older}
    )
    return Table(caption=caption, columns=COLUMNS, rows=[*(row for _, row in rows), first])


def _changes(invoice: Invoice, versions: Sequence[Any]) -> list[Row]:
    """What versions tell: each holds the values before its change, and the next one those after it."""
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
                *_texts(before, now, fields[name], invoice=invoice, buyers=buyers),
            ),
        )
        for version, name, before, now in changes
    ]


def _payments(invoice: Invoice) -> list[Row]:
    """What became of payments to the invoice, which are no columns of it."""
    return [
        (
            change.at,
            (
                moment_text(change.at),
                moment_text(change.books_at),
                gettext("Payment"),
                one["from"] or NOTHING,
                one["to"],
            ),
        )
        for change in invoice.history.order_by("-at", "-pk")[:SHOWN]
        for one in change.changes
        if one["field"] == "payment"
    ]


def _texts(
    before: Any, now: Any, field: Field, *, invoice: Invoice, buyers: Mapping[int, str]
) -> tuple[str | SafeString, str | SafeString]:
    """Both values. Of lists, what only one of them has."""
    if field.attname in PARTS:
        was, became = (PARTS[field.attname](value, invoice.currency) for value in (before, now))
        removed, added = ([one for one in these if one not in those] for these, those in ((was, became), (became, was)))
        if removed or added:
            return (_listed(removed), _listed(added))
        return (str(NOT_SHOWN), str(NOT_SHOWN))
    return (
        _text(before, field, invoice=invoice, buyers=buyers),
        _text(now, field, invoice=invoice, buyers=buyers),
    )


def _text(value: Any, field: Field, *, invoice: Invoice, buyers: Mapping[int, str]) -> str | SafeString:
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, MoneyField):
        return _amount(value, invoice.currency)  # as text: the column holds words, too
    if value is None or value == "":
        return NOTHING
    if field.attname == "buyer_id":
        return buyers.get(value, gettext("Buyer %(value)s") % {"value": value})
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return day_text(value)
    return format_html("<bdi>{}</bdi>", value)


def _listed(texts: Sequence[str]) -> SafeString | str:
    return format_html_join(mark_safe("<br>"), "<bdi>{}</bdi>", ((one,) for one in texts)) if texts else NOTHING


def _lines(items: Any, currency: str) -> list[str]:
    """ "Design, two rooms: 4 × $75.00 = $300.00" for each line of an invoice."""
    texts = []
    for one in line_items.parse_lines(items).shown:
        text = ", ".join(part for part in (one.title, one.description) if part)
        if one.quantity is not None and one.unit_price is not None:
            text += f": {one.quantity.normalize():f} \N{MULTIPLICATION SIGN} {_amount(one.unit_price, currency)}"
        texts.append(f"{text} = {_amount(one.amount, currency)}" if one.has_amount else text)
    return texts


def _taxes(details: Any, currency: str) -> list[str]:
    return [f"{one.rate or _('Tax')}: {_amount(one.amount, currency)}" for one in line_items.parse_tax_lines(details)]


def _links(linked: Any, currency: str) -> list[str]:
    return [f"{kind} {number}" for kind, number in line_items.parse_linked_transactions(linked)]


def _amount(amount: Decimal | None, currency: str) -> str:
    return gettext("cannot be read") if amount is None else format_amount(amount, currency)


PARTS: Mapping[str, Callable[[Any, str], list[str]]] = {"items": _lines, "tax_details": _taxes, "linked_txn": _links}
