"""Netting: what a supplier owes is deducted from money on its way to it, by default where its terms allow it."""

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from infactor.financing import dual_control
from infactor.financing.accounting import balances
from infactor.financing.models import Advance, FundingTerms, Netting, Payout
from infactor.financing.terms_in_force import TermsNotSet
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Supplier
from infactor.users.models import User

ZERO = Decimal("0.00")
TERM_BY_SOURCE = {
    Netting.Source.ADVANCE: "nets_from_advances",
    Netting.Source.REBATE: "nets_from_rebates",
    Netting.Source.SURPLUS: "nets_from_surplus",
}


def is_default(*, terms: FundingTerms, source: Netting.Source) -> bool:
    """Whether `terms` let infactor deduct what the supplier owes from money of this `source`."""
    return bool(getattr(terms, TERM_BY_SOURCE[source]))


def is_default_again(*, payout: Payout, at: datetime) -> bool:
    """Whether a debt is deducted when `payout` is prepared again: by the terms of its advance, or by today's."""
    source = Netting.Source(payout.purpose)
    if payout.advance is not None:
        return is_default(terms=payout.advance.terms, source=source)
    if payout.supplier is None:
        return False
    terms = dual_control.current_terms(supplier=payout.supplier, currency=payout.currency, at=at)
    return is_default(terms=terms, source=source)


def is_default_of_surplus(*, supplier: Supplier, currency: str, at: datetime) -> bool:
    """Whether today's terms let infactor deduct what the supplier owes from a surplus; not without terms."""
    try:
        terms = dual_control.current_terms(supplier=supplier, currency=currency, at=at)
    except TermsNotSet:
        return False
    return is_default(terms=terms, source=Netting.Source.SURPLUS)


def debt(*, supplier_id: int, currency: str) -> Decimal:
    """What the supplier owes infactor in `currency`, by the ledger."""
    return balances.supplier_balance(purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=supplier_id, currency=currency)


def amount_to_net(*, out: Decimal, supplier_id: int, currency: str, nets: bool) -> Decimal:
    """How much of `out`, which is on its way to the supplier, pays its debt: as much as it owes, if `nets`."""
    return max(min(out, debt(supplier_id=supplier_id, currency=currency)), ZERO) if nets else ZERO


def record(
    *,
    source: Netting.Source,
    supplier: Supplier,
    currency: str,
    amount: Decimal,
    value_date: date,
    by: User,
    at: datetime,
    advance: Advance | None = None,
    payout: Payout | None = None,
) -> Netting | None:
    """The row of a netting, for the posting of the caller; None where nothing is netted.

    `payout`: the one that did not arrive, of which it is deducted when it is prepared again.
    """
    if amount <= 0:
        return None
    return Netting.objects.create(
        source=source,
        supplier=supplier,
        advance=advance,
        payout=payout,
        currency=currency,
        amount=amount,
        value_date=value_date,
        netted_by=by,
        netted_at=at,
    )


def netted(*, advance: Advance, source: Netting.Source) -> Decimal:
    """How much of the advance, or of its rebate, paid what the supplier owed."""
    rows = Netting.objects.filter(advance=advance, source=source, undone_at__isnull=True)
    return rows.aggregate(sum=Sum("amount"))["sum"] or ZERO
