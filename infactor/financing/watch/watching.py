"""The watch of one supplier: compare its funded invoices with the books, and keep the cases of what differs."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from infactor.core.dates import format_day
from infactor.financing import locks
from infactor.financing.eligibility import recalculation
from infactor.financing.models import (
    OUTSTANDING_STATUSES,
    Advance,
    BooksWatch,
    Case,
    EligibilityRecalculation,
)
from infactor.financing.value_dates import supplier_today
from infactor.financing.watch import case_rows, differences, evidence
from infactor.financing.watch.evidence import SETTLING_TIME, Evidence, WatchedAdvance
from infactor.financing.watch.matching import Doubt, Explained, explain
from infactor.financing.watch.payments_and_receipts import BookedPayment, Claim
from infactor.invoices.ingest import revisions
from infactor.invoices.models import CompanyFile
from infactor.suppliers.models import Supplier

RECHECK_WAITING = timedelta(hours=1)  # a payment that waits to be matched may turn out to be another supplier's


def suppliers_due(*, at: datetime, supplier_ids: Collection[int] | None = None) -> list[int]:
    """Suppliers (all, or of these) with funded invoices whose books, own payments or deadlines moved on. One query."""
    outstanding = Advance.objects.filter(supplier=OuterRef("pk"), status__in=OUTSTANDING_STATUSES)
    revision = Subquery(
        CompanyFile.objects.filter(supplier=OuterRef("pk"))
        .order_by()
        .values("supplier")
        .annotate(sum=Sum("revision"))
        .values("sum")
    )
    rows = Supplier.objects.annotate(
        revision=Coalesce(revision, Value(0)),
        own=Coalesce(F("eligibility_recalculation__requested_version"), Value(0)),
    )
    if supplier_ids is not None:
        rows = rows.filter(pk__in=supplier_ids)
    is_due = (
        Q(books_watch=None)
        | ~Q(books_watch__books_revision=F("revision"))
        | ~Q(books_watch__own_version=F("own"))
        | Q(books_watch__look_again_at__lte=at)
    )
    return list(rows.filter(Exists(outstanding)).filter(is_due).order_by("pk").values_list("pk", flat=True))


def watch(*, supplier_id: int, at: datetime) -> int:
    """Compare every funded invoice of a supplier with what was bought. Returns how many cases changed.

    In one transaction, under the supplier's lock. Comparing the same books again writes nothing but the watch itself.
    """
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=supplier_id)
        # Both versions are read before the data: whatever changes in between makes the supplier due again.
        revision = revisions.total(supplier=supplier)
        own = EligibilityRecalculation.objects.filter(pk=supplier_id).values_list("requested_version", flat=True)
        own_version = own.first() or 0
        known = evidence.load(supplier=supplier, at=at)
        cases = _cases([one.advance for one in known.advances])
        holding, before = _holding(cases.values()), _states(cases)
        explained = explain(
            claims=known.claims,
            receipts=known.receipts,
            tolerance=evidence.tolerance(),
            promised={advance for advance, kind in cases if _is_promised(cases[advance, kind])},
        )
        evidence.add_excess_credit(known=known, explained=explained, supplier=supplier)
        look_again = [at + RECHECK_WAITING] if explained.needs_waiting else []
        astray = _astray_by_advance(known, explained)
        for one in known.advances:
            _watch_changes(one, cases, look_again, at=at)
            _watch_payments(one, cases, astray.get(one.advance.pk, ()), look_again, at=at)
        BooksWatch.objects.update_or_create(
            supplier=supplier,
            defaults={
                "books_revision": revision,
                "own_version": own_version,
                "look_again_at": min(look_again, default=None),
                "watched_at": at,
            },
        )
        if _holding(cases.values()) != holding:
            recalculation.request_recalculation(supplier_ids=[supplier_id])
        return sum(before.get(key) != state for key, state in _states(cases).items())


def _cases(advances: Sequence[Advance]) -> dict[tuple[int, str], Case]:
    """The cases of the watch, locked, by advance and kind."""
    rows = Case.objects.select_for_update(of=("self",)).filter(
        advance__in=[one.pk for one in advances], kind__in=[Case.Kind.CHANGED, Case.Kind.MISDIRECTED]
    )
    found = {}
    by_key = {one.pk: one for one in advances}
    for case in rows.select_related("supplier").order_by("pk"):
        case.advance = by_key[case.advance_id]
        found[case.advance_id, case.kind] = case
    return found


def _holding(cases: Any) -> set[int]:
    return {case.advance_id for case in cases if case.holds_offers}


def _states(cases: Mapping[tuple[int, str], Case]) -> dict[tuple[int, str], Any]:
    return {key: (one.revision, one.closed_at, one.differences) for key, one in cases.items()}


def _watch_changes(
    one: WatchedAdvance, cases: dict[tuple[int, str], Case], look_again: list[datetime], *, at: datetime
) -> None:
    around = one.around
    if differences.needs_time(bought=one.bought, now=one.now, around=around):
        look_again.append(at + SETTLING_TIME)
    _keep(
        one,
        cases,
        Case.Kind.CHANGED,
        differences.compare(bought=one.bought, now=one.now, around=around),
        outcome=Case.Outcome.RESTORED,
        at=at,
    )


def _is_promised(case: Case) -> bool:
    return case.kind == Case.Kind.MISDIRECTED and case.closed_at is None and case.promised_at is not None


def _astray_by_advance(known: Evidence, explained: Explained) -> dict[int, list[dict[str, Any]]]:
    """What the case of each advance has to say about payments that nothing explains.

    One that lies on no invoice is said of one advance only: the first that is owed for and has none yet. Once the buyer
    owes nothing any more, nothing is missing, whatever the supplier's books say.
    """
    owing = {one.advance.pk: one for one in known.advances if one.receivable > 0}
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for claim, doubt in explained.left:
        possible = [pk for pk in owing if pk in claim.advances] if claim.is_meant else []
        if not possible:
            continue
        of_amount = [pk for pk in possible if claim.payment.is_applied or _is_owed(owing[pk], claim)] or possible
        pk = min(of_amount, key=lambda one: len(found[one]))
        found[pk].append(_astray(claim.payment, owing[pk].advance.currency, note=_note(claim, doubt, known)))
    return found


def _is_owed(one: WatchedAdvance, claim: Claim) -> bool:
    near = evidence.tolerance().amount
    return any(
        abs(claim.payment.unapplied - amount) <= near for amount in (one.bought.balance, one.receivable) if amount
    )


def _note(claim: Claim, doubt: Doubt | None, known: Evidence) -> str:
    """Why it may be a payment that we have, in a sentence; empty where it may not."""
    if doubt is None or doubt.received is None:
        return ""
    day = format_day(doubt.received.value_date)
    if doubt.is_own:
        return f"This may be the payment that we received on {day} and entered in these books ourselves."
    other = known.numbers.get(doubt.other or 0, "")
    if doubt.received.is_waiting:
        return f"We received one such payment on {day}. It may be this one or that on invoice {other}."
    return f"This may be the payment that we received on {day} for invoice {other}."


def _watch_payments(
    one: WatchedAdvance,
    cases: dict[tuple[int, str], Case],
    astray: Sequence[dict[str, Any]],
    look_again: list[datetime],
    *,
    at: datetime,
) -> None:
    """Keep the case of payments that went to the supplier. What may be ours all the same never becomes severe."""
    case = cases.get((one.advance.pk, Case.Kind.MISDIRECTED))
    is_promised = case is not None and _is_promised(case)
    day = supplier_today(supplier=one.advance.supplier, at=at)
    is_late = case is not None and case.closed_at is None and day > answer_by(case)
    found = [
        {**difference, "severity": differences.SEVERE if is_late and not difference["note"] else differences.MINOR}
        for difference in astray
    ]
    kept = _keep(
        one,
        cases,
        Case.Kind.MISDIRECTED,
        found,
        outcome=Case.Outcome.FORWARDED if is_promised else Case.Outcome.EXPLAINED,
        at=at,
    )
    if kept is not None and kept.closed_at is None and not is_late:
        next_day = answer_by(kept) + timedelta(days=1)
        look_again.append(datetime.combine(next_day, time.min, tzinfo=one.advance.supplier.zone))


def answer_by(case: Case) -> Any:
    """The last day of the supplier: for the money it promised, else for an answer. After that the case is severe."""
    if case.forward_by is not None:
        return case.forward_by
    return supplier_today(supplier=case.supplier, at=case.opened_at) + timedelta(days=settings.WATCH_ANSWER_DAYS)


def _keep(
    one: WatchedAdvance,
    cases: dict[tuple[int, str], Case],
    kind: str,
    found: list[dict[str, Any]],
    *,
    outcome: str,
    at: datetime,
) -> Case | None:
    key = (one.advance.pk, kind)
    kept = case_rows.keep(advance=one.advance, case=cases.get(key), kind=kind, found=found, at=at, outcome=outcome)
    if kept is not None:
        cases[key] = kept
    return kept


def _astray(payment: BookedPayment, currency: str, *, note: str) -> dict[str, Any]:
    amount = "an amount that cannot be read" if payment.amount is None else f"{payment.amount:,.2f} {currency}"
    day = f" received {format_day(payment.paid_on)}" if payment.paid_on else ""
    number = f", number {payment.number}" if payment.number else ""
    applied = "" if payment.is_applied else ", on no invoice yet"
    return {
        "field": f"Payment {payment.reference}",
        "bought": differences.NONE,
        "now": f"Payment of {amount}{day}{number}{applied}",
        "note": note,
        "amount": f"{payment.amount or 0:.2f}",
    }
