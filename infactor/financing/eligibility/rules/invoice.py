"""The rules that one invoice answers by itself: its balance, its dates, its buyer's word. Pure, no query."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from infactor.financing.eligibility.portfolio import ZERO, Exposure, Word
from infactor.financing.eligibility.rules.catalogue import (
    NOT_CONFIRMED,
    OVERRIDABLE,
    TAX,
    Answer,
    Deduction,
    Rule,
    Ruling,
)
from infactor.financing.terms import Terms
from infactor.invoices.receivables import NOBODY, ReceivableInvoice
from infactor.invoices.states import BooksStatus, State

NOT_FINANCED = (State.CREATED, State.ACCEPTED, State.REJECTED, State.REFUSED, State.PROPOSAL_REJECTED)
ASKED_FOR = (State.REQUESTED, State.PROPOSED)
ONE_DAY = timedelta(days=1)
THOUSANDTHS = 100_000  # of a hundred percent
APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What an invoice answers by itself: its rulings before and behind those of its buyer, and what is left of it."""

    first: tuple[Ruling, ...]
    second: tuple[Ruling, ...] = ()
    face: Decimal = ZERO
    left: Decimal = ZERO
    deductions: tuple[Deduction, ...] = ()


def judge(*, invoice: ReceivableInvoice, terms: Terms | None, exposure: Exposure, as_of: date) -> Judged:
    """Ask every rule about the invoice itself. One that is closed is asked nothing more, nor one without terms."""
    if closed := _closed(invoice):
        return Judged(first=(closed,))
    face = invoice.balance or ZERO
    first = (
        _open_balance(invoice, face),
        _in_financing(invoice, exposure),
        _disputed(invoice, exposure.word),
        Ruling(Rule.BUYER_NAMED, _whether(invoice.buyer_key != NOBODY and invoice.buyer_name != "")),
        Ruling(Rule.BUYER_EMAIL, _whether("@" in invoice.email)),
        Ruling(Rule.DUE_DATE, _whether(invoice.payable_date is not None)),
    )
    if terms is None:
        return Judged(first=first, second=(Ruling(Rule.CURRENCY, Answer.FAIL, invoice.currency),), face=face)
    own = (
        Ruling(Rule.MINIMUM_AMOUNT, _whether(face >= terms.minimum_amount), "", face, terms.minimum_amount),
        *_dates(invoice, terms, as_of),
        _verification(invoice, terms, exposure),
        Ruling(Rule.DUPLICATE, _whether(not exposure.collisions), names=exposure.collisions),
    )
    left, deductions = _own_deductions(invoice, face=face, word=exposure.word)
    second = (Ruling(Rule.CURRENCY, Answer.PASS, invoice.currency), *let_pass(own, approved=exposure.approved))
    return Judged(first=first, second=second, face=face, left=left, deductions=deductions)


def let_pass(rulings: tuple[Ruling, ...], *, approved: Mapping[Rule, date | None]) -> tuple[Ruling, ...]:
    """`rulings` with staff's word: what failed passes while it holds, and what would fail later does so after it."""
    if not approved:
        return rulings
    return tuple(_let_pass(ruling, approved) if ruling.rule in approved else ruling for ruling in rulings)


