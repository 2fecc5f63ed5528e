"""What the search of staff finds of financing and of bank statements. Registers all kinds, in their order."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from infactor.banking.models import StatementLine
from infactor.core.admin import search_kinds
from infactor.core.admin.formatting import amount_text, day_text
from infactor.core.admin.search_kinds import SearchKind
from infactor.core.admin.search_words import SearchWords
from infactor.financing.models import (
    Advance,
    Collection,
    FinancingRequest,
    Notice,
    Offer,
    OfferLine,
    Payout,
    PayoutBatch,
    RequestLine,
)
from infactor.invoices.admin.search import BUYERS, DEBTORS, INVOICES, exact_number
from infactor.suppliers.admin.search import SUPPLIERS
from infactor.verification.models import Verification


def _exact(words: SearchWords, *amounts: str, public_id: bool = True) -> Q:
    """The row with this number or public id, and those with exactly this amount."""
    found = Q(pk=words.number) if words.number is not None else Q(pk__in=())
    if public_id and words.public_id:
        found |= Q(public_id=words.public_id)
    if words.amount is not None:
        for name in amounts:
            found |= Q(**{name: words.amount})
    return found


def _of_day(words: SearchWords, *days: str) -> Q:
    found = Q(pk__in=())
    if words.day is not None:
        for name in days:
            found |= Q(**{name: words.day})
    return found


def _exact_lines(words: SearchWords, lines: Any, owner: str) -> Q:
    return Q(pk__in=lines.objects.filter(exact_number(words, invoice="invoice__")).values(owner))


def _near_texts(words: SearchWords, *names: str) -> Q:
    found = Q(pk__in=())
    for name in names:
        found |= Q(**{f"{name}__icontains": words.text})
    return found


def _exact_payments(words: SearchWords) -> Q:
    return _exact(words, "amount") | Q(bank_reference__iexact=words.text)


def _exact_statement_lines(words: SearchWords) -> Q:
    found = _exact(words, "amount", public_id=False)
    if words.amount is not None:
        found |= Q(amount=-words.amount)
    return found | Q(reference__iexact=words.text) | Q(entry_id__iexact=words.text)


def exact_payouts(words: SearchWords) -> Q:
    """By number or amount, and by what files for the bank and its statements name a payout or its batch by."""
    batch = words.number_after("IFB")
    found = _exact(words, "amount") | Q(pk=words.number_after("IFP"))
    return found if batch is None else found | Q(batch=batch)


def exact_batches(words: SearchWords) -> Q:
    number = words.number_after("IFB")
    named = Q(pk__in=()) if number is None else Q(pk=number)
    return _exact(words, "control_sum", public_id=False) | named


def _exact_code(words: SearchWords, prefix: str) -> Q | None:
    """The row with this public id, or with this number, which is the start of its public id after `prefix`."""
    ids = words.ids_after(prefix)
    if ids is not None:
        return Q(public_id__range=ids)
    return Q(public_id=words.public_id) if words.public_id else None


REQUESTS = SearchKind(
    model=FinancingRequest,
    columns=(_("Request"), _("Supplier"), _("Requested")),
    cells=lambda row: (str(row), str(row.supplier), day_text(row.requested_at)),
    exact=lambda words: _exact(words) | _exact_lines(words, RequestLine, "request"),
    near=lambda words: _near_texts(words, "supplier__name") | _of_day(words, "requested_at__date"),
    related=("supplier",),
)
OFFERS = SearchKind(
    model=Offer,
    columns=(_("Offer"), _("Supplier"), _("Status"), _("Offered"), _("Expires")),
    cells=lambda row: (
        str(row),
        str(row.supplier),
        row.get_status_display(),
        day_text(row.offered_at),
        day_text(row.expires_at),
    ),
    exact=lambda words: _exact(words) | _exact_lines(words, OfferLine, "offer"),
    near=lambda words: _near_texts(words, "supplier__name") | _of_day(words, "offered_at__date"),
    related=("supplier",),
)
ADVANCES = SearchKind(
    model=Advance,
    columns=(
        _("Advance"),
        _("Supplier"),
        _("Buyer"),
        _("Invoice"),
        _("Face"),
        _("Advanced"),
        _("Status"),
        _("Paid out"),
    ),
    cells=lambda row: (
        str(row),
        str(row.supplier),
        str(row.buyer),
        str(row.invoice),
        amount_text(row.face, row.currency),
        amount_text(row.amount, row.currency),
        row.get_status_display(),
        day_text(row.funded_on),
    ),
    exact=lambda words: _exact(words, "amount", "face") | exact_number(words, invoice="invoice__"),
    near=lambda words: (
        _near_texts(words, "supplier__name", "buyer__name", "invoice__invoice_no")
        | _of_day(words, "funded_on", "collected_on", "recourse_on")
    ),
    related=("supplier", "buyer", "invoice"),
    deferred=tuple(f"invoice__{name}" for name in INVOICES.deferred),
)
PAYMENTS = SearchKind(
    model=Collection,
    columns=(_("Payment"), _("Amount"), _("Value date"), _("Payer"), _("What it is for"), _("Bank's reference")),
    cells=lambda row: (
        str(row),
        amount_text(row.amount, row.currency),
        day_text(row.value_date),
        row.payer or "-",
        row.remittance or "-",
        row.bank_reference,
    ),
    exact=_exact_payments,
    near=lambda words: _near_texts(words, "payer", "remittance", "bank_reference") | _of_day(words, "value_date"),
)
PAYOUTS = SearchKind(
    model=Payout,
    columns=(_("Payout"), _("Payee"), _("For"), _("Amount"), _("Value date"), _("Status")),
    cells=lambda row: (
        str(row),
        row.payee if row.supplier is None else str(row.supplier),
        row.get_purpose_display(),
        amount_text(row.amount, row.currency),
        day_text(row.value_date),
        row.get_status_display(),
    ),
    exact=exact_payouts,
    near=lambda words: _near_texts(words, "supplier__name", "payee_account__holder") | _of_day(words, "value_date"),
    related=("supplier", "payee_account"),
    deferred=("payee_account__account_number", "payee_account__routing_number"),
)
PAYOUT_BATCHES = SearchKind(
    model=PayoutBatch,
    columns=(_("Batch"), _("Paid from"), _("Status"), _("Named in the file as")),
    cells=lambda row: (str(row), str(row.house_account), row.get_status_display(), row.batch_id),
    exact=exact_batches,
    near=lambda words: None,
    related=("house_account",),
    deferred=("content",),
)
NOTICES = SearchKind(
    model=Notice,
    columns=(_("Notice"), _("Supplier"), _("Invoice"), _("Status")),
    cells=lambda row: (
        row.number,
        str(row.supplier),
        str(row.facts.get("number") or gettext("No number")),
        row.get_status_display(),
    ),
    exact=lambda words: _exact_code(words, "NA-"),
    near=lambda words: None,
    related=("supplier",),
)
VERIFICATIONS = SearchKind(
    model=Verification,
    columns=(_("Verification"), _("Supplier"), _("Invoice"), _("Status")),
    cells=lambda row: (
        row.number,
        str(row.supplier),
        str(row.facts.get("number") or gettext("No number")),
        row.get_status_display(),
    ),
    exact=lambda words: _exact_code(words, "BC-"),
    near=lambda words: None,
    related=("supplier",),
)
STATEMENT_LINES = SearchKind(
    model=StatementLine,
    columns=(
        _("Line"),
        _("Account"),
        _("Amount"),
        _("Booked"),
        _("Payer or payee"),
        _("What it is for"),
        _("Reference"),
        _("Status"),
    ),
    cells=lambda row: (
        str(row),
        str(row.account),
        amount_text(row.amount, row.account.currency),
        day_text(row.booking_date),
        row.payer or "-",
        row.remittance or "-",
        row.reference or row.entry_id or "-",
        row.get_status_display(),
    ),
    exact=_exact_statement_lines,
    near=lambda words: (
        _near_texts(words, "payer", "remittance", "reference") | _of_day(words, "value_date", "booking_date")
    ),
    related=("account",),
    deferred=("payer_account",),
)

search_kinds.register(
    SUPPLIERS,
    DEBTORS,
    BUYERS,
    INVOICES,
    ADVANCES,
    PAYMENTS,
    PAYOUTS,
    PAYOUT_BATCHES,
    STATEMENT_LINES,
    OFFERS,
    REQUESTS,
    VERIFICATIONS,
    NOTICES,
)
