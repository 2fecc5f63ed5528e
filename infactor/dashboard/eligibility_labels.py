"""What the rules said of an invoice last, as pages show it: a pill, every rule in plain words, the way to the base."""

import functools
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from infactor.core import money
from infactor.financing.eligibility import explanations, serialization
from infactor.financing.eligibility.rules.catalogue import (
    RULES,
    Answer,
    Rule,
    Ruling,
)
from infactor.financing.models import Eligibility
from infactor.invoices import selectors
from infactor.invoices.models import Invoice
from infactor.invoices.states import (
    FUNDED,
    BooksStatus,
    Label,
    State,
)

FILTERS = [
    ("", "All"),
    (Eligibility.Verdict.READY, "Can be financed"),
    (Eligibility.Verdict.ONE_STEP, "After one step"),
    (Eligibility.Verdict.NO, "Not now"),
]
# What a list needs of a judgement; the rules themselves are long.
LISTED = ("eligibility__verdict", "eligibility__advance", "eligibility__main_rule")
UNKNOWN = Label("Being checked", "neutral")
# From the request to the end.
IN_STATES = (State.REQUESTED, State.PROPOSED, State.PROPOSAL_ACCEPTED, *FUNDED)
IN_FINANCING = Label("In financing", "info")
BOUGHT_BACK = Label("Bought back", "neutral")
WAS_FINANCED = Label("Was financed", "neutral")
STEP: dict[str, str] = {Rule.VERIFICATION: "After your buyer confirms"}
# Two or three words for a list: the whole sentence stands on the invoice's page.
SHORT: dict[str, str] = {
    Rule.OPEN_BALANCE: "nothing to buy",
    Rule.DISPUTED: "your buyer disputes it",
    Rule.BUYER_NAMED: "no buyer",
    Rule.BUYER_EMAIL: "no e-mail of the buyer",
    Rule.DUE_DATE: "no due date",
    Rule.BUSINESS_BUYER: "not a business",
    Rule.CURRENCY: "not in this currency",
    Rule.MINIMUM_AMOUNT: "too small",
    Rule.AGE_TO_BUY: "too old",
    Rule.AGE: "too old",
    Rule.PAYMENT_TERMS: "due too late",
    Rule.DAYS_TO_DUE: "due too soon",
    Rule.DUPLICATE: "our staff look at it",
    Rule.HISTORY: "new buyer",
    Rule.CROSS_AGING: "buyer pays late",
    Rule.DILUTION: "too many credits",
    Rule.CONTRA: "you owe the buyer",
    Rule.CREDITS: "open credits",
    Rule.BUYER_LIMIT: "buyer's limit",
    Rule.PAIR_LIMIT: "limit for this buyer",
    Rule.SUPPLIER_LIMIT: "your limit",
    Rule.CONCENTRATION: "too much of one buyer",
    Rule.FRESHNESS: "books not read yet",
}
GONE: dict[str, str] = {BooksStatus.PAID: "paid", BooksStatus.VOIDED: "voided", BooksStatus.DELETED: "deleted"}
BOOKS: dict[str, str] = {**GONE, BooksStatus.PARTLY_PAID: "partly paid"}
TONES = {
    Answer.PASS: "good",
    Answer.WARN: "warn",
    Answer.UNKNOWN: "neutral",
    Answer.ONE_STEP: "info",
    Answer.FAIL: "bad",
}
OVERDUE, AHEAD = "overdue", "dated ahead"
SAYS = {
    Answer.PASS: "Fine",
    Answer.WARN: "Look at it",
    Answer.UNKNOWN: "Not known",
    Answer.ONE_STEP: "To do",
    Answer.FAIL: "In the way",
}

LOUD = (SAYS[Answer.FAIL], SAYS[Answer.ONE_STEP], SAYS[Answer.WARN])


@dataclass(frozen=True)
class RuleShown:
    """One rule: its name, what it says of this invoice, what would cure it, and the day on which that changes."""

    title: str
    answer: Label
    sentence: str
    cure: str
    changes_on: date | None


@dataclass(frozen=True)
class Judgement:
    """Everything that was judged of one invoice. face - deductions = base, and `advance` is paid at once.

    Of one that is in financing, or was, that is said first; once it is funded the rules are beside the point.
    """

    row: Eligibility
    pill: Label
    sentence: str
    cure: str
    outlook: str
    rules: tuple[RuleShown, ...]
    deductions: tuple[tuple[str, Decimal], ...]

    is_in_financing: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it can be financed, now or after a step."""
        return self.row.verdict != Eligibility.Verdict.NO and not self.is_in_financing

    @property
    def is_ready(self) -> bool:
        """Whether it can be asked for now."""
        return self.row.verdict == Eligibility.Verdict.READY and not self.is_in_financing

    @property
    def needs_buyer(self) -> bool:
        """Whether the one step before it is the buyer's word."""
        return self.is_open and self.row.main_rule == Rule.VERIFICATION

    @property
    def loud(self) -> list[RuleShown]:
        """The rules that ask for something or stand in the way."""
        return [one for one in self.rules if one.answer.text in LOUD]


