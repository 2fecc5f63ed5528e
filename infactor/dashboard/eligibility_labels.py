"""Stored eligibility as suppliers read it: one badge, every rule in a sentence, the lines from face to base."""

import functools
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from infactor.core import money
from infactor.financing.eligibility import explanations, serialization
from infactor.financing.eligibility.catalogue import RULES, Outcome, Rule, RuleRecord
from infactor.financing.eligibility.results import RuleResult, first_blocker
from infactor.financing.models import Eligibility
from infactor.invoices import selectors
from infactor.invoices.models import Invoice
from infactor.invoices.states import FUNDED, BooksStatus, State
from infactor.invoices.status_label import StatusLabel

Decision = Eligibility.Decision
DECISION_FILTERS = [
    ("", gettext_lazy("All")),
    (Decision.ELIGIBLE, gettext_lazy("Eligible")),
    (Decision.NEEDS_ACTION, gettext_lazy("Action needed")),
    (Decision.INELIGIBLE, gettext_lazy("Not eligible")),
]
# What a list needs. The breakdown by rule is long, and stays in the database.
LIST_FIELDS = (
    "eligibility__decision",
    "eligibility__advance",
    "eligibility__terms__wire_fee",
    "eligibility__deciding_rule",
)
NOT_EVALUATED = StatusLabel(gettext_lazy("Being checked"), "neutral")
RULE_CODES = frozenset(rule.value for rule in Rule)
# From the request to the end.
IN_STATES = (State.REQUESTED, State.PROPOSED, State.PROPOSAL_ACCEPTED, *FUNDED)
IN_FINANCING = StatusLabel(gettext_lazy("In financing"), "info")
BOUGHT_BACK = StatusLabel(pgettext_lazy("invoice", "Repurchased"), "neutral")
WAS_FINANCED = StatusLabel(gettext_lazy("Was financed"), "neutral")
NOT_OWED = (BooksStatus.PAID, BooksStatus.VOIDED, BooksStatus.DELETED)
OUTCOMES = {
    Outcome.PASS: StatusLabel(gettext_lazy("Met"), "good"),
    Outcome.WARN: StatusLabel(gettext_lazy("Warning"), "warn"),
    Outcome.UNKNOWN: StatusLabel(gettext_lazy("Not known"), "neutral"),
    Outcome.NEEDS_ACTION: StatusLabel(gettext_lazy("Action needed"), "info"),
    Outcome.FAIL: StatusLabel(gettext_lazy("Not met"), "bad"),
}
NEEDS_ATTENTION = (OUTCOMES[Outcome.FAIL], OUTCOMES[Outcome.NEEDS_ACTION], OUTCOMES[Outcome.WARN])


@dataclass(frozen=True)
class RuleRow:
    """One rule: its title, its result for this invoice, what would make it pass, and the day on which it changes."""

    title: str
    badge: StatusLabel
    sentence: str
    remedy: str
    next_change_on: date | None


@dataclass(frozen=True)
class EligibilityDetail:
    """The eligibility of one invoice. face - deductions = base, and `advance` is paid at once.

    An invoice that is, or was, in financing says that first. Once it is funded it has no rules any more.
    """

    row: Eligibility
    badge: StatusLabel
    sentence: str
    remedy: str
    outlook: str
    rules: tuple[RuleRow, ...]
    deductions: tuple[tuple[str, Decimal], ...]

    is_in_financing: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it can be financed, now or after one step."""
        return self.row.decision != Decision.INELIGIBLE and not self.is_in_financing

    @property
    def is_eligible(self) -> bool:
        """Whether the supplier can request financing for it now."""
        return self.row.decision == Decision.ELIGIBLE and not self.is_in_financing

    @property
    def needs_buyer(self) -> bool:
        """Whether the one step is the buyer's confirmation."""
        return self.is_open and self.row.deciding_rule == Rule.VERIFICATION

    @property
    def needs_attention(self) -> list[RuleRow]:
        """The rules that fail, need an action, or carry a warning."""
        return [one for one in self.rules if one.badge in NEEDS_ATTENTION]


