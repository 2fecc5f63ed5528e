"""The rules of eligibility: their codes in the order in which they are asked, and what a rule answers."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

Number = Decimal | int


class Rule(StrEnum):
    """Stable codes: they stand in the database. The order is the order in which they are asked and shown."""

    OPEN_BALANCE = "open_balance"
    IN_FINANCING = "in_financing"
    DISPUTED = "disputed"
    BUYER_NAMED = "buyer_named"
    BUYER_EMAIL = "buyer_email"
    DUE_DATE = "due_date"
    BUSINESS_BUYER = "business_buyer"
    CURRENCY = "currency"
    MINIMUM_AMOUNT = "minimum_amount"
    AGE_TO_BUY = "age_to_buy"
    AGE = "age"
    PAYMENT_TERMS = "payment_terms"
    DAYS_TO_DUE = "days_to_due"
    VERIFICATION = "verification"
    DUPLICATE = "duplicate"
    HISTORY = "history"
    CROSS_AGING = "cross_aging"
    DILUTION = "dilution"
    CONTRA = "contra"
    CREDITS = "credits"
    BUYER_LIMIT = "buyer_limit"
    PAIR_LIMIT = "pair_limit"
    SUPPLIER_LIMIT = "supplier_limit"
    CONCENTRATION = "concentration"
    FRESHNESS = "freshness"


class Answer(StrEnum):
    """What a rule says. Only `fail` keeps an invoice out; `todo` asks the supplier for one step first."""

    PASS = "pass"  # noqa: S105  no password
    WARN = "warn"
    UNKNOWN = "unknown"
    ONE_STEP = "todo"
    FAIL = "fail"


class Unit(StrEnum):
    """In what the two numbers of a rule are."""

    NONE = ""
    AMOUNT = "amount"
    DAYS = "days"
    PERCENT = "percent"
    COUNT = "count"


class Facts(NamedTuple):
    """A rule for people: its name, the unit of its numbers, and whether staff may let an invoice pass it."""

    title: str
    unit: Unit = Unit.NONE
    may_be_overridden: bool = False


RULES: dict[Rule, Facts] = {
    Rule.OPEN_BALANCE: Facts("Open balance", Unit.AMOUNT),
    Rule.IN_FINANCING: Facts("Not financed yet"),
    Rule.DISPUTED: Facts("Not disputed"),
    Rule.BUYER_NAMED: Facts("Buyer named"),
    Rule.BUYER_EMAIL: Facts("Buyer's e-mail"),
    Rule.DUE_DATE: Facts("Due date"),
    Rule.BUSINESS_BUYER: Facts("Business buyer", may_be_overridden=True),
    Rule.CURRENCY: Facts("Currency"),
    Rule.MINIMUM_AMOUNT: Facts("Minimum amount", Unit.AMOUNT, may_be_overridden=True),
    Rule.AGE_TO_BUY: Facts("Age to buy", Unit.DAYS, may_be_overridden=True),
    Rule.AGE: Facts("Age", Unit.DAYS),
    Rule.PAYMENT_TERMS: Facts("Payment terms", Unit.DAYS, may_be_overridden=True),
    Rule.DAYS_TO_DUE: Facts("Days to due date", Unit.DAYS, may_be_overridden=True),
    Rule.VERIFICATION: Facts("Confirmed by the buyer", may_be_overridden=True),
    Rule.DUPLICATE: Facts("Nowhere else", may_be_overridden=True),
    Rule.HISTORY: Facts("Buyer's history", Unit.COUNT, may_be_overridden=True),
    Rule.CROSS_AGING: Facts("Buyer's late balance", Unit.PERCENT, may_be_overridden=True),
    Rule.DILUTION: Facts("Buyer's credit memos", Unit.PERCENT, may_be_overridden=True),
    Rule.CONTRA: Facts("What you owe the buyer"),
    Rule.CREDITS: Facts("Open credits", Unit.AMOUNT),
    Rule.BUYER_LIMIT: Facts("Buyer's limit", Unit.AMOUNT, may_be_overridden=True),
    Rule.PAIR_LIMIT: Facts("Your limit for this buyer", Unit.AMOUNT, may_be_overridden=True),
    Rule.SUPPLIER_LIMIT: Facts("Your limit", Unit.AMOUNT, may_be_overridden=True),
    Rule.CONCENTRATION: Facts("Share of one buyer", Unit.AMOUNT, may_be_overridden=True),
    Rule.FRESHNESS: Facts("Books up to date"),
}
OVERRIDABLE = frozenset(rule for rule, facts in RULES.items() if facts.may_be_overridden)


class Ruling(NamedTuple):
    """What one rule says of one invoice.

    `found` is what was measured and `bound` what it is measured by, in the rule's unit; `why` tells variants of one
    rule apart; `names` are numbers of invoices whose payment would cure it, or what staff alone may read (duplicate);
    from `changes_on` on the answer is another one if nothing else changes. None: waiting changes nothing.
    """

    rule: Rule
    answer: Answer
    why: str = ""
    found: Number | None = None
    bound: Number | None = None
    changes_on: date | None = None
    names: tuple[str, ...] = ()


class Deduction(NamedTuple):
    """One line between face and base: what it is for, and how much, above zero, in the invoice's currency."""

    what: str
    amount: Decimal


class Reduction(NamedTuple):
    """What a rule about the buyer or the supplier as a whole takes off one invoice.

    `found` is what of the limit is used or what the credits come to, `bound` the limit or cap, `names` the financed
    invoices that hold it. `amount` may be more than is left of the invoice, never below zero.
    """

    rule: Rule
    amount: Decimal
    actual: Decimal
    limit: Decimal | None = None
    names: tuple[str, ...] = ()
    skipped: str = ""


TAX, NOT_CONFIRMED, LEFT_OUT = "tax", "not_confirmed", "left_out"
DEDUCTIONS = {
    TAX: "Sales tax",
    NOT_CONFIRMED: "Not confirmed by the buyer",
    Rule.CREDITS: "Open credits of the buyer",
    Rule.CONTRA: "What you owe the buyer",
    Rule.BUYER_LIMIT: "Over the buyer's limit",
    Rule.PAIR_LIMIT: "Over your limit for this buyer",
    Rule.SUPPLIER_LIMIT: "Over your limit",
    Rule.CONCENTRATION: "Over the share of one buyer",
    LEFT_OUT: "Cannot be financed",
}
CUTS = (Rule.CREDITS, Rule.BUYER_LIMIT, Rule.PAIR_LIMIT, Rule.SUPPLIER_LIMIT, Rule.CONCENTRATION)
