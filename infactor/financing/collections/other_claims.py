"""What a credit may be for that pays no open advance, in words: a person decides, so none of it is certain.

These are an advance that is written off (what comes is a recovery), one that is closed or an invoice that infactor has
not bought (the money is the supplier's, to be passed on), and what a supplier owes itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from infactor.banking.models import StatementLine
from infactor.core.money import format_amount
from infactor.financing.accounting.balances import supplier_ledger_owner
from infactor.financing.collections import invoice_tokens, recoveries
from infactor.financing.models import OPEN_STATUSES, Advance
from infactor.financing.remittance_instructions import payment_reference
from infactor.invoices.debtors.company_names import normalized_name
from infactor.invoices.models import Invoice
from infactor.ledger.balances import balances_by_owner
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Supplier

MAX_NAMED = 3  # of a kind
ENDED = (Advance.Status.SETTLED, Advance.Status.REPURCHASED, Advance.Status.WRITTEN_OFF)


@dataclass
class OtherClaims:
    """The ended advances and the suppliers that owe, in one currency."""

    currency: str
    ended_by_pk: dict[int, Advance] = field(default_factory=dict)
    ended_by_number: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    debts: list[tuple[Supplier, Decimal]] = field(default_factory=list)


def load(*, currency: str) -> OtherClaims:
    """What may be paid in `currency` besides open advances, in a fixed number of queries."""
    found = OtherClaims(currency)
    rows = Advance.objects.filter(status__in=ENDED, currency=currency).select_related("invoice", "buyer", "supplier")
    fields = ("status", "currency", "invoice__invoice_no", "buyer__name", "supplier__name", "funded_on", "ended_on")
    for one in rows.only(*fields).order_by("pk"):
        found.ended_by_pk[one.pk] = one
        if form := invoice_tokens.number_form(one.invoice.invoice_no):
            found.ended_by_number[form].append(one.pk)
    suppliers = {supplier_ledger_owner(one.pk): one for one in Supplier.objects.order_by("pk")}
    owed = balances_by_owner(purpose=Purpose.DUE_FROM_SUPPLIER, owners=list(suppliers), currency=currency)
    found.debts = [(one, owed[owner]) for owner, one in suppliers.items() if owed[owner] > 0]
    return found


def reasons(*, lines: Sequence[StatementLine], claims: OtherClaims) -> Mapping[int, list[str]]:
    """For each of `lines`, credits in the currency of `claims`, a sentence for each thing that it may be for."""
    unbought = _unbought(lines, currency=claims.currency)
    return {line.pk: [*_debts(line, claims), *_ended(line, claims), *_not_bought(line, unbought)] for line in lines}


def _debts(line: StatementLine, claims: OtherClaims) -> list[str]:
    text, payer = _plain(_text(line)), normalized_name(line.payer)
    found = []
    for supplier, owed in claims.debts:
        is_named = _plain(payment_reference(number="", public_id=supplier.public_id)) in text
        if is_named or (payer and payer == normalized_name(supplier.name)):
            how = "It has the reference of" if is_named else "The payer has the name of"
            found.append(f"{how} {supplier}, which owes {format_amount(owed, claims.currency)}.")
    return found[:MAX_NAMED]


def _ended(line: StatementLine, claims: OtherClaims) -> list[str]:
    named = {pk for form in invoice_tokens.forms_in(_text(line)) for pk in claims.ended_by_number.get(form, ())}
    named |= {pk for pk in invoice_tokens.advances_in(_text(line)) if pk in claims.ended_by_pk}
    return [_of_ended(claims.ended_by_pk[pk]) for pk in sorted(named)[:MAX_NAMED]]


def _of_ended(advance: Advance) -> str:
    number = advance.invoice.invoice_no or "without a number"
    name = f"invoice {number} (A{advance.pk}, {advance.buyer})"
    if advance.status != Advance.Status.WRITTEN_OFF:
        status = str(advance.get_status_display()).lower()
        return f"It names {name}, which is {status}: the money belongs to {advance.supplier}."
    left = sum(recoveries.recoverable(advance=Advance.objects.select_related("terms").get(pk=advance.pk)), Decimal(0))
    open_ = format_amount(left, advance.currency)
    return f"It names {name}, which is written off: what comes is a recovery, of {open_} at most."


def _not_bought(line: StatementLine, unbought: Mapping[str, list[Invoice]]) -> list[str]:
    named = {one.pk: one for form in invoice_tokens.forms_in(_text(line)) for one in unbought.get(form, ())}
    return [
        f"It names invoice {one.invoice_no} of {one.supplier} to {one.company_name or 'a buyer'}, which infactor has "
        f"not bought: the money belongs to {one.supplier}."
        for _, one in sorted(named.items())[:MAX_NAMED]
    ]


def _unbought(lines: Iterable[StatementLine], *, currency: str) -> Mapping[str, list[Invoice]]:
    """The invoices without an advance whose numbers stand in the texts of `lines`, by the form of the number."""
    words = {word for line in lines for word in _words(_text(line))}
    found: dict[str, list[Invoice]] = defaultdict(list)
    if not words:
        return found
    rows = Invoice.objects.filter(invoice_no__in=words, currency=currency).select_related("supplier")
    rows = rows.exclude(advances__status__in=(*OPEN_STATUSES, *ENDED))
    fields = ("invoice_no", "company_name", "supplier__name")
    for one in rows.only(*fields).order_by("pk"):
        if form := invoice_tokens.number_form(one.invoice_no):
            found[form].append(one)
    return found


def _words(text: str) -> Collection[str]:
    """The words of a text that hold figures, as they are written: those may be whole numbers of invoices."""
    words = {word.strip(".,;:()[]#") for word in text.split()}
    return {word for word in words if len(word) >= invoice_tokens.MIN_CORE_LENGTH and any(map(str.isdecimal, word))}


def _text(line: StatementLine) -> str:
    return f"{line.remittance} {line.reference}"


def _plain(text: str) -> str:
    """Letters and digits alone: banks break lines and drop signs."""
    return "".join(one for one in text.upper() if one.isalnum())
