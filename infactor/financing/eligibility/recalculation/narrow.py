"""A narrow recalculation: after named changes of the books, evaluate only the debtors that these can touch.

Within a debtor everything counts for everything: late balances, disputes, credits, its limits and their order. Beyond
it an invoice reaches others through the supplier's limit, through concentration, and as their duplicate. The sums that
each debtor brought to limit and concentration are kept, so that the rest of the supplier is one row of numbers. Where
that is not enough, nothing is written and a full recalculation is needed.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from infactor.financing import terms_in_force
from infactor.financing.eligibility import evaluation, portfolio_loader
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.portfolio import ZERO, Portfolio, Shares
from infactor.financing.eligibility.recalculation import debtor_shares, progress, storage
from infactor.financing.eligibility.recalculation.basis import basis
from infactor.financing.eligibility.recalculation.changes import NamedChanges, named_since
from infactor.financing.eligibility.recalculation.debtor_shares import NOTHING, KeptShares, Totals, in_currency
from infactor.financing.eligibility.recalculation.partial import debtors_of, with_rest
from infactor.financing.eligibility.recalculation.progress import RecalculationResult
from infactor.financing.eligibility.rules.concentration import most_of_one_debtor
from infactor.financing.eligibility.scope import Scope, buyers_of
from infactor.financing.models import EligibilityRecalculation, FundingTerms
from infactor.financing.terms import Terms
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier

MAX_CUT_DEBTORS = 20  # that concentration cuts: above, a full recalculation takes no longer
MAX_INVOICES = 2000  # evaluated at once, as they are stored
ROUNDS = 3  # of finding further debtors that concentration cuts


@dataclass(frozen=True)
class _Found:
    """What a narrow recalculation found, about these `debtors`."""

    assessments: list[Assessment]
    rows: KeptShares
    debtors: frozenset[str]
    duplicate_ids: list[int] | None


def recalculate_changes(*, supplier_id: int, at: datetime) -> RecalculationResult | None:
    """Evaluate what named changes of the books can touch; every result is then as a full recalculation would find it.

    None: nothing has changed, or a full recalculation is needed, or another one is running. Nothing was written.
    """
    started = time.perf_counter()
    with transaction.atomic():
        if not progress.try_lock(supplier_id):
            return None
        row = _recalculated(supplier_id, at=at)
        changes = named_since(supplier=row.supplier, books_revision=row.books_revision) if row else None
        if row is None or changes is None:
            return None
        recalculation = _NarrowRecalculation(row, changes, at=at)
        found = recalculation.evaluate()
        if found is None:
            return None
        evaluated, written = storage.store(
            supplier_id=supplier_id, assessments=iter(found.assessments), as_of=recalculation.as_of, at=at
        )
        debtor_shares.save(supplier_id=supplier_id, rows=found.rows, debtors=found.debtors)
        is_up_to_date = progress.save(
            supplier_id,
            version=row.computed_version,
            revisions=changes.revisions,
            duplicate_ids=found.duplicate_ids,
        )
    seconds = Decimal(str(time.perf_counter() - started)).quantize(Decimal("0.001"))
    return RecalculationResult(evaluated, written, seconds, is_up_to_date, is_narrow=True)


def _recalculated(supplier_id: int, *, at: datetime) -> EligibilityRecalculation | None:
    """The supplier's row, if a full recalculation answered every request, today."""
    row = (
        EligibilityRecalculation.objects.select_related("supplier").filter(pk=supplier_id, basis__isnull=False).first()
    )
    if row is None or row.requested_version != row.computed_version:
        return None
    return row if row.as_of == supplier_today(supplier=row.supplier, at=at) else None