def is_drawn(*, public_id: UUID, share: Decimal) -> bool:
    """Whether this invoice is among the `share` percent whose buyer is asked at random: always the same answer."""
    drawn = int.from_bytes(hashlib.sha256(public_id.bytes).digest()[:8]) % THOUSANDTHS
    return drawn < share * (THOUSANDTHS // 100)


def _let_pass(ruling: Ruling, approved: Mapping[Rule, date | None]) -> Ruling:
    if ruling.rule not in OVERRIDABLE:
        return ruling
    until = approved[ruling.rule]
    ends = None if until is None else until + ONE_DAY
    if ruling.answer in (Answer.FAIL, Answer.ONE_STEP):
        return ruling._replace(answer=Answer.PASS, why=APPROVED, changes_on=ends)
    if ruling.changes_on is not None:
        return ruling._replace(changes_on=None if ends is None else max(ends, ruling.changes_on))
    return ruling


def _whether(is_so: bool) -> Answer:
    return Answer.PASS if is_so else Answer.FAIL


def _closed(invoice: ReceivableInvoice) -> Ruling | None:
    """Why nothing can be bought of it, whatever else may be said."""
    if invoice.books_status in (BooksStatus.DELETED, BooksStatus.VOIDED):
        why = invoice.books_status
    elif invoice.balance is None or invoice.amount is None or invoice.tax is None:
        why = "unreadable"
    elif invoice.books_status == BooksStatus.PAID or invoice.balance <= 0:
        why = BooksStatus.PAID.value
    elif invoice.balance > invoice.amount:
        why = "more_than_all"
    elif invoice.state == State.DRAFT:
        why = State.DRAFT.value
    else:
        return None
    return Ruling(Rule.OPEN_BALANCE, Answer.FAIL, why)


def _open_balance(invoice: ReceivableInvoice, face: Decimal) -> Ruling:
    """Only a whole invoice is bought: who paid a part has begun to pay the supplier (financing.md, first row)."""
    is_whole = invoice.books_status == BooksStatus.OPEN
    return Ruling(Rule.OPEN_BALANCE, _whether(is_whole), invoice.books_status, face)


def _in_financing(invoice: ReceivableInvoice, exposure: Exposure) -> Ruling:
    is_free = invoice.state in NOT_FINANCED or (exposure.is_released and invoice.state in ASKED_FOR)
    return Ruling(Rule.IN_FINANCING, _whether(is_free), "" if is_free else invoice.state)


def _disputed(invoice: ReceivableInvoice, word: Word) -> Ruling:
    """A dispute holds until the buyer's next word; sent again by the supplier, it waits for that word instead."""
    if invoice.state == State.REJECTED:
        return Ruling(Rule.DISPUTED, Answer.FAIL)
    if word.is_disputed and invoice.state != State.CREATED:
        return Ruling(Rule.DISPUTED, Answer.FAIL, "asked_again")
    return Ruling(Rule.DISPUTED, Answer.PASS)


def _dates(invoice: ReceivableInvoice, terms: Terms, as_of: date) -> tuple[Ruling, ...]:
    issued, due = invoice.txn_date, invoice.payable_date
    if issued is None:
        ages = tuple(Ruling(rule, Answer.FAIL, "no_date") for rule in (Rule.AGE_TO_BUY, Rule.AGE))
    elif issued > as_of:
        # What is not delivered yet: its age would never end it, and its recourse date lies as far off as it likes.
        ahead = (issued - as_of).days
        ages = tuple(Ruling(rule, Answer.FAIL, "not_yet", ahead, changes_on=issued) for rule, _ in _ages(terms))
    else:
        age = (as_of - issued).days
        ages = tuple(_at_most(rule, age, most, as_of) for rule, most in _ages(terms))
    if due is None:
        return (
            *ages,
            Ruling(Rule.PAYMENT_TERMS, Answer.UNKNOWN, "no_due_date"),
            Ruling(Rule.DAYS_TO_DUE, Answer.UNKNOWN, "no_due_date"),
        )
    return (*ages, _payment_terms(issued, due, terms.most_payment_days), _days_to_due(due, terms, as_of))


def _ages(terms: Terms) -> tuple[tuple[Rule, int], ...]:
    return (Rule.AGE_TO_BUY, terms.most_age_to_buy), (Rule.AGE, terms.most_age)


def _at_most(rule: Rule, age: int, most: int, as_of: date) -> Ruling:
    if age > most:
        return Ruling(rule, Answer.FAIL, "", age, most)
    return Ruling(rule, Answer.PASS, "", age, most, as_of + timedelta(days=most - age + 1))


def _payment_terms(issued: date | None, due: date, most: int) -> Ruling:
    if issued is None:
        return Ruling(Rule.PAYMENT_TERMS, Answer.UNKNOWN, "no_date", None, most)
    days = (due - issued).days
    if days < 0:
        return Ruling(Rule.PAYMENT_TERMS, Answer.FAIL, "due_before_issue", days, most)
    return Ruling(Rule.PAYMENT_TERMS, _whether(days <= most), "", days, most)


def _days_to_due(due: date, terms: Terms, as_of: date) -> Ruling:
    left, least = (due - as_of).days, terms.least_days_to_due
    if left < 0:
        return Ruling(Rule.DAYS_TO_DUE, Answer.FAIL, "overdue", -left, least)
    if left < least:
        return Ruling(Rule.DAYS_TO_DUE, Answer.FAIL, "" if left else "today", left, least)
    # Due today is due; only the day after is it overdue.
    return Ruling(Rule.DAYS_TO_DUE, Answer.PASS, "", left, least, due - timedelta(days=least) + ONE_DAY)


def _verification(invoice: ReceivableInvoice, terms: Terms, exposure: Exposure) -> Ruling:
    """Whether the buyer has to be asked, and has answered. What was confirmed stays so while the invoice does."""
    word = exposure.word
    if word.confirmed > 0 and not word.has_changed:
        return Ruling(Rule.VERIFICATION, Answer.PASS, "in_part" if word.is_part else "confirmed")
    if word.confirmed > 0:
        reason = "changed"
    elif word.is_disputed:
        reason = "disputed"
    elif invoice.state == State.ACCEPTED:
        return Ruling(Rule.VERIFICATION, Answer.PASS, "confirmed")
    else:
        reason = _why_ask(invoice, terms, exposure)
    if not reason:
        return Ruling(Rule.VERIFICATION, Answer.PASS, "not_asked")
    return Ruling(Rule.VERIFICATION, Answer.ONE_STEP, "waiting" if word.waits else reason)


def _why_ask(invoice: ReceivableInvoice, terms: Terms, exposure: Exposure) -> str:
    if terms.verify_first and not exposure.is_known_buyer:
        return "first"
    if (invoice.balance or ZERO) >= terms.verify_from:
        return "large"
    return "drawn" if is_drawn(public_id=invoice.public_id, share=terms.verify_share) else ""


def _own_deductions(invoice: ReceivableInvoice, *, face: Decimal, word: Word) -> tuple[Decimal, tuple[Deduction, ...]]:
    """Sales tax, then what the buyer did not confirm; a part that is confirmed has its tax in it."""
    tax = min(max(invoice.tax or ZERO, ZERO), face)
    left, deductions = face - tax, [Deduction(TAX, tax)] if tax else []
    if word.confirmed > 0 and not word.has_changed and (missing := min(left, face - word.confirmed)) > 0:
        deductions.append(Deduction(NOT_CONFIRMED, missing))
        left -= missing
    return left, tuple(deductions)
