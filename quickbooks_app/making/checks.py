"""Checks before anything is sent: what QuickBooks would refuse, and what would be there twice.

Each check yields (name of the form's field, sentence); "" stands for the whole form. The form has checked lengths.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from infactor.invoices.models import Buyer, Invoice
from infactor.invoices.states import BooksStatus
from quickbooks_app.api.writes import bodies
from quickbooks_app.documents import payloads
from quickbooks_app.making.choices import Choices, TaxModel
from quickbooks_app.making.drafts import TAXED, BuyerDraft, InvoiceDraft, LineDraft, PaymentDraft
from quickbooks_app.models import Connection, Document, Push

Found = Iterator[tuple[str, str]]

LATEST_DUE = timedelta(days=5 * 366)
EARLIEST = date(2000, 1, 1)
# Customers, vendors and employees share their names; these are in the raw store where the company pulls them.
ALSO_NAMED = ("Vendor", "Employee")
OPEN_STATES = (Push.State.WAITING, Push.State.SENDING)


def check_buyer(draft: BuyerDraft, *, connection: Connection) -> Found:
    """What is wrong with a new customer."""
    if any(sign in draft.name for sign in ":\t\n\r"):
        yield "name", _("QuickBooks takes no colon, tab or new line in a name.")
    taken = draft.name.casefold()
    if Buyer.objects.filter(company_file=connection.company_file_id, name__iexact=draft.name).exists():
        yield "name", _("You have a customer of this name in QuickBooks already.")
    elif taken in _other_names(connection):
        yield "name", _("A supplier or employee in your QuickBooks has this name. QuickBooks takes each name once.")
    elif any(str(fields.get("DisplayName", "")).casefold() == taken for fields in _on_the_way(connection, "Customer")):
        yield "name", _("You have just made a customer of this name. It is on its way to QuickBooks.")


def check_invoice(
    draft: InvoiceDraft, *, choices: Choices, connection: Connection, today: date, changes: str = ""
) -> Found:
    """What is wrong with an invoice. `changes` is the QuickBooks id of the one that is changed."""
    yield from _check_currency(draft.currency, choices=choices, connection=connection)
    yield from _check_day("issued", draft.issued, choices=choices, today=today)
    if draft.due and draft.due < draft.issued:
        yield "due", _("The due date is before the invoice date.")
    if draft.due and draft.due > draft.issued + LATEST_DUE:
        yield "due", _("The due date is more than five years after the invoice date.")
    if not draft.lines:
        yield "", _("Enter at least one line.")
    elif draft.net <= 0:
        yield "", _("The invoice comes to nothing. Enter a quantity and a price.")
    if draft.number:
        yield from _check_number(draft.number, connection=connection, changes=changes)
    elif choices.needs_number:
        yield "number", _("Enter a number: your QuickBooks gives none by itself.")
    yield from _check_taxes(draft, choices)


def check_payment(
    draft: PaymentDraft, *, choices: Choices, connection: Connection, invoice: Invoice, today: date
) -> Found:
    """What is wrong with a payment of `invoice`. Payments on their way to QuickBooks leave less of it open."""
    yield from _check_day("paid", draft.paid, choices=choices, today=today)
    if draft.paid > today:
        yield "paid", _("The payment is dated in the future.")
    invoice.refresh_from_db(fields=["balance"])
    paid = sum(_amounts_on_the_way(connection, invoice), Decimal(0))
    if invoice.balance is None or draft.amount > invoice.balance - paid:
        yield "amount", _("That is more than the invoice’s open balance.")


def open_invoices(connection: Connection) -> QuerySet[Invoice]:
    """The invoices of the company on which something is open."""
    found: QuerySet[Invoice] = Invoice.objects.filter(
        company_file=connection.company_file_id,
        balance__gt=0,
        books_status__in=[BooksStatus.OPEN, BooksStatus.PARTLY_PAID],
    )
    return found


def _check_currency(currency: str, *, choices: Choices, connection: Connection) -> Found:
    home = connection.company_file.home_currency
    if not choices.has_several_currencies and currency != home:
        yield (
            "",
            _("This customer pays in %(currency)s, but your QuickBooks has %(home)s alone.")
            % {"currency": currency, "home": home},
        )


def _check_day(field: str, day: date, *, choices: Choices, today: date) -> Found:
    if day < EARLIEST or day > today + timedelta(days=366):
        yield field, _("Enter a date of this century, at most a year from today.")
    if choices.closed_until and day <= choices.closed_until:
        yield (
            field,
            _("Your books are closed until %(closed_until)s. Enter a later date.")
            % {"closed_until": date_format(choices.closed_until, "F j, Y")},
        )


def _check_number(number: str, *, connection: Connection, changes: str) -> Found:
    taken = Invoice.objects.filter(company_file=connection.company_file_id, invoice_no__iexact=number)
    if taken.exclude(qbk_invoice_id=changes).exclude(books_status=BooksStatus.DELETED).exists():
        yield "number", _("You have an invoice of this number already.")
    elif any(
        str(fields.get("DocNumber", "")).casefold() == number.casefold()
        for fields in _on_the_way(connection, "Invoice", but=changes)
    ):
        yield "number", _("You have just made an invoice of this number. It is on its way to QuickBooks.")


def _check_taxes(draft: InvoiceDraft, choices: Choices) -> Found:
    if choices.tax is TaxModel.MANUAL and not draft.tax_code and any(line.tax == TAXED for line in draft.lines):
        yield "tax_code", _("A line is taxed. Choose the tax.")
    if choices.tax is TaxModel.BY_LINE and choices.tax_codes and _is_partly_taxed(draft.lines):
        yield "", _("Choose a tax code for every line, or for none.")


def _is_partly_taxed(lines: Sequence[LineDraft]) -> bool:
    return len({bool(line.tax) for line in lines}) > 1


def _other_names(connection: Connection) -> set[str]:
    stored = Document.objects.filter(connection=connection, entity__in=ALSO_NAMED, deleted_at=None)
    found = (bodies.decode(raw) for raw in payloads.read_readable(stored))
    return {str(one.get("DisplayName", "")).casefold() for one in found}


def _amounts_on_the_way(connection: Connection, invoice: Invoice) -> Iterator[Decimal]:
    for fields in _on_the_way(connection, "Payment"):
        for line in fields.get("Line", []):
            if {"TxnId": invoice.qbk_invoice_id, "TxnType": "Invoice"} in line.get("LinkedTxn", []):
                yield Decimal(line["Amount"])


def _on_the_way(connection: Connection, entity: str, *, but: str = "") -> Iterator[dict[str, Any]]:
    """The fields of writes that QuickBooks has not answered yet."""
    waiting = Push.objects.filter(connection=connection, entity=entity, state__in=OPEN_STATES)
    if but:
        waiting = waiting.exclude(qbk_id=but)
    for fields in waiting.values_list("fields", flat=True):
        yield bodies.decode(fields.encode())
