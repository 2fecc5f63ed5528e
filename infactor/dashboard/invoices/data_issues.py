"""What is missing or unreadable in an invoice, and where its supplier puts it right: in its books, or here."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from infactor.core.email.addresses import usable_addresses
from infactor.invoices.models import Invoice


def data_issues(invoice: Invoice) -> Iterator[tuple[str, str]]:
    """(issue, remedy) for all data that is missing or unreadable."""
    here = invoice.company_file.is_by_hand
    if invoice.invoice_amount is None:
        yield (
            (_("No amount"), _("Enter the amount here."))
            if here
            else (
                _("Unreadable amount"),
                _("QuickBooks sent no valid amount. Open the invoice in QuickBooks and save it again."),
            )
        )
    if invoice.balance is None and not here:
        yield _("Unreadable open amount"), _("Totals do not include this invoice.")
    if not invoice.invoice_no:
        yield (
            _("No number"),
            _("Enter the invoice number here. Buyers need it for their payment.")
            if here
            else _("Add a number to the invoice in QuickBooks. Buyers need it for their payment."),
        )
    if invoice.payable_date is None:
        yield (
            _("No due date"),
            _("Enter the due date here.")
            if here
            else _("Set a due date or payment terms on the invoice in QuickBooks."),
        )
    yield from _buyer_issues(invoice, here=here)
    if not invoice.currency:
        yield (
            _("No currency"),
            _("Choose the currency here.") if here else _("QuickBooks sent no currency for the amounts."),
        )


def _buyer_issues(invoice: Invoice, *, here: bool) -> Iterator[tuple[str, str]]:
    if invoice.buyer is None and not invoice.company_name:
        yield (
            (_("No buyer"), _("Enter the buyer here."))
            if here
            else (_("No customer"), _("Choose the customer on the invoice in QuickBooks."))
        )
    elif not invoice.buyer_email:
        yield (
            _("No buyer email address"),
            _("Enter the buyer's email address here.")
            if here
            else _("Add one to the invoice or to the customer in QuickBooks."),
        )
    elif not usable_addresses(invoice.buyer_email):
        yield (
            _("Buyer email address that cannot be used"),
            _("Correct it here.") if here else _("Correct it on the invoice or the customer in QuickBooks."),
        )
