"""What became of each difference once its object was read again: healed, changed, named, refused, or open. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quickbooks_app.completeness.comparison import Difference, Kind
from quickbooks_app.completeness.stored_receivables import ObjectKey, StoredReceivables
from quickbooks_app.models import CompletenessLine

Outcome = CompletenessLine.Outcome
RESOLUTION = timedelta(seconds=1)  # of QuickBooks' timestamps
LAG = timedelta(minutes=1)  # by which QuickBooks' report may be behind its objects


@dataclass(frozen=True)
class Moments:
    """The clocks of a check: the books were read up to `as_of`, and `reported` is when QuickBooks made the report."""

    as_of: datetime | None
    reported: datetime


@dataclass(frozen=True)
class EvaluatedDifference:
    """A difference with what became of it."""

    difference: Difference
    outcome: Outcome


def evaluate(
    *,
    before: Sequence[Difference],
    after: Sequence[Difference],
    stored: StoredReceivables,
    moments: Moments,
    read_again: Collection[ObjectKey],
    with_issue: Collection[ObjectKey],
    refused: Collection[ObjectKey],
    seen_before: Collection[tuple[str, ...]],
) -> list[EvaluatedDifference]:
    """Every difference of `before` and `after`, which were found before and after the objects were read again.

    `read_again` are those objects, `with_issue` those of them that did not arrive or cannot be read, `refused` all
    that QuickBooks is known to refuse, and `seen_before` the keys of the differences that the previous check left: what
    repeats is no coincidence.
    """
    still = {_identity(one) for one in after}
    healed = [
        EvaluatedDifference(one, _healed(one, stored=stored, moments=moments))
        for one in before
        if one.kind != Kind.ENTRY and _identity(one) not in still
    ]
    moved = {one.customer for one in after if _has_moved(one, moments)}
    remaining = []
    for one in after:
        if one.kind == Kind.ENTRY:
            outcome = Outcome.NAMED
        elif one.object_key in refused:
            outcome = Outcome.REFUSED
        elif one.key in seen_before:
            outcome = Outcome.OPEN
        elif _has_moved(one, moments) or (one.kind == Kind.BALANCE and one.customer in moved):
            outcome = Outcome.CHANGED
        elif one.kind == Kind.MISSING_HERE and one.object_key in read_again and one.object_key not in with_issue:
            outcome = Outcome.CHANGED  # QuickBooks no longer has it: it was deleted after the report was made
        else:
            outcome = Outcome.OPEN
        remaining.append(EvaluatedDifference(one, outcome))
    return [*remaining, *healed]


def _identity(one: Difference) -> tuple[str, ...]:
    """An object stays the same difference if its kind has changed: it was missing, and now has another amount."""
    kind = one.kind.value if one.kind in (Kind.BALANCE, Kind.UNNAMED, Kind.ACCOUNT) else ""
    return (kind, one.entity, one.qbk_id, one.customer if kind else "")


def _has_moved(one: Difference, moments: Moments) -> bool:
    """Whether the stored object changed in QuickBooks too late for the report."""
    return one.changed_at is not None and one.changed_at >= moments.reported - LAG


def _healed(one: Difference, *, stored: StoredReceivables, moments: Moments) -> Outcome:
    """Whether a sync had missed the change, or it came after the last sync. When a document was deleted is not known:
    it counts as missed."""
    if one.kind == Kind.MISSING_THERE:
        return Outcome.HEALED
    changed_at: Mapping[ObjectKey, datetime | None] = {key: held.changed_at for key, held in stored.documents.items()}
    if one.kind == Kind.BALANCE:
        held = stored.balances.get(one.customer)
        moment = held.changed_at if held is not None else None
    else:
        moment = changed_at.get((one.entity, one.qbk_id))
    is_later = moment is not None and moments.as_of is not None and moment > moments.as_of - RESOLUTION
    return Outcome.CHANGED if is_later else Outcome.HEALED
