"""Invoices that a supplier may ask money for: what those of one currency bring and cost, and what stops it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from infactor.dashboard import eligibility_labels
from infactor.dashboard.eligibility_labels import Judgement
from infactor.dashboard.financing.offer_figures import presented
from infactor.financing import terms_in_force
from infactor.financing.eligibility import reassessment, serialization
from infactor.financing.models import Eligibility, FundingTerms, Offer, RequestLine
from infactor.financing.origination import suggestions
from infactor.financing.origination.suggestions import Suggestion
from infactor.financing.pricing import cheapest_set, disclosure, price
from infactor.financing.value_dates import today_of
from infactor.invoices.models import Invoice
from infactor.suppliers import financing_status
from infactor.suppliers.models import Supplier


class Unknown(Exception):
    """One of these invoices is not the supplier's, or nobody's."""


@dataclass(frozen=True)
class Basket:
    """Invoices of one currency that can be asked for together. `blockers` says what of the supplier stops it."""

    currency: str
    invoices: tuple[Invoice, ...]
    figures: dict[str, Any]
    blockers: tuple[str, ...]


@dataclass(frozen=True)
class Left:
    """An invoice that was chosen and cannot be asked for, with what the rules said of it (None: nothing yet)."""

    invoice: Invoice
    judgement: Judgement | None


def chosen(*, supplier: Supplier, public_ids: Collection[UUID]) -> list[Invoice]:
    """The invoices of `supplier` with these ids, due first. Raises Unknown unless every one is."""
    rows = Invoice.objects.of(supplier).filter(public_id__in=set(public_ids))
    found = list(rows.select_related("eligibility").defer("items", "tax_details").order_by("payable_date", "pk"))
    if len(found) < len(set(public_ids)):
        raise Unknown
    return found


def baskets(*, supplier: Supplier, invoices: Sequence[Invoice], at: datetime) -> tuple[list[Basket], list[Left]]:
    """What of `invoices` can be asked for, by currency, and what cannot."""
    today = today_of(supplier=supplier, at=at)
    in_force = terms_in_force.terms_in_force(supplier=supplier, on=today)
    ready: dict[str, list[Invoice]] = defaultdict(list)
    left = []
    for invoice in invoices:
        if eligibility_labels.is_ready(invoice) and invoice.currency in in_force:
            ready[invoice.currency].append(invoice)
        else:
            left.append(Left(invoice, eligibility_labels.judgement(invoice, today=today)))
    made = [
        Basket(
            currency=currency,
            invoices=tuple(found),
            figures=figures_of(invoices=found, terms=in_force[currency], today=today),
            blockers=tuple(financing_status.blockers(supplier=supplier, currency=currency)),
        )
        for currency, found in sorted(ready.items())
    ]
    return made, left


def figures_of(*, invoices: Sequence[Invoice], terms: FundingTerms, today: date) -> dict[str, Any]:
    """What these invoices, judged and open for financing, bring and cost together if they were funded today."""
    rows: list[Eligibility] = [row for row in map(eligibility_labels.row_of, invoices) if row is not None]
    record = terms.record()
    return presented(
        disclosure.figures(
            prices=[price.price(face=row.face, base=row.base, terms=record) for row in rows],
            numbers=[str(invoice) for invoice in invoices],
            recourse=[reassessment.recourse_on(invoice, terms=terms) for invoice in invoices],
            deductions=[[(one.what, f"{one.amount:.2f}") for one in serialization.loads(row.rules)[1]] for row in rows],
            terms=record,
            today=today,
        )
    )


def why_these(
    *, supplier: Supplier, currency: str, asked_for: Decimal | None, invoices: Sequence[Invoice], at: datetime
) -> Suggestion | None:
    """The suggestion that these invoices came of, if they are still what is suggested for that amount."""
    if asked_for is None:
        return None
    try:
        found = suggestions.suggest(supplier=supplier, currency=currency, amount=asked_for, at=at)
    except (suggestions.AmountRefused, cheapest_set.NotEnough, terms_in_force.NoTerms):
        return None
    return found if {one.invoice_id for one in found.chosen} == {one.pk for one in invoices} else None


def asked_before(*, invoices: Sequence[Invoice]) -> UUID | None:
    """The request that all of `invoices` are in already, open or offered, if there is one: a form was sent twice."""
    open_now = Q(status=RequestLine.Status.WAITING) | Q(offer_line__status=Offer.Status.PROPOSED)
    rows = RequestLine.objects.filter(open_now, invoice__in=invoices)
    requests = {row.invoice_id: row.request for row in rows.select_related("request").order_by("pk")}
    same = {request.public_id for request in requests.values()}
    return same.pop() if len(same) == 1 and len(requests) == len(invoices) else None