def with_eligibility(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """`invoices` with what a list shows of their eligibility, in the same query."""
    return invoices.select_related("eligibility__terms").only(*selectors.LIST_COLUMNS, *LIST_FIELDS)


def decision_condition(decision: str) -> Q:
    """The condition for a choice of DECISION_FILTERS."""
    return Q(eligibility__decision=decision) if decision else Q()


def eligibility_of(invoice: Invoice) -> Eligibility | None:
    """The stored eligibility that was loaded with an invoice; None where there is none yet."""
    try:
        return invoice.eligibility
    except Eligibility.DoesNotExist:
        return None


def badge(invoice: Invoice, *, today: date) -> StatusLabel:
    """The badge of an invoice's page, on the supplier's day `today`."""
    if invoice.state in IN_STATES:
        return WAS_FINANCED if invoice.state == State.COMPLETED else IN_FINANCING
    row = eligibility_of(invoice)
    if row is None:
        return NOT_EVALUATED
    if row.decision == Decision.ELIGIBLE:
        return StatusLabel(
            _("Can be financed, %(cash)s now") % {"cash": _format_amount(_cash(row), invoice.currency)}, "good"
        )
    if row.decision == Decision.NEEDS_ACTION:
        record = _record(row)
        return StatusLabel((record and record.action_label) or _("After one step"), "info")
    reason = reason_of(invoice, today=today)
    return StatusLabel(_("Not eligible: %(reason)s") % {"reason": reason} if reason else _("Not eligible"), "neutral")


def reason_of(invoice: Invoice, *, today: date) -> str:
    """Why an invoice that was evaluated cannot be financed, in a few words; empty where nothing says it."""
    row = eligibility_of(invoice)
    record = _record(row) if row is not None else None
    if row is None or record is None:
        return ""
    return record.short_reason(_reason(row.deciding_rule, invoice, today=today))


def _record(row: Eligibility) -> RuleRecord | None:
    return RULES.get(Rule(row.deciding_rule)) if row.deciding_rule in RULE_CODES else None


def list_badge(invoice: Invoice, *, today: date) -> StatusLabel | None:
    """The badge of a list; None where the invoice's own status says it: it is in financing, or nothing is owed."""
    if getattr(invoice, "is_repurchased", False):
        return BOUGHT_BACK
    status_says_it = invoice.state in IN_STATES or invoice.books_status in NOT_OWED
    return None if status_says_it else badge(invoice, today=today)


def badge_text(invoice: Invoice, *, today: date) -> str:
    """The badge's words for a file: without the amount, which has a column of its own."""
    return _("Can be financed") if is_eligible(invoice) else str(badge(invoice, today=today).text)


def advance_of(invoice: Invoice) -> Decimal | None:
    """What would be paid out at once; None where nothing would be."""
    row = eligibility_of(invoice)
    return _cash(row) if row is not None and row.advance else None


def _cash(row: Eligibility) -> Decimal:
    """What of the advance is paid out: all but the wire fee."""
    cash: Decimal = row.advance - row.terms.wire_fee if row.terms is not None else row.advance
    return cash


def is_eligible(invoice: Invoice) -> bool:
    """Whether it can be selected for a request."""
    row = eligibility_of(invoice)
    return row is not None and row.decision == Decision.ELIGIBLE and invoice.state not in IN_STATES


def needs_buyer(invoice: Invoice) -> bool:
    """Whether its next step is the buyer's confirmation, whether asked for already or not."""
    row = eligibility_of(invoice)
    is_open = row is not None and row.decision == Decision.NEEDS_ACTION and row.deciding_rule == Rule.VERIFICATION
    return is_open and invoice.state not in (*IN_STATES, State.REJECTED, State.DRAFT)


def eligibility_detail(invoice: Invoice, *, today: date) -> EligibilityDetail | None:
    """The eligibility of `invoice` on the supplier's day `today`; None where it was not evaluated yet."""
    row = eligibility_of(invoice)
    if row is None:
        return None
    results, deductions = serialization.loads(row.breakdown)
    # The assessment may be a moment older than the state.
    by_state = RuleResult(Rule.IN_FINANCING, Outcome.FAIL, invoice.state) if invoice.state in IN_STATES else None
    deciding = by_state or first_blocker(results)
    outlook = explanations.outlook(decision=row.decision, next_change_on=row.next_change_on, today=today)
    return EligibilityDetail(
        row=row,
        badge=badge(invoice, today=today),
        sentence=explanations.sentence(deciding, currency=invoice.currency)
        if deciding
        else str(explanations.ELIGIBLE_TEXT),
        remedy=_remedy(deciding, invoice=invoice) if deciding else "",
        outlook="" if by_state else outlook,
        rules=() if invoice.state in FUNDED else tuple(_rule_row(one, invoice=invoice) for one in results),
        deductions=tuple((explanations.deduction_label(one.what), one.amount) for one in deductions),
        is_in_financing=by_state is not None,
    )


def _reason(rule: str, invoice: Invoice, *, today: date) -> str:
    """The reason of the deciding rule, from the invoice itself: lists do not load the breakdown."""
    if rule == Rule.OPEN_BALANCE:
        return invoice.books_status
    if rule == Rule.DAYS_TO_DUE and invoice.payable_date and invoice.payable_date < today:
        return "overdue"
    if rule in (Rule.AGE_AT_PURCHASE, Rule.AGE) and invoice.txn_date and invoice.txn_date > today:
        return "future_date"
    return ""


def _remedy(result: RuleResult, *, invoice: Invoice) -> str:
    is_by_hand = invoice.company_file.is_by_hand
    return explanations.remedy(result, currency=invoice.currency, is_by_hand=is_by_hand)


def _rule_row(result: RuleResult, *, invoice: Invoice) -> RuleRow:
    return RuleRow(
        title=str(RULES[result.rule].title),
        badge=OUTCOMES[result.outcome],
        sentence=explanations.sentence(result, currency=invoice.currency),
        remedy=_remedy(result, invoice=invoice),
        next_change_on=result.next_change_on,
    )


@functools.lru_cache(maxsize=4096)
def _format_amount(amount: Decimal, currency: str) -> str:
    return money.format_amount(amount, currency)
