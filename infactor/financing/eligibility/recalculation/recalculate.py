"""Recalculation: evaluate every invoice of one supplier and store what has changed."""

import time
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from infactor.financing import terms_in_force
from infactor.financing.eligibility import evaluation, portfolio_loader
from infactor.financing.eligibility.portfolio import Shares
from infactor.financing.eligibility.recalculation import debtor_shares, progress, storage
from infactor.financing.eligibility.recalculation.basis import basis
from infactor.financing.eligibility.recalculation.progress import RecalculationResult
from infactor.financing.models import EligibilityRecalculation
from infactor.financing.value_dates import supplier_today
from infactor.invoices.ingest import revisions
from infactor.suppliers.models import Supplier


def recalculate(*, supplier_id: int, at: datetime) -> RecalculationResult:
    """Evaluate every invoice of a supplier, and store each assessment that is not the same as before.

    Of two at once, the second returns without doing anything; what changes meanwhile makes the supplier due again.
    """
    started = time.perf_counter()
    EligibilityRecalculation.objects.get_or_create(supplier_id=supplier_id)
    with transaction.atomic():
        if not progress.try_lock(supplier_id):
            return RecalculationResult()
        supplier = Supplier.objects.get(pk=supplier_id)
        # The versions are read before the data: whatever changes in between makes the supplier due again.
        version = EligibilityRecalculation.objects.values_list("requested_version", flat=True).get(pk=supplier_id)
        read = revisions.by_file(supplier=supplier)
        as_of = supplier_today(supplier=supplier, at=at)
        in_force = terms_in_force.terms_in_force(supplier=supplier, on=as_of)
        terms_by_currency = {currency: terms.record() for currency, terms in in_force.items()}
        portfolio = portfolio_loader.load_portfolio(
            supplier=supplier, terms_by_currency=terms_by_currency, as_of=as_of, at=at
        )
        shares: Shares = {}
        assessments = evaluation.iter_evaluate(
            portfolio=portfolio, terms_by_currency=terms_by_currency, as_of=as_of, shares=shares
        )
        evaluated, written = storage.store(supplier_id=supplier_id, assessments=assessments, as_of=as_of, at=at)
        debtor_shares.save(
            supplier_id=supplier_id, rows=debtor_shares.rows_of(shares=shares, used=portfolio.used_by_pair)
        )
        seconds = Decimal(str(time.perf_counter() - started)).quantize(Decimal("0.001"))
        is_up_to_date = progress.save(
            supplier_id,
            version=version,
            revisions=read,
            as_of=as_of,
            computed_at=at,
            duration_seconds=seconds,
            basis=basis(portfolio=portfolio, in_force=in_force, as_of=as_of),
            duplicate_ids=progress.duplicate_ids(portfolio.duplicates),
        )
    return RecalculationResult(evaluated=evaluated, written=written, seconds=seconds, is_up_to_date=is_up_to_date)
