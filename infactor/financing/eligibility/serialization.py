"""Rulings and deductions as they are kept: compact JSON, and back.

A ruling is [rule, answer, why, found, bound, changes on, names] without the empty end; numbers of money and percent are
text, so that none becomes a float on its way.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.rules.catalogue import (
    Answer,
    Deduction,
    Rule,
    Ruling,
)


def dumps(*, assessment: Assessment) -> str:
    """The rulings and deductions of one assessment as JSON text."""
    kept = {"rules": [_kept(ruling) for ruling in assessment.rulings], "deductions": assessment.deductions}
    return msgspec.json.encode(kept).decode()


def deductions_of(kept: Sequence[Sequence[str]]) -> tuple[Deduction, ...]:
    """Deductions out of their kept form: [[what, amount], ...], the amounts as text."""
    return tuple(Deduction(what, Decimal(amount)) for what, amount in kept)


def loads(kept: Mapping[str, Any]) -> tuple[tuple[Ruling, ...], tuple[Deduction, ...]]:
    """Rulings and deductions out of the column that holds what `dumps` made; of an empty column, none.

    A rule that is asked no more is passed over.
    """
    known = {rule.value for rule in Rule}
    rulings = tuple(_loaded(*one) for one in kept.get("rules", ()) if one[0] in known) if kept else ()
    return rulings, deductions_of(kept.get("deductions", ())) if kept else ()


def _kept(ruling: Ruling) -> tuple[object, ...]:
    """Without what says nothing at its end. A zero was measured, and is kept."""
    if ruling.names:
        return ruling
    if ruling.changes_on is not None:
        return ruling[:6]
    if ruling.bound is not None:
        return ruling[:5]
    if ruling.found is not None:
        return ruling[:4]
    return ruling[:3] if ruling.why else ruling[:2]


def _loaded(
    rule: str,
    answer: str,
    why: str = "",
    found: str | int | None = None,
    bound: str | int | None = None,
    changes_on: str | None = None,
    names: Sequence[str] = (),
) -> Ruling:
    return Ruling(
        Rule(rule),
        Answer(answer),
        why,
        Decimal(found) if isinstance(found, str) else found,
        Decimal(bound) if isinstance(bound, str) else bound,
        date.fromisoformat(changes_on) if changes_on else None,
        tuple(names),
    )
