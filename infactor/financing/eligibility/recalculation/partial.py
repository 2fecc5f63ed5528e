"""A part of a supplier's portfolio: the debtors of a few invoices, and of all others the sums that are kept.

Whoever evaluates these invoices for a request, an offer or its acceptance gets what the whole portfolio would give,
without a look at the other debtors. Where the kept sums are not enough, there is no part.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q

from infactor.financing.eligibility import portfolio_loader
from infactor.financing.eligibility.portfolio import (
    NO_UTILIZATION,
    ZERO,
    DebtorAndCurrency,
    Portfolio,
    Rest,
    Shares,
    Utilization,
    debtor_key,
)
from infactor.financing.eligibility.recalculation import debtor_shares
from infactor.financing.eligibility.recalculation.basis import basis
from infactor.financing.eligibility.recalculation.changes import named_since
from infactor.financing.eligibility.recalculation.debtor_shares import NOTHING, Totals, in_currency
from infactor.financing.eligibility.scope import Scope, buyers_of
from infactor.financing.models import EligibilityRecalculation, FundingTerms, Offer, OfferLine, RequestLine
from infactor.financing.terms import Terms
from infactor.invoices.ingest import revisions
from infactor.invoices.models import Buyer, Invoice
from infactor.suppliers.models import Supplier

MAX_INVOICES = 2000  # of the part: above, evaluating all of them takes hardly longer


class Part:
    """The portfolio of some debtors, which knows what the others bring and use."""

    def __init__(
        self, loaded: Portfolio, *, before: Mapping[str, Totals], rest: Mapping[str, Totals], debtors: Collection[str]
    ) -> None:
        self.portfolio = with_rest(loaded, rest, debtors)
        self._before, self._rest = before, rest

    def is_enough(self, *, shares: Iterable[Shares], terms_by_currency: Mapping[str, Terms]) -> bool:
        """Whether its results are those of the whole portfolio, where its invoices bring these shares.

        Not where the supplier's limit is short, before or now: whose invoice gives way is an order over all debtors.
        """
        return not any(
            self._is_short(found, currency=currency, terms=terms)
            for found in shares
            for currency, terms in terms_by_currency.items()
        )

    def _is_short(self, shares: Shares, *, currency: str, terms: Terms) -> bool:
        rows = debtor_shares.rows_of(shares=shares, used=self.portfolio.used_by_pair)
        before = self._before.get(currency, NOTHING)
        now = self._rest.get(currency, NOTHING).plus(in_currency(rows, currency))
        limit = self.portfolio.supplier_limits.get(currency, terms.supplier_limit)
        return any(one.for_limit > max(limit - one.used, ZERO) for one in (before, now))


def load_part(
    *,
    supplier: Supplier,
    in_force: Mapping[str, FundingTerms],
    as_of: date,
    at: datetime,
    invoice_ids: Collection[int],
    under_decision: Collection[int] = (),
    count_accepted_only: bool = False,
) -> Part | None:
    """The debtors of these invoices, with the sums of the others; None: only the whole portfolio says it.

    The sums must be of today and answer every request for recalculation. What named changes of the books can touch is
    loaded, too. See `portfolio_loader.load_portfolio` for the arguments.
    """
    row = EligibilityRecalculation.objects.filter(pk=supplier.pk, as_of=as_of, basis__isnull=False).first()
    if row is None or row.requested_version != row.computed_version or row.duplicate_ids is None:
        return None
    changed = _changed(supplier, row)
    if changed is None:
        return None
    scope = _scope(supplier, invoice_ids, changed, duplicate_ids=row.duplicate_ids)
    if Invoice.objects.filter(scope.invoices(), supplier=supplier).count() > MAX_INVOICES:
        return None
    if count_accepted_only and _is_anything_not_accepted(supplier, scope, under_decision):
        return None
    loaded = portfolio_loader.load_portfolio(
        supplier=supplier,
        terms_by_currency={currency: terms.record() for currency, terms in in_force.items()},
        as_of=as_of,
        at=at,
        under_decision=under_decision,
        count_accepted_only=count_accepted_only,
        scope=scope,
    )
    if basis(portfolio=loaded, in_force=in_force, as_of=as_of) != row.basis:
        return None
    debtors = debtors_of(loaded)
    before = debtor_shares.totals(supplier_id=supplier.pk)
    was = debtor_shares.load(supplier_id=supplier.pk, debtors=debtors)
    rest = {currency: one.plus(in_currency(was, currency), sign=-1) for currency, one in before.items()}
    # A recalculation may have replaced the sums since the row was read.
    same = EligibilityRecalculation.objects.filter(
        pk=row.pk, computed_version=row.computed_version, books_revision=row.books_revision, computed_at=row.computed_at
    )
    return Part(loaded, before=before, rest=rest, debtors=debtors) if same.exists() else None


def debtors_of(loaded: Portfolio) -> frozenset[str]:
    """The keys of the debtors of a portfolio. What is financed of no known customer is loaded with every scope."""
    return frozenset({"", *(debtor_key(buyer=buyer) for buyer in loaded.buyers.values())})


def with_rest(loaded: Portfolio, rest: Mapping[str, Totals], debtors: Collection[str]) -> Portfolio:
    """The portfolio of these debtors, with what the others bring and use."""
    used = {key: one for key, one in loaded.used_by_pair.items() if key[0] in debtors}
    of_limits = loaded.used_of_limits
    if of_limits is not None:
        accepted = {key: one for key, one in of_limits.by_pair.items() if key[0] in debtors}
        of_limits = of_limits._replace(
            by_pair=accepted, by_supplier=_by_supplier(accepted, of_limits.by_supplier, rest)
        )
    return replace(
        loaded,
        used_by_pair=used,
        used_by_supplier=_by_supplier(used, loaded.used_by_supplier, rest),
        used_of_limits=of_limits,
        rest={currency: Rest(one.for_limit, one.left, one.debtors) for currency, one in rest.items()},
    )


def _by_supplier(
    used: Mapping[DebtorAndCurrency, Utilization], named: Mapping[str, Utilization], rest: Mapping[str, Totals]
) -> dict[str, Utilization]:
    """What these debtors and the rest use together. Of the rest no invoice is named."""
    amounts: dict[str, Decimal] = {currency: one.used for currency, one in rest.items()}
    for (_, currency), one in used.items():
        amounts[currency] = amounts.get(currency, ZERO) + one.amount
    return {
        currency: Utilization(amount, named.get(currency, NO_UTILIZATION).invoice_numbers)
        for currency, amount in amounts.items()
    }


def _changed(supplier: Supplier, row: EligibilityRecalculation) -> tuple[frozenset[int], frozenset[int]] | None:
    """The invoices and customers that changed since the recalculation; None where it is not known."""
    if revisions.total(supplier=supplier) == row.books_revision:
        return frozenset(), frozenset()
    changes = named_since(supplier=supplier, books_revision=row.books_revision)
    return None if changes is None else (changes.invoice_ids, changes.buyer_ids)


def _scope(
    supplier: Supplier,
    invoice_ids: Collection[int],
    changed: tuple[frozenset[int], frozenset[int]],
    *,
    duplicate_ids: Collection[int],
) -> Scope:
    """The debtors of these invoices, of what changed, and of what starts or ceases to be a duplicate by that."""
    asked, known = {*invoice_ids, *changed[0]}, set(duplicate_ids)
    duplicates = portfolio_loader.duplicates_of(supplier=supplier, invoice_ids=asked | known)
    touched = asked | (set(duplicates) ^ known)
    named = dict(Invoice.objects.filter(pk__in=touched).order_by().values_list("pk", "buyer_id"))
    buyer_ids = {*changed[1], *(buyer for buyer in named.values() if buyer is not None)}
    return Scope(
        buyers_of(supplier=supplier, buyer_ids=buyer_ids),
        frozenset(pk for pk, buyer in named.items() if buyer is None),
        duplicates,
    )


def _is_anything_not_accepted(supplier: Supplier, scope: Scope, under_decision: Collection[int]) -> bool:
    """Whether other debtors' limits may be used by what is only requested or offered, here or at another supplier."""
    debtors = Buyer.objects.filter(supplier=supplier, debtor__isnull=False).order_by().values("debtor")
    sharing = Buyer.objects.filter(debtor__in=debtors).order_by().values("supplier")
    elsewhere = Q(invoice__supplier=supplier) | Q(invoice__supplier__in=sharing)
    of_scope = Q(invoice__in=list(under_decision)) | Q(invoice__supplier=supplier, invoice__buyer__in=scope.buyer_ids)
    return (
        RequestLine.objects.filter(elsewhere, status=RequestLine.Status.WAITING).exclude(of_scope).exists()
        or OfferLine.objects.filter(elsewhere, status=Offer.Status.PROPOSED).exclude(of_scope).exists()
    )
