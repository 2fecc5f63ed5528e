"""Rules that an invoice answers by itself: its balance, its dates, its buyer's confirmation. Pure, no query."""

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from infactor.core.email.addresses import usable_addresses
from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.portfolio import ZERO, ConfirmationFacts, InvoiceContext
from infactor.financing.eligibility.results import NOT_CONFIRMED, TAX, Deduction, RuleResult
from infactor.financing.eligibility.rules.overrides import ONE_DAY, apply_overrides
from infactor.financing.terms import Terms
from infactor.invoices.receivables import NO_BUYER, ReceivableInvoice
from infactor.invoices.states import BooksStatus, State

NOT_FINANCED = (State.CREATED, State.ACCEPTED, State.REJECTED, State.REFUSED, State.PROPOSAL_REJECTED)
WAITING_OR_OFFERED = (State.REQUESTED, State.PROPOSED)
SAMPLE_BUCKETS = 100_000  # thousandths of a percent
# Most invoices of a supplier share their dates and their buyers' addresses. What follows from these alone is computed
# once, and shared: a hundred thousand invoices have few such results, and each takes time and memory only once.
shared = lru_cache(maxsize=8192)
DRAFT = State.DRAFT.value
PAID = BooksStatus.PAID.value
IS_FREE, IS_UNDISPUTED, IS_NAMED, IS_DUE, HAS_TERMS, IS_ALONE = (
    RuleResult(rule, Outcome.PASS)
    for rule in (Rule.IN_FINANCING, Rule.DISPUTED, Rule.BUYER_NAMED, Rule.DUE_DATE, Rule.CURRENCY, Rule.DUPLICATE)
)
NO_DUE_DATE = RuleResult(Rule.DUE_DATE, Outcome.FAIL)
IMPORTED = RuleResult(Rule.DOCUMENTS, Outcome.PASS, "imported")
CLOSED = {
    reason: RuleResult(Rule.OPEN_BALANCE, Outcome.FAIL, reason)
    for reason in (
        *(one.value for one in (BooksStatus.DELETED, BooksStatus.VOIDED)),
        PAID,
        "unreadable",
        "balance_above_amount",
        DRAFT,
    )
}


class InvoiceResults(NamedTuple):
    """Results of the invoice's own rules, in two parts: some come before its buyer's, some after them.

    `remaining` is what is left of the face after the invoice's own deductions. Where `is_complete` is False no other
    rule is evaluated: the invoice is closed, or its currency has no terms.
    """

    before_buyer_rules: tuple[RuleResult, ...]
    after_buyer_rules: tuple[RuleResult, ...] = ()
    is_complete: bool = False
    face: Decimal = ZERO
    remaining: Decimal = ZERO
    deductions: tuple[Deduction, ...] = ()


def evaluate_invoice(
    *, invoice: ReceivableInvoice, terms: Terms | None, context: InvoiceContext, as_of: date
) -> InvoiceResults:
    """Evaluate every rule about the invoice itself, on the supplier's day `as_of`."""
    if closed := _closed(invoice):
        return InvoiceResults(before_buyer_rules=(closed,))
    face = invoice.balance or ZERO
    basic = (
        context.application,
        context.books_hold,
        _open_balance(invoice, face),
        _in_financing(invoice, context),
        _disputed(invoice, context.confirmation),
        _buyer_named(invoice),
        _buyer_email(invoice.email),
        IS_DUE if invoice.payable_date is not None else NO_DUE_DATE,
    )
    if terms is None:
        no_terms = RuleResult(Rule.CURRENCY, Outcome.FAIL, "" if invoice.currency else "no_currency")
        return InvoiceResults(before_buyer_rules=(*basic, no_terms), face=face)
    by_terms = (
        HAS_TERMS,
        _minimum_amount(face, terms.minimum_amount),
        *_age_results(invoice.txn_date, terms.max_age_at_purchase_days, terms.max_age_days, as_of),
        _payment_terms(invoice.txn_date, invoice.payable_date, terms.max_payment_terms_days),
        _days_to_due(invoice.payable_date, terms.min_days_to_due, as_of),
        _documents(invoice, context),
        _verification(invoice, terms, context),
        _duplicate(context.duplicates),
    )
    remaining, deductions = _own_deductions(invoice, face=face, confirmation=context.confirmation)
    return InvoiceResults(
        before_buyer_rules=basic,
        after_buyer_rules=apply_overrides(by_terms, overrides=context.overrides),
        is_complete=True,
        face=face,
        remaining=remaining,
        deductions=deductions,
    )


