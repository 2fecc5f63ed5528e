"""Financing on the page of one invoice: eligibility, price, advance."""

from datetime import date
from typing import Any

from django.utils import timezone

from infactor.dashboard import eligibility_labels
from infactor.dashboard.eligibility_labels import EligibilityDetail
from infactor.dashboard.financing import advances, quote
from infactor.dashboard.financing.advances import FundedAdvance
from infactor.dashboard.invoices import progress_bar
from infactor.financing import terms_in_force
from infactor.financing.accounting import payoff, positions, statement
from infactor.financing.accounting.balances import outstanding
from infactor.financing.accounting.payoff import PayoffError, Repurchase
from infactor.financing.collections import sent_payments
from infactor.financing.models import (
    OUTSTANDING_STATUSES,
    OWED_STATUSES,
    Advance,
    Notice,
    OfferLine,
    Payout,
    RequestLine,
    SentPayment,
)
from infactor.financing.remittance_instructions import instructions_or_reference
from infactor.financing.watch import forwarding
from infactor.financing.watch.forwarding import ForwardingInstructions
from infactor.invoices.models import Invoice
from infactor.invoices.status_label import StatusLabel, status_label
from infactor.suppliers.models import Supplier
from infactor.verification.answers import BuyerConfirmation


def financing_context(
    *, invoice: Invoice, supplier: Supplier, confirmation: BuyerConfirmation | None, today: date
) -> dict[str, Any]:
    """The template context for `invoice` on the supplier's date `today`. A constant number of queries."""
    eligibility = eligibility_labels.eligibility_detail(invoice, today=today)
    line = OfferLine.objects.filter(invoice=invoice).select_related("offer").order_by("-pk").first()
    advance = (
        Advance.objects.filter(invoice=invoice)
        .select_related("terms", "invoice", "purchase", "supplier", "offer_line__offer")
        .first()
    )
    funded_advance = _funded_advance(advance, today=today)
    pending = RequestLine.objects.filter(invoice=invoice, status=RequestLine.Status.WAITING)
    return {
        "eligibility": eligibility,
        "confirmation_stage": _confirmation_stage(eligibility, confirmation),
        "quote": _quote(invoice, supplier=supplier, today=today)
        if eligibility is not None and eligibility.is_open
        else None,
        "label": _label(invoice, line),
        "offer_line": line,
        "request_line": pending.select_related("request").first(),
        "advance": advance,
        "funded_advance": funded_advance,
        "notice": Notice.objects.filter(invoice=invoice).order_by("-pk").first(),
        "position": funded_advance.position if funded_advance is not None else None,
        "forwarding": _forwarding(funded_advance),
        "repurchase": (repurchase := _repurchase(funded_advance, today=today)),
        "pay_to": instructions_or_reference(public_id=supplier.public_id, currency=advance.currency)
        if repurchase and advance
        else None,
        "said": _said_sent(advance) if repurchase and advance else None,
        "movements": statement.movements_of_advance(advance=advance) if advance is not None else [],
        "payouts": _payouts(advance) if advance is not None else [],
    }


def _confirmation_stage(eligibility: EligibilityDetail | None, confirmation: BuyerConfirmation | None) -> str:
    """The status of the confirmation stage. An eligible invoice without a confirmation does not need one."""
    if confirmation is not None and confirmation.confirmed_amount > 0:
        return progress_bar.GIVEN
    needs_none = eligibility is not None and (eligibility.is_eligible or eligibility.is_in_financing)
    return progress_bar.NOT_NEEDED if needs_none else ""


def _label(invoice: Invoice, line: OfferLine | None) -> StatusLabel:
    ended = line.status if line is not None else ""
    return status_label(state=invoice.state, books_status=invoice.books_status, last_offer_status=ended)


def _quote(invoice: Invoice, *, supplier: Supplier, today: date) -> dict[str, Any] | None:
    """The price disclosure of this invoice alone, at the terms in force."""
    terms = terms_in_force.terms_in_force(supplier=supplier, on=today).get(invoice.currency)
    if terms is None or invoice.txn_date is None:
        return None
    return quote.quote_figures(invoices=[invoice], terms=terms, today=today)


def _funded_advance(advance: Advance | None, *, today: date) -> FundedAdvance | None:
    """The advance with its position and open cases; None unless it is outstanding."""
    if advance is None or advance.status not in OUTSTANDING_STATUSES:
        return None
    balance = outstanding(advance=advance)
    position = positions.position_of(
        advance=advance, receivable=balance.receivable, reserve=balance.reserve, today=today
    )
    return advances.funded_advances(supplier=advance.supplier, positions=[position], today=today)[0]


def _forwarding(funded_advance: FundedAdvance | None) -> ForwardingInstructions | None:
    """Where and by when to forward a payment that went astray; None where there is none."""
    if funded_advance is None or funded_advance.misdirected is None:
        return None
    return forwarding.instructions(case=funded_advance.misdirected, at=timezone.now())


def _repurchase(funded_advance: FundedAdvance | None, *, today: date) -> Repurchase | None:
    """The cost of buying the invoice back today; None before its recourse date."""
    if funded_advance is None or funded_advance.recourse is None:
        return None
    try:
        return payoff.quote_repurchase(advance=funded_advance.advance, on=today)
    except PayoffError:
        return None


def _said_sent(advance: Advance) -> SentPayment | None:
    """The supplier's word that it has sent what this costs, while the money has not arrived."""
    return sent_payments.open_word(supplier=advance.supplier, currency=advance.currency, advance=advance)


def _payouts(advance: Advance) -> list[Payout]:
    """What of the advance is paid to the supplier, or is on its way, without the numbers of accounts."""
    rows = advance.payouts.filter(status__in=OWED_STATUSES, reclaimed_on__isnull=True)
    return list(
        rows.select_related("bank_account", "batch")
        .defer("bank_account__account_number", "bank_account__routing_number", "batch__content")
        .order_by("pk")
    )