def listed(found: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """`found` with what a list shows of its eligibility, in the same query."""
    return found.select_related("eligibility").only(*selectors.LISTED, *LISTED)


def condition(verdict: str) -> Q:
    """Which invoices a choice of FILTERS means."""
    return Q(eligibility__verdict=verdict) if verdict else Q()


def row_of(invoice: Invoice) -> Eligibility | None:
    """The judgement of an invoice that was read with it; None where there is none yet."""
    try:
        return invoice.eligibility
    except Eligibility.DoesNotExist:
        return None


def pill(invoice: Invoice, *, today: date) -> Label:
    """The one pill of an invoice's page, and what a file says, on the supplier's day `today`."""
    if invoice.state in IN_STATES:
        return WAS_FINANCED if invoice.state == State.COMPLETED else IN_FINANCING
    row = row_of(invoice)
    if row is None:
        return UNKNOWN
    if row.verdict == Eligibility.Verdict.READY:
        return Label(f"Can be financed, {_shown(row.advance, invoice.currency)} now", "good")
    if row.verdict == Eligibility.Verdict.ONE_STEP:
        return Label(STEP.get(row.main_rule, "After one step"), "info")
    reason = SHORT.get(row.main_rule, "")
    if row.main_rule == Rule.OPEN_BALANCE:
        reason = BOOKS.get(invoice.books_status, reason)
    if row.main_rule == Rule.DAYS_TO_DUE and invoice.payable_date and invoice.payable_date < today:
        reason = OVERDUE
    if row.main_rule in (Rule.AGE_TO_BUY, Rule.AGE) and invoice.txn_date and invoice.txn_date > today:
        reason = AHEAD
    return Label(f"Not now: {reason}" if reason else "Not now", "neutral")


def listed_pill(invoice: Invoice, *, today: date) -> Label | None:
    """The pill of a list; None where the invoice's own label says it: it is in financing, or not owed any more."""
    if getattr(invoice, "is_bought_back", False):
        return BOUGHT_BACK
    is_said = invoice.state in IN_STATES or invoice.books_status in GONE
    return None if is_said else pill(invoice, today=today)


def words(invoice: Invoice, *, today: date) -> str:
    """The same for a file: without the amount, which has a column of its own."""
    return "Can be financed" if is_ready(invoice) else pill(invoice, today=today).text


def cash_now(invoice: Invoice) -> Decimal | None:
    """What would be paid out at once; None where nothing would be."""
    row = row_of(invoice)
    return row.advance if row is not None and row.advance else None


def is_ready(invoice: Invoice) -> bool:
    """Whether it can be chosen for a request."""
    row = row_of(invoice)
    return row is not None and row.verdict == Eligibility.Verdict.READY and invoice.state not in IN_STATES


def judgement(invoice: Invoice, *, today: date) -> Judgement | None:
    """Everything that was said of `invoice`, on the supplier's day `today`; None where it was not judged yet."""
    row = row_of(invoice)
    if row is None:
        return None
    told, deductions = serialization.loads(row.rules)
    # A judgement may be a moment older than the state.
    by_state = Ruling(Rule.IN_FINANCING, Answer.FAIL, invoice.state) if invoice.state in IN_STATES else None
    deciding = by_state or _deciding(told)
    return Judgement(
        row=row,
        pill=pill(invoice, today=today),
        sentence=explanations.sentence(deciding, currency=invoice.currency) if deciding else explanations.READY,
        cure=explanations.cure(deciding, currency=invoice.currency) if deciding else "",
        outlook="" if by_state else explanations.outlook(verdict=row.verdict, changes_on=row.changes_on, today=today),
        rules=() if invoice.state in FUNDED else tuple(_rule(one, invoice=invoice) for one in told),
        deductions=tuple((explanations.deduction(one.what), one.amount) for one in deductions),
        is_in_financing=by_state is not None,
    )


def _rule(ruling: Ruling, *, invoice: Invoice) -> RuleShown:
    return RuleShown(
        title=RULES[ruling.rule].title,
        answer=Label(SAYS[ruling.answer], TONES[ruling.answer]),
        sentence=explanations.sentence(ruling, currency=invoice.currency),
        cure=explanations.cure(ruling, currency=invoice.currency),
        changes_on=ruling.changes_on,
    )


def _deciding(told: tuple[Ruling, ...]) -> Ruling | None:
    for answer in (Answer.FAIL, Answer.ONE_STEP):
        for ruling in told:
            if ruling.answer is answer:
                return ruling
    return None


@functools.lru_cache(maxsize=4096)
def _shown(amount: Decimal, currency: str) -> str:
    return money.text(amount, currency)
