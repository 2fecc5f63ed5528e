"""What the search of staff finds of debtors, buyers and invoices.

Invoices may be many, so each way to find one has an index: number, last digits, id in QuickBooks, amount and day.
"""

from typing import Any

from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Reverse
from django.utils.translation import gettext_lazy as _

from infactor.core.admin.formatting import amount_text, day_text
from infactor.core.admin.search_kinds import SearchKind
from infactor.core.admin.search_words import SearchWords
from infactor.invoices.invoice_numbers import normalized_number
from infactor.invoices.models import Buyer, Debtor, Invoice
from infactor.invoices.selectors import LARGE_COLUMNS

MIN_DIGITS = 3  # fewer are the last ones of too many numbers


def exact_number(words: SearchWords, *, invoice: str = "") -> Q:
    """The invoices with exactly this number, id in QuickBooks or public id; `invoice` leads to them: "invoice__"."""
    found = Q(**{f"{invoice}invoice_no__iexact": words.text}) | Q(**{f"{invoice}qbk_invoice_id": words.text})
    return found | Q(**{f"{invoice}public_id": words.public_id}) if words.public_id else found


def _exact_invoices(words: SearchWords) -> Q:
    found = exact_number(words)
    if words.amount is not None:
        found |= Q(invoice_amount=words.amount)
    return found


def _near_invoices(words: SearchWords) -> Q:
    found = Q(invoice_no__istartswith=words.text)
    digits = words.digits.lstrip("0")
    if len(digits) >= MIN_DIGITS:
        found |= Q(backwards__startswith=digits[::-1])
    if words.day is not None:
        found |= Q(txn_date=words.day)
    return found


def with_digits_backwards(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Each invoice with `backwards`: the digits of its number, the last first. As the index has it."""
    digits = Func(
        F("invoice_no"), Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace", output_field=CharField()
    )
    found: QuerySet[Any] = rows.alias(backwards=Reverse(digits))
    return found


def _distance(words: SearchWords, invoice: Invoice) -> int:
    """0 for the same number in another spelling, 1 for one that begins so, 2 for others."""
    number = normalized_number(invoice.invoice_no)
    if number and number == normalized_number(words.text):
        return 0
    return 1 if invoice.invoice_no.lower().startswith(words.text.lower()) else 2


def _near_names(words: SearchWords) -> Q:
    return Q(name__icontains=words.text) | Q(company_name__icontains=words.text) | Q(email__icontains=words.text)


DEBTORS = SearchKind(
    model=Debtor,
    columns=(_("Debtor"), _("Country"), _("Email domain")),
    cells=lambda row: (row.name, row.country or "-", row.email_domain or "-"),
    exact=lambda words: Q(name__iexact=words.text) | Q(email_domain__iexact=words.text),
    near=lambda words: Q(name__icontains=words.text),
)
BUYERS = SearchKind(
    model=Buyer,
    columns=(_("Buyer"), _("Supplier"), _("Email"), _("Open in QuickBooks"), _("Id there")),
    cells=lambda row: (
        str(row),
        str(row.supplier),
        row.email or "-",
        "" if row.balance is None else amount_text(row.balance, row.currency),
        row.reference,
    ),
    exact=lambda words: Q(name__iexact=words.text) | Q(company_name__iexact=words.text) | Q(reference=words.text),
    near=_near_names,
    related=("supplier",),
)
INVOICES = SearchKind(
    model=Invoice,
    columns=(
        _("Invoice"),
        _("Buyer"),
        _("Supplier"),
        _("Amount"),
        _("Open"),
        _("Issued"),
        _("Due"),
        _("In QuickBooks"),
        _("Financing"),
    ),
    cells=lambda row: (
        str(row),
        row.company_name or "-",
        str(row.supplier),
        amount_text(row.invoice_amount, row.currency),
        amount_text(row.balance, row.currency),
        day_text(row.txn_date),
        day_text(row.payable_date),
        row.get_books_status_display(),
        row.get_state_display(),
    ),
    exact=_exact_invoices,
    near=_near_invoices,
    related=("supplier",),
    deferred=LARGE_COLUMNS,
    annotate=with_digits_backwards,
    distance=_distance,
)