def in_random_sample(*, public_id: UUID, sample_pct: Decimal) -> bool:
    """Whether this invoice is among the `sample_pct` percent that buyers confirm: always the same answer for it."""
    bucket = int.from_bytes(hashlib.sha256(public_id.bytes).digest()[:8]) % SAMPLE_BUCKETS
    return bucket < sample_pct * (SAMPLE_BUCKETS // 100)


def _pass_if(condition: bool) -> Outcome:
    return Outcome.PASS if condition else Outcome.FAIL


def _closed(invoice: ReceivableInvoice) -> RuleResult | None:
    """The result of an invoice of which nothing can be bought, whatever the other rules say."""
    if invoice.books_status in (BooksStatus.DELETED, BooksStatus.VOIDED):
        reason = invoice.books_status
    elif invoice.balance is None or invoice.amount is None or invoice.tax is None:
        reason = "unreadable"
    elif invoice.books_status == BooksStatus.PAID or invoice.balance <= 0:
        reason = PAID
    elif invoice.balance > invoice.amount:
        reason = "balance_above_amount"
    elif invoice.state == State.DRAFT:
        reason = DRAFT
    else:
        return None
    return CLOSED[reason]


def _open_balance(invoice: ReceivableInvoice, face: Decimal) -> RuleResult:
    """Only a whole invoice is bought: a buyer that has paid a part has begun to pay the supplier."""
    is_whole = invoice.books_status == BooksStatus.OPEN
    return RuleResult(Rule.OPEN_BALANCE, _pass_if(is_whole), invoice.books_status, face)


def _minimum_amount(face: Decimal, minimum: Decimal) -> RuleResult:
    return RuleResult(Rule.MINIMUM_AMOUNT, _pass_if(face >= minimum), "", face, minimum)


def _in_financing(invoice: ReceivableInvoice, context: InvoiceContext) -> RuleResult:
    is_free = invoice.state in NOT_FINANCED or (context.is_under_decision and invoice.state in WAITING_OR_OFFERED)
    return IS_FREE if is_free else RuleResult(Rule.IN_FINANCING, Outcome.FAIL, invoice.state)


def _buyer_named(invoice: ReceivableInvoice) -> RuleResult:
    """Nothing is bought of a customer that is inactive (deleted or merged), or whose parent is not known."""
    is_named = invoice.buyer_key != NO_BUYER and invoice.buyer_name != ""
    if is_named and not invoice.buyer_problem:
        return IS_NAMED
    return RuleResult(Rule.BUYER_NAMED, Outcome.FAIL, invoice.buyer_problem)


@shared
def _buyer_email(email: str) -> RuleResult:
    is_usable = bool(usable_addresses(email))
    return RuleResult(Rule.BUYER_EMAIL, _pass_if(is_usable), "" if is_usable or not email else "unusable")


def _disputed(invoice: ReceivableInvoice, confirmation: ConfirmationFacts) -> RuleResult:
    """A dispute lasts until the buyer's next answer. An invoice that was submitted again waits for that answer."""
    if invoice.state == State.REJECTED:
        return RuleResult(Rule.DISPUTED, Outcome.FAIL)
    if confirmation.is_disputed and invoice.state != State.CREATED:
        return RuleResult(Rule.DISPUTED, Outcome.FAIL, "confirm_again")
    return IS_UNDISPUTED


@shared
def _age_results(issued: date | None, max_age_at_purchase: int, max_age: int, as_of: date) -> tuple[RuleResult, ...]:
    limits = ((Rule.AGE_AT_PURCHASE, max_age_at_purchase), (Rule.AGE, max_age))
    if issued is None:
        return tuple(RuleResult(rule, Outcome.FAIL, "no_date") for rule, _ in limits)
    age = (as_of - issued).days
    if age < 0:
        # Not delivered yet: its age would never end it, and its recourse date could lie as far ahead as one likes.
        return tuple(RuleResult(rule, Outcome.FAIL, "future_date", -age, next_change_on=issued) for rule, _ in limits)
    return tuple(_age(rule, age, most, as_of) for rule, most in limits)


def _age(rule: Rule, age: int, max_age: int, as_of: date) -> RuleResult:
    if age > max_age:
        return RuleResult(rule, Outcome.FAIL, "", age, max_age)
    return RuleResult(rule, Outcome.PASS, "", age, max_age, as_of + timedelta(days=max_age - age + 1))


@shared
def _payment_terms(issued: date | None, due: date | None, max_days: int) -> RuleResult:
    if due is None:
        return RuleResult(Rule.PAYMENT_TERMS, Outcome.UNKNOWN, "no_due_date")
    if issued is None:
        return RuleResult(Rule.PAYMENT_TERMS, Outcome.UNKNOWN, "no_date", None, max_days)
    days = (due - issued).days
    if days < 0:
        return RuleResult(Rule.PAYMENT_TERMS, Outcome.FAIL, "due_before_issue", days, max_days)
    return RuleResult(Rule.PAYMENT_TERMS, _pass_if(days <= max_days), "", days, max_days)


@shared
def _days_to_due(due: date | None, min_days: int, as_of: date) -> RuleResult:
    if due is None:
        return RuleResult(Rule.DAYS_TO_DUE, Outcome.UNKNOWN, "no_due_date")
    days_left = (due - as_of).days
    if days_left < 0:
        return RuleResult(Rule.DAYS_TO_DUE, Outcome.FAIL, "overdue", -days_left, min_days)
    if days_left < min_days:
        return RuleResult(Rule.DAYS_TO_DUE, Outcome.FAIL, "" if days_left else "today", days_left, min_days)
    # Due today is due; only the day after is it overdue.
    first_failing_day = due - timedelta(days=min_days) + ONE_DAY
    return RuleResult(Rule.DAYS_TO_DUE, Outcome.PASS, "", days_left, min_days, first_failing_day)


def _documents(invoice: ReceivableInvoice, context: InvoiceContext) -> RuleResult:
    """Only an invoice by hand has to be proved by documents."""
    if not invoice.is_by_hand:
        return IMPORTED
    outcome = Outcome.NEEDS_ACTION if context.missing_documents else Outcome.PASS
    return RuleResult(Rule.DOCUMENTS, outcome, context.missing_documents)


def _duplicate(duplicates: tuple[str, ...]) -> RuleResult:
    if not duplicates:
        return IS_ALONE
    return RuleResult(Rule.DUPLICATE, Outcome.FAIL, details=duplicates)


@shared
def _verified(outcome: Outcome, reason: str) -> RuleResult:
    return RuleResult(Rule.VERIFICATION, outcome, reason)


def _verification(invoice: ReceivableInvoice, terms: Terms, context: InvoiceContext) -> RuleResult:
    """Whether the buyer must confirm the invoice, and has. A confirmation lasts until the invoice changes."""
    confirmation = context.confirmation
    if confirmation.confirmed_amount > 0 and not confirmation.has_changed:
        return _verified(Outcome.PASS, "in_part" if confirmation.is_partial else "confirmed")
    if confirmation.confirmed_amount > 0:
        reason = "changed"
    elif confirmation.is_disputed:
        reason = "disputed"
    elif invoice.state == State.ACCEPTED:
        return _verified(Outcome.PASS, "confirmed")
    else:
        reason = _why_verify(invoice, terms, context)
    if not reason:
        return _verified(Outcome.PASS, "not_required")
    return _verified(Outcome.NEEDS_ACTION, "waiting" if confirmation.is_pending else reason)


def _why_verify(invoice: ReceivableInvoice, terms: Terms, context: InvoiceContext) -> str:
    """Why the terms ask the buyer to confirm an invoice that nobody has asked about; empty where they do not.

    Of an invoice by hand, whatever the terms say.
    """
    if invoice.is_by_hand:
        return "by_hand"
    if terms.verify_first_invoice and not context.is_known_buyer:
        return "first_invoice"
    if (invoice.balance or ZERO) >= terms.verify_threshold:
        return "large"
    in_sample = in_random_sample(public_id=invoice.public_id, sample_pct=terms.verify_sample_pct)
    return "random_sample" if in_sample else ""


def _own_deductions(
    invoice: ReceivableInvoice, *, face: Decimal, confirmation: ConfirmationFacts
) -> tuple[Decimal, tuple[Deduction, ...]]:
    """Sales tax, then what the buyer did not confirm. An amount that is confirmed in part includes its tax."""
    tax = min(max(invoice.tax or ZERO, ZERO), face)
    remaining, deductions = face - tax, [Deduction(TAX, tax)] if tax else []
    if confirmation.confirmed_amount > 0 and not confirmation.has_changed:
        not_confirmed = min(remaining, face - confirmation.confirmed_amount)
        if not_confirmed > 0:
            deductions.append(Deduction(NOT_CONFIRMED, not_confirmed))
            remaining -= not_confirmed
    return remaining, tuple(deductions)
