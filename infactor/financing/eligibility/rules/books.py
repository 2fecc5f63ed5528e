"""Freshness: books that were never read completely exclude an invoice, old ones carry a warning. Pure, no query."""

from datetime import datetime, timedelta

from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.results import RuleResult

MAX_BOOKS_AGE = timedelta(hours=24)
BY_HAND = RuleResult(Rule.FRESHNESS, Outcome.PASS, "by_hand")
NEVER_READ = RuleResult(Rule.FRESHNESS, Outcome.FAIL, "never_read")


def freshness(*, books_as_of: datetime | None, at: datetime) -> RuleResult:
    """The result for books that were completely read up to `books_as_of`.

    Fresh books carry no date: with one, every reading of the books would change the stored results.
    """
    if books_as_of is None:
        return NEVER_READ
    if is_stale(books_as_of=books_as_of, at=at):
        read_to = books_as_of.isoformat(timespec="minutes")
        return RuleResult(Rule.FRESHNESS, Outcome.WARN, "stale", details=(read_to,))
    return RuleResult(Rule.FRESHNESS, Outcome.PASS)


def is_stale(*, books_as_of: datetime | None, at: datetime) -> bool:
    """Whether books that were completely read up to `books_as_of` are too old at the moment `at`."""
    return books_as_of is None or at - books_as_of > MAX_BOOKS_AGE
