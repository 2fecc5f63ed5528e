"""Results of a completeness check: its lines and totals, and what follows from a difference that stays.

A difference that is new opens a reading of everything. One that has stayed after that becomes an import issue. One of
an object that QuickBooks refuses to give out does neither: an import issue names the object already.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from quickbooks_app.completeness import checks
from quickbooks_app.completeness.comparison import Comparison, Difference, Kind, difference_key
from quickbooks_app.completeness.difference_issues import close_others, record_differences
from quickbooks_app.completeness.outcomes import EvaluatedDifference, Outcome
from quickbooks_app.completeness.receivables_report import ReceivablesReport
from quickbooks_app.models import CompletenessCheck, CompletenessLine

State = CompletenessCheck.State
FULL_READ_INTERVAL = timedelta(days=7)
MAX_LINES = 500  # of one check; those that still differ come first
ORDER = (Outcome.OPEN, Outcome.REFUSED, Outcome.HEALED, Outcome.NAMED, Outcome.CHANGED)
ZERO = Decimal(0)


def keys_left_by(previous: CompletenessCheck | None, *, outcomes: Sequence[Outcome]) -> set[tuple[str, ...]]:
    """The keys of the differences that a check left with one of `outcomes`."""
    if previous is None:
        return set()
    rows = previous.lines.filter(outcome__in=outcomes)
    return {
        difference_key(*row)
        for row in rows.values_list("kind", "entity", "qbk_id", "customer_reference", "theirs", "ours")
    }


def save_comparison(
    *,
    check: CompletenessCheck,
    owner: str,
    report: ReceivablesReport,
    comparison: Comparison,
    evaluated: Sequence[EvaluatedDifference],
    account_total: Decimal,
    at: datetime,
) -> None:
    """End a check that compared every document. Raises checks.LeaseLost."""
    everything = [*evaluated]
    if account_total != report.total:
        between = account_difference(check, theirs=account_total, ours=report.total, currency=report.currency)
        everything.append(EvaluatedDifference(between, Outcome.OPEN))
    _save(
        check=check,
        owner=owner,
        evaluated=everything,
        at=at,
        reported_at=report.time,
        currency=report.currency,
        account_total=account_total,
        report_total=report.total,
        our_total=comparison.our_total,
        entries_total=comparison.entries_total,
        documents=comparison.documents,
        by_total_only=False,
    )


def save_total(
    *, check: CompletenessCheck, owner: str, account_total: Decimal, our_total: Decimal, at: datetime
) -> None:
    """End a check of a company that is too large for the report: the totals alone are compared."""
    currency = check.connection.company_file.home_currency
    evaluated = []
    if account_total != our_total:
        between = account_difference(check, theirs=account_total, ours=our_total, currency=currency, kind=Kind.UNNAMED)
        evaluated = [EvaluatedDifference(between, Outcome.OPEN)]
    _save(
        check=check,
        owner=owner,
        evaluated=evaluated,
        at=at,
        currency=currency,
        account_total=account_total,
        our_total=our_total,
        by_total_only=True,
    )


def account_difference(
    check: CompletenessCheck, *, theirs: Decimal, ours: Decimal, currency: str, kind: Kind = Kind.ACCOUNT
) -> Difference:
    """The receivables accounts in the trial balance, beside the sum of the documents."""
    return Difference(
        kind=kind,
        entity="Account",
        qbk_id=check.accounts[0] if len(check.accounts) == 1 else "",
        number="",
        customer="",
        customer_name="",
        currency=currency,
        theirs=theirs,
        ours=ours,
        home_difference=theirs - ours,
    )


def _save(
    *,
    check: CompletenessCheck,
    owner: str,
    evaluated: Sequence[EvaluatedDifference],
    at: datetime,
    by_total_only: bool,
    **totals: Any,
) -> None:
    remaining = [one.difference for one in evaluated if one.outcome == Outcome.OPEN]
    refused = [one.difference for one in evaluated if one.outcome == Outcome.REFUSED]
    # Sums could hide a document too much and one too little, so each counts by its size.
    unexplained = sum((abs(one.home_difference) for one in remaining if one.kind in (Kind.UNNAMED, Kind.ACCOUNT)), ZERO)
    needs_full_read = bool(remaining) and not by_total_only and _is_worth_a_full_read(check, remaining, at=at)
    with transaction.atomic():
        checks.finish(
            check=check,
            owner=owner,
            at=at,
            state=State.DIFFERENT if remaining or refused else State.COMPLETE,
            refused_total=sum((one.home_difference for one in refused), ZERO),
            unexplained=unexplained,
            differences=len(remaining) + len(refused),
            healed=sum(one.outcome == Outcome.HEALED for one in evaluated),
            accounts=check.accounts,
            by_total_only=by_total_only,
            needs_full_read=needs_full_read,
            **totals,
        )
        CompletenessCheck.objects.filter(
            connection=check.connection_id, pk__lt=check.pk, needs_full_read=True, full_read__isnull=True
        ).update(needs_full_read=False)
        ordered = sorted(evaluated, key=lambda one: ORDER.index(one.outcome))[:MAX_LINES]
        CompletenessLine.objects.bulk_create(_line(check, one) for one in ordered)
        if remaining and not needs_full_read:
            record_differences(connection=check.connection, differences=remaining, at=at)
        else:
            close_others(connection=check.connection, keep=remaining, at=at)


def _is_worth_a_full_read(check: CompletenessCheck, remaining: Sequence[Difference], *, at: datetime) -> bool:
    """Whether to read everything: what differs is new, and nothing was read for a difference lately. It costs as many
    calls as a first import."""
    recent = CompletenessCheck.objects.filter(
        connection=check.connection_id, full_read__isnull=False, finished_at__gt=at - FULL_READ_INTERVAL
    )
    left = keys_left_by(checks.previous_compared(check), outcomes=[Outcome.OPEN])
    return not {one.key for one in remaining} <= left and not recent.exists()


def _line(check: CompletenessCheck, evaluated: EvaluatedDifference) -> CompletenessLine:
    one = evaluated.difference
    return CompletenessLine(
        completeness_check=check,
        kind=one.kind,
        outcome=evaluated.outcome,
        entity=one.entity[:60],
        qbk_id=one.qbk_id,
        number=one.number,
        customer_reference=one.customer,
        customer_name=one.customer_name,
        currency=one.currency,
        theirs=one.theirs,
        ours=one.ours,
    )