class _NarrowRecalculation:
    """One narrow recalculation, from the kept sums as they were before it."""

    def __init__(self, row: EligibilityRecalculation, changes: NamedChanges, *, at: datetime) -> None:
        self.supplier: Supplier = row.supplier
        self.row, self.changes, self.at = row, changes, at
        self.as_of = supplier_today(supplier=row.supplier, at=at)
        self.in_force: Mapping[str, FundingTerms] = terms_in_force.terms_in_force(supplier=row.supplier, on=self.as_of)
        self.terms: dict[str, Terms] = {currency: terms.record() for currency, terms in self.in_force.items()}
        self.before = debtor_shares.totals(supplier_id=row.pk)

    def evaluate(self) -> _Found | None:
        """Evaluate the debtors of what changed, and those that concentration cuts; None: that is not enough."""
        if (known := self.row.duplicate_ids) is None:
            return None
        duplicates = portfolio_loader.duplicates_of(
            supplier=self.supplier, invoice_ids={*self.changes.invoice_ids, *known}
        )
        touched = {*self.changes.invoice_ids, *(set(duplicates) ^ set(known))}
        named = dict(Invoice.objects.filter(pk__in=touched).order_by().values_list("pk", "buyer_id"))
        buyer_ids = {*self.changes.buyer_ids, *(buyer for buyer in named.values() if buyer is not None)}
        cut = {debtor for currency in self.terms for debtor in self._cut(currency, self.before.get(currency, NOTHING))}
        for _ in range(ROUNDS):
            if len(cut) > MAX_CUT_DEBTORS:
                return None
            scope = Scope(
                buyers_of(supplier=self.supplier, buyer_ids=buyer_ids, keys=cut),
                frozenset(pk for pk, buyer in named.items() if buyer is None),
                duplicates,
            )
            if Invoice.objects.filter(scope.invoices(), supplier=self.supplier).count() > MAX_INVOICES:
                return None
            found, further = self._evaluate(scope)
            if found is None or not further:
                return found
            cut |= further
        return None

    def _evaluate(self, scope: Scope) -> tuple[_Found | None, set[str]]:
        """Evaluate the invoices of `scope`, and name further debtors that concentration cuts by now."""
        loaded = portfolio_loader.load_portfolio(
            supplier=self.supplier,
            terms_by_currency=self.terms,
            as_of=self.as_of,
            at=self.at,
            scope=scope,
        )
        if basis(portfolio=loaded, in_force=self.in_force, as_of=self.as_of) != self.row.basis:
            return None, set()
        debtors = debtors_of(loaded)
        was = debtor_shares.load(supplier_id=self.row.pk, debtors=debtors)
        rest = {currency: one.plus(in_currency(was, currency), sign=-1) for currency, one in self.before.items()}
        portfolio = with_rest(loaded, rest, debtors)
        shares: Shares = {}
        assessments = list(
            evaluation.iter_evaluate(portfolio=portfolio, terms_by_currency=self.terms, as_of=self.as_of, shares=shares)
        )
        rows = debtor_shares.rows_of(shares=shares, used=portfolio.used_by_pair)
        further: set[str] = set()
        for currency, others in rest.items():
            if currency in self.terms and others.candidates:
                after = others.plus(in_currency(rows, currency))
                if self._is_shared_anew(currency, after, portfolio):
                    return None, set()
                further |= self._cut(currency, after) - debtors
        found = _Found(assessments, rows, debtors, progress.duplicate_ids(scope.duplicates))
        return found, further

    def _is_shared_anew(self, currency: str, after: Totals, portfolio: Portfolio) -> bool:
        """Whether every debtor of the currency may have another share: of the supplier's limit, or as the only one."""
        before = self.before[currency]
        limit = portfolio.supplier_limits.get(currency, self.terms[currency].supplier_limit)
        is_short = any(one.for_limit > max(limit - one.used, ZERO) for one in (before, after))
        return is_short or (before.debtors <= 1) != (after.debtors <= 1)

    def _cut(self, currency: str, totals: Totals) -> set[str]:
        """The debtors that concentration cuts, by the kept rows, where these are the totals."""
        if totals.debtors <= 1:
            return set()
        max_amount = most_of_one_debtor(
            totals.left + totals.used, currency=currency, limit_pct=self.terms[currency].concentration_limit_pct
        )
        return debtor_shares.cut_by(supplier_id=self.row.pk, currency=currency, max_amount=max_amount)
