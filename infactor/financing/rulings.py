"""Rulings and deductions as they are kept: compact JSON, and back.

A ruling is [rule, answer, why, found, bound, changes on, names] without the empty end; numbers of money and percent are
text, so that none becomes a float on its way.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from infactor.financing.eligibility import Assessment
from infactor.financing.rules import Answer, Deduction, Number, Rule, Ruling


def dumps(*, assessment: Assessment) -> str:
    """The rulings and deductions of one assessment as JSON text."""
    kept = {
        "rules": [_kept(ruling) for ruling in assessment.rulings],
        "deductions": deductions_as_json(assessment.deductions),
    }
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def deductions_as_json(deductions: Sequence[Deduction]) -> list[list[str]]:
    """[[what, amount], ...], the amounts as text."""
    return [[str(what), str(amount)] for what, amount in deductions]


def deductions_of(kept: Sequence[Sequence[str]]) -> tuple[Deduction, ...]:
    """Deductions out of what `deductions_as_json` made."""
    return tuple(Deduction(what, Decimal(amount)) for what, amount in kept)


def loads(kept: Mapping[str, Any]) -> tuple[tuple[Ruling, ...], tuple[Deduction, ...]]:
    """Rulings and deductions out of the column that holds what `dumps` made; of an empty column, none.

    A rule that is asked no more is passed over.
    """
    known = {rule.value for rule in Rule}
    rulings = tuple(_loaded(*one) for one in kept.get("rules", ()) if one[0] in known) if kept else ()
    return rulings, deductions_of(kept.get("deductions", ())) if kept else ()


def _kept(ruling: Ruling) -> list[Any]:
    values: list[Any] = [
        ruling.rule.value,
        ruling.answer.value,
        str(ruling.why),
        _number(ruling.found),
        _number(ruling.bound),
        ruling.changes_on and ruling.changes_on.isoformat(),
        list(ruling.names),
    ]
    # A zero that was measured is kept.
    while values[-1] is None or values[-1] == "" or values[-1] == []:
        values.pop()
    return values


def _number(number: Number | None) -> str | int | None:
    return str(number) if isinstance(number, Decimal) else number


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
