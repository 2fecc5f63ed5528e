"""Results of the rules for one invoice, and the lines between its face and its base. Plain values."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from infactor.financing.eligibility.catalogue import LIMIT_RULES, RULES, Outcome, Rule

Number = Decimal | int

# Reasons that several rules share.
OVERRIDDEN = "overridden"
REDUCED = "reduced"
# What a rule would have to know has not been read.
NOT_READ = "payables_not_read"

# Deductions that are no rule's.
TAX, NOT_CONFIRMED, EXCLUDED = "tax", "not_confirmed", "excluded"
DEDUCTION_LABELS = {
    TAX: _("Sales tax"),
    NOT_CONFIRMED: _("Not confirmed by the buyer"),
    **{rule.value: record.deduction_label for rule, record in RULES.items() if record.deduction_label},
    EXCLUDED: _("Cannot be financed"),
}


class RuleResult(NamedTuple):
    """How one rule came out for one invoice.

    `actual` is what was measured and `limit` what it was compared with, in the rule's unit. `reason` is a code that
    tells apart why a rule came out so. `details` are numbers of invoices whose payment would help, or what only staff
    may read (duplicates). On `next_change_on` time alone changes the outcome; None: it never does.
    """

    rule: Rule
    outcome: Outcome
    reason: str = ""
    actual: Number | None = None
    limit: Number | None = None
    next_change_on: date | None = None
    details: tuple[str, ...] = ()


class Deduction(NamedTuple):
    """One line between face and base: what for (a key of DEDUCTION_LABELS), and how much, above zero."""

    what: str
    amount: Decimal


class Reduction(NamedTuple):
    """What a rule about the buyer or the supplier as a whole takes off one invoice.

    `actual` is how much of the limit is used, or the sum of credits; `invoice_numbers` are the financed invoices that
    use it. `amount` may be more than is left of the invoice, and is never below zero. `skip_reason` says why the rule
    took nothing without a look at the limit.
    """

    rule: Rule
    amount: Decimal
    actual: Decimal
    limit: Decimal | None = None
    invoice_numbers: tuple[str, ...] = ()
    skip_reason: str = ""


def cut_by_limits(deductions: Iterable[Deduction]) -> Decimal:
    """What limits and concentration took off: the fee is charged on the rest, in proportion."""
    return sum((one.amount for one in deductions if one.what in LIMIT_RULES), Decimal(0))


def first_blocker(results: Sequence[RuleResult]) -> RuleResult | None:
    """The result that decides: the first that fails, else the first that needs an action; None: nothing blocks.

    The supplier's application comes before everything else, whether it waits for the supplier or for staff.
    """
    for result in results:
        if result.rule is Rule.APPLICATION and result.outcome is not Outcome.PASS:
            return result
    for outcome in (Outcome.FAIL, Outcome.NEEDS_ACTION):
        for result in results:
            if result.outcome is outcome:
                return result
    return None
