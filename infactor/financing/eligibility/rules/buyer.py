"""The rules that hold of a buyer as a whole, asked once and shared by all of its invoices. Pure, no query."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from infactor.financing.eligibility.portfolio import (
    NO_WORD,
    ZERO,
    Aged,
    Exposure,
    Portfolio,
    debtor_key,
)
from infactor.financing.eligibility.rules import dilution as diluting
from infactor.financing.eligibility.rules.catalogue import (
    OVERRIDABLE,
    Answer,
    Reduction,
    Rule,
    Ruling,
)
from infactor.financing.eligibility.rules.limits import rooms
from infactor.financing.terms import Terms
from infactor.invoices.receivables import BuyerAndCurrency, BuyerFacts, Dilution, ReceivableInvoice
from infactor.invoices.states import BooksStatus

OWED = (BooksStatus.OPEN, BooksStatus.PARTLY_PAID)
MOST_NAMES = 5
NEVER_READ = Ruling(Rule.FRESHNESS, Answer.FAIL, "never_read")
HUNDRED = Decimal(100)
NOTHING_DILUTED = Dilution(ZERO, ZERO)


class Surroundings:
    """What is around each invoice of one portfolio on one day."""

    def __init__(self, *, portfolio: Portfolio, terms_by_currency: Mapping[str, Terms], as_of: date) -> None:
        self._portfolio = portfolio
        self._terms = terms_by_currency
        self._as_of = as_of
        self._owed: dict[tuple[str, str], list[ReceivableInvoice]] = defaultdict(list)
        for invoice in portfolio.invoices:
            if invoice.books_status in OWED and invoice.balance and invoice.buyer_key in portfolio.buyers:
                key = debtor_key(buyer=portfolio.buyers[invoice.buyer_key])
                self._owed[key, invoice.currency].append(invoice)
        self._around: dict[BuyerAndCurrency, tuple[Ruling, ...]] = {}
        self._rooms: dict[BuyerAndCurrency, tuple[Reduction, ...]] = {}
        self._cross_aging: dict[tuple[str, str], Ruling] = {}

    def of(self, invoice: ReceivableInvoice, *, cuts: tuple[Reduction, ...] | None = None) -> Exposure:
        """The exposure of `invoice`; without `cuts` they say what the limits are, and take nothing off it."""
        portfolio, key = self._portfolio, (invoice.buyer_key, invoice.currency)
        if key not in self._around:
            self._around[key], self._rooms[key] = self._around_of(key)
        return Exposure(
            around=self._around[key],
            freshness=portfolio.freshness.get(invoice.company_file_id, NEVER_READ),
            word=portfolio.words.get(invoice.id, NO_WORD),
            is_known_buyer=invoice.buyer_key in portfolio.known_buyers,
            is_released=invoice.id in portfolio.released,
            collisions=portfolio.collisions.get(invoice.id, ()),
            approved=self._approved(invoice),
            cuts=self._rooms[key] if cuts is None else cuts,
        )

    def _approved(self, invoice: ReceivableInvoice) -> Mapping[Rule, date | None]:
        """Of two words of staff, on the invoice and on its buyer, the one that holds longer."""
        portfolio = self._portfolio
        if not portfolio.approved_invoices and not portfolio.approved_buyers:
            return {}
        found: dict[Rule, date | None] = {}
        for rule in OVERRIDABLE:
            ends = [
                words[rule, key]
                for words, key in (
                    (portfolio.approved_invoices, invoice.id),
                    (portfolio.approved_buyers, invoice.buyer_key),
                )
                if (rule, key) in words
            ]
            if ends:
                found[rule] = None if None in ends else max(end for end in ends if end is not None)
        return found

    def _around_of(self, key: BuyerAndCurrency) -> tuple[tuple[Ruling, ...], tuple[Reduction, ...]]:
        buyer_key, currency = key
        terms, buyer = self._terms.get(currency), self._portfolio.buyers.get(buyer_key)
        if terms is None or buyer is None:
            nothing = (Rule.BUSINESS_BUYER, Rule.HISTORY, Rule.CROSS_AGING, Rule.DILUTION, Rule.CONTRA)
            return tuple(Ruling(rule, Answer.UNKNOWN, "no_buyer") for rule in nothing), ()
        dilution = self._portfolio.dilution.get(key, NOTHING_DILUTED)
        around = (
            Ruling(Rule.BUSINESS_BUYER, Answer.PASS if buyer.is_business else Answer.FAIL),
            _history(buyer, terms),
            self._cross_aging_of(buyer, currency, terms),
            diluting.ruling(dilution=dilution, days=self._portfolio.dilution_days.get(key, ()), terms=terms),
            Ruling(Rule.CONTRA, Answer.UNKNOWN, "vendors_not_read"),
        )
        return around, rooms(buyer=buyer, currency=currency, portfolio=self._portfolio, terms=terms)

    def _cross_aging_of(self, buyer: BuyerFacts, currency: str, terms: Terms) -> Ruling:
        key = (debtor_key(buyer=buyer), currency)
        if key not in self._cross_aging:
            elsewhere = self._portfolio.aged_elsewhere.get(key, Aged())
            self._cross_aging[key] = cross_aging(
                owed=self._owed.get(key, []), elsewhere=elsewhere, terms=terms, as_of=self._as_of
            )
        return self._cross_aging[key]


def cross_aging(*, owed: list[ReceivableInvoice], elsewhere: Aged, terms: Terms, as_of: date) -> Ruling:
    """The share of what a debtor owes that is older than the terms' age. All of `owed` is of one debtor and currency.

    Names the fewest late invoices whose payment would bring the share below the bound.
    """
    bound, limit = terms.cross_aging_share, timedelta(days=terms.cross_aging_days)
    dated = sorted(
        ((one.txn_date, one.balance or ZERO, one.id, one.number) for one in owed if one.txn_date is not None),
        key=lambda one: one[:3],
    )
    total = elsewhere.balance + sum((one.balance or ZERO for one in owed), ZERO)
    late_ones = [one for one in dated if as_of - one[0] > limit]
    late = elsewhere.late + sum((one[1] for one in late_ones), ZERO)
    why = "elsewhere" if elsewhere.late else ""
    found = (late * HUNDRED / total).quantize(Decimal("0.1")) if total > 0 else ZERO
    if late * HUNDRED < bound * total or total <= 0:
        return Ruling(Rule.CROSS_AGING, Answer.PASS, why, found, bound, _turns_late(dated, late, total, terms, as_of))
    names, left_total = [], total
    for _, balance, _, number in sorted(late_ones, key=lambda one: (-one[1], one[2])):
        names.append(number)
        late, left_total = late - balance, left_total - balance
        if left_total <= 0 or late * HUNDRED < bound * left_total:
            break
    return Ruling(Rule.CROSS_AGING, Answer.FAIL, why, found, bound, names=tuple(names[:MOST_NAMES]))


def _turns_late(
    dated: list[tuple[date, Decimal, int, str]], late: Decimal, total: Decimal, terms: Terms, as_of: date
) -> date | None:
    """The first day on which today's balances, if none is paid, are late enough to fail."""
    limit = timedelta(days=terms.cross_aging_days)
    if total <= 0:
        return None
    for issued, balance, _, _ in dated:
        if as_of - issued > limit:
            continue
        late += balance
        if late * HUNDRED >= terms.cross_aging_share * total:
            return issued + limit + timedelta(days=1)
    return None


def _history(buyer: BuyerFacts, terms: Terms) -> Ruling:
    enough = buyer.paid_invoices >= terms.least_paid_invoices
    answer = Answer.PASS if enough else Answer.FAIL
    return Ruling(Rule.HISTORY, answer, "", buyer.paid_invoices, terms.least_paid_invoices)
