"""Results in sentences: for suppliers, without anything about others, and for staff, with the whole calculation."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from infactor.core import money
from infactor.core.dates import format_day, format_moment
from infactor.financing.eligibility.catalogue import RULES, Outcome, Rule, Unit
from infactor.financing.eligibility.evaluation import INELIGIBLE, Assessment
from infactor.financing.eligibility.results import (
    DEDUCTION_LABELS,
    OVERRIDDEN,
    REDUCED,
    Number,
    RuleResult,
    first_blocker,
)

ELIGIBLE_TEXT = gettext_lazy("It can be financed.")
BLOCKING = (Outcome.FAIL, Outcome.NEEDS_ACTION)
STAFF_OUTCOMES = {Outcome.NEEDS_ACTION: "needs action", Outcome.UNKNOWN: "not known"}


def sentence(result: RuleResult, *, currency: str) -> str:
    """One result for the supplier, amounts in `currency`, the currency of the invoice."""
    if result.reason == OVERRIDDEN:
        return _("Approved by our staff.")
    text = RULES[result.rule].sentence(result.outcome, result.reason)
    return text.format_map(_values(result, currency=currency))


def remedy(result: RuleResult, *, currency: str, is_by_hand: bool = False) -> str:
    """What would make it pass, for the supplier; empty where it passes in full, or where nobody can do anything.

    What is wrong with an invoice that `is_by_hand` is corrected where it was entered, else in the books.
    """
    if result.outcome not in BLOCKING and result.reason != REDUCED:
        return ""
    text = RULES[result.rule].remedy(result.reason, names_invoices=bool(result.details), is_by_hand=is_by_hand)
    return text.format_map(_values(result, currency=currency))


def explanation(assessment: Assessment) -> str:
    """The one sentence that a supplier reads first: what decides."""
    return explain_results(assessment.results, currency=assessment.currency)


def explain_results(results: Sequence[RuleResult], *, currency: str) -> str:
    """The same for stored results."""
    blocker = first_blocker(results)
    return sentence(blocker, currency=currency) if blocker else str(ELIGIBLE_TEXT)


def outlook(*, decision: str, next_change_on: date | None, today: date) -> str:
    """What time alone will do, for the supplier: "You can finance it until Dec 18, 2026."; empty for nothing."""
    if next_change_on is None:
        return ""
    days_left = (next_change_on - today).days
    if decision == INELIGIBLE:
        text = _("You can finance it from %(day)s, if nothing else changes.")
        return text % {"day": format_day(next_change_on)} if days_left > 0 else ""
    if days_left <= 0:
        return _("You can no longer finance it.")
    if days_left == 1:
        return _("Today is the last day on which you can finance it.")
    return _("You can finance it until %(day)s.") % {"day": format_day(next_change_on - timedelta(days=1))}


def deduction_label(what: str) -> str:
    """The name of a line between face and base, for suppliers and staff."""
    return str(DEDUCTION_LABELS.get(what) or _("Other"))


def staff_title(rule: str) -> str:
    """The title of a rule as staff read it; the code itself for a stored rule that no longer exists."""
    if rule not in set(Rule):
        return rule
    record = RULES[Rule(rule)]
    return str(record.staff_title or record.title)


def calculation_row(result: RuleResult, *, currency: str) -> tuple[str, str, str, str, str, str]:
    """For staff: rule, outcome, what was measured, the limit, when that changes, and the reason with its details."""
    unit = RULES[result.rule].unit
    behind = [result.reason.replace("_", " ")] if result.reason else []
    behind += result.details
    return (
        staff_title(result.rule.value),
        STAFF_OUTCOMES.get(result.outcome, result.outcome.value),
        _number(result.actual, unit, currency),
        _number(result.limit, unit, currency),
        _day(result.next_change_on) if result.next_change_on else "",
        "; ".join(behind),
    )


def _values(result: RuleResult, *, currency: str) -> dict[str, str]:
    """The placeholders of the texts of RuleRecord."""
    unit = RULES[result.rule].unit
    missing = result.limit - result.actual if result.actual is not None and result.limit is not None else None
    return {
        "currency": currency,
        "actual": _number(result.actual, unit, currency),
        "limit": _number(result.limit, unit, currency),
        "missing": _number(missing, unit, currency),
        "invoices": _enumeration(result.details),
        "are": ngettext("is", "are", len(result.details)),
        "moment": _moment(result.details[0]) if result.rule is Rule.FRESHNESS and result.details else "",
    }


def _number(number: Number | None, unit: Unit, currency: str) -> str:
    if number is None:
        return ""
    if unit is Unit.DAYS:
        return ngettext("%(count)s day", "%(count)s days", int(number)) % {"count": number}
    if unit is Unit.PAID_INVOICES:
        return ngettext("%(count)s paid invoice", "%(count)s paid invoices", int(number)) % {"count": number}
    if unit is Unit.PERCENT:
        whole = f"{number:f}"
        return f"{whole.rstrip('0').rstrip('.') if '.' in whole else whole}%"
    return money.format_amount(number, currency) if not isinstance(number, int) else str(number)


def _enumeration(numbers: tuple[str, ...]) -> str:
    """ "A", "A and B", "A, B and C"."""
    shown = [number or _("an invoice without a number") for number in numbers]
    if len(shown) < 2:
        return "".join(shown)
    return _("%(several)s and %(last)s") % {"several": ", ".join(shown[:-1]), "last": shown[-1]}


def _day(day: date) -> str:
    return format_day(day)


def _moment(iso: str) -> str:
    moment = datetime.fromisoformat(iso)
    return f"{format_moment(moment)} UTC"
