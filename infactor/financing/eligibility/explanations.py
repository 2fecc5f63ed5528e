"""What a ruling says in plain sentences: to the supplier without anything of others, to staff with all workings."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import dateformat

from infactor.core import money
from infactor.financing.eligibility.evaluation import NO, Assessment
from infactor.financing.eligibility.explanation_texts import CURES, SENTENCES
from infactor.financing.eligibility.rules.catalogue import (
    DEDUCTIONS,
    RULES,
    Answer,
    Number,
    Rule,
    Ruling,
    Unit,
)
from infactor.financing.eligibility.rules.invoice import APPROVED

READY = "It can be financed."
LOUD = (Answer.FAIL, Answer.ONE_STEP)
# Titles of rules speak to the supplier.
FOR_STAFF = {
    Rule.SUPPLIER_LIMIT: "Supplier's limit",
    Rule.PAIR_LIMIT: "Limit of supplier and buyer",
    Rule.CONTRA: "What the supplier owes the buyer",
}
ANSWERS = {Answer.ONE_STEP: "after one step", Answer.UNKNOWN: "not known"}


def sentence(ruling: Ruling, *, currency: str) -> str:
    """One ruling for the supplier, amounts in `currency`, the currency of its invoice."""
    if ruling.why == APPROVED:
        return "Approved by our staff."
    return _said(ruling, currency=currency)


def cure(ruling: Ruling, *, currency: str) -> str:
    """What would make it pass, for the supplier; empty where it passes, or where nothing but a new invoice would."""
    if ruling.answer not in LOUD and ruling.why != "cut":
        return ""
    table = CURES.get(ruling.rule, {})
    found = table.get(ruling.why, table.get("", ""))
    if "{names}" in found and not ruling.names:
        return table.get("nobody", "")
    return found.format_map(_values(ruling, currency=currency))


def main_sentence(assessment: Assessment) -> str:
    """The one sentence that a supplier reads first: what decides."""
    return first_sentence(assessment.rulings, currency=assessment.currency)


def first_sentence(rulings: Sequence[Ruling], *, currency: str) -> str:
    """The same of rulings that were kept."""
    for answer in LOUD:
        for ruling in rulings:
            if ruling.answer is answer:
                return sentence(ruling, currency=currency)
    return READY


def outlook(*, verdict: str, changes_on: date | None, today: date) -> str:
    """What time alone will do, for the supplier: "After 6 days it can no longer be financed."; empty for nothing."""
    if changes_on is None:
        return ""
    left = (changes_on - today).days
    if verdict == NO:
        when = "Tomorrow" if left == 1 else f"In {left} days"
        return f"{when} this stands in its way no more." if left > 0 else ""
    if left <= 0:
        return "From today on it can no longer be financed."
    when = "From tomorrow on" if left == 1 else f"After {left} days"
    return f"{when} it can no longer be financed."


def deduction(what: str) -> str:
    """The name of a line between face and base, for both sides."""
    return DEDUCTIONS.get(what, "Other")


def title_for_staff(rule: str) -> str:
    """The title of a rule that may be gone from the code by now."""
    return FOR_STAFF.get(Rule(rule), RULES[Rule(rule)].title) if rule in set(Rule) else rule


def workings(ruling: Ruling, *, currency: str) -> tuple[str, str, str, str, str, str]:
    """For staff: rule, answer, what was measured, by what, when that changes, and every name and reason behind it."""
    unit = RULES[ruling.rule].unit
    behind = [ruling.why.replace("_", " ")] if ruling.why else []
    behind += ruling.names
    return (
        title_for_staff(ruling.rule.value),
        ANSWERS.get(ruling.answer, ruling.answer.value),
        _number(ruling.found, unit, currency),
        _number(ruling.bound, unit, currency),
        _day(ruling.changes_on) if ruling.changes_on else "",
        "; ".join(behind),
    )


def _said(ruling: Ruling, *, currency: str) -> str:
    table = SENTENCES[ruling.rule]
    # A limit that depends on the others is not worked out for an invoice that is kept out before it.
    unmeasured = [f"{ruling.answer} unmeasured"] if ruling.bound is None else []
    for key in (f"{ruling.answer} {ruling.why}", *unmeasured, ruling.answer.value):
        if key in table:
            return table[key].format_map(_values(ruling, currency=currency))
    return RULES[ruling.rule].title


def _values(ruling: Ruling, *, currency: str) -> dict[str, str]:
    unit = RULES[ruling.rule].unit
    missing = ruling.bound - ruling.found if ruling.found is not None and ruling.bound is not None else None
    return {
        "why": ruling.why,
        "found": _number(ruling.found, unit, currency),
        "bound": _number(ruling.bound, unit, currency),
        "missing": _number(missing, unit, currency),
        "names": _listed(ruling.names),
        "are": "is" if len(ruling.names) == 1 else "are",
        "moment": _moment(ruling.names[0]) if ruling.rule is Rule.FRESHNESS and ruling.names else "",
    }


def _number(number: Number | None, unit: Unit, currency: str) -> str:
    if number is None:
        return ""
    if unit is Unit.DAYS:
        return "1 day" if number == 1 else f"{number} days"
    if unit is Unit.COUNT:
        return "1 paid invoice" if number == 1 else f"{number} paid invoices"
    if unit is Unit.PERCENT:
        whole = f"{number:f}"
        return f"{whole.rstrip('0').rstrip('.') if '.' in whole else whole} %"
    return money.text(number, currency) if not isinstance(number, int) else str(number)


def _listed(names: tuple[str, ...]) -> str:
    """ "A", "A and B", "A, B and C": an invoice without a number is called so."""
    shown = [name or "an invoice without a number" for name in names]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _day(day: date) -> str:
    return str(dateformat.format(day, "M j, Y"))


def _moment(iso: str) -> str:
    moment = datetime.fromisoformat(iso)
    return f"{dateformat.format(moment, 'M j, Y, H:i')} UTC"
