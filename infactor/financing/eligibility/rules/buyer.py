"""Rules about a buyer as a whole, evaluated once and shared by all of its invoices. Pure, no query."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from infactor.financing.eligibility.catalogue import BUYER_RULES, OVERRIDABLE, Outcome, Rule
from infactor.financing.eligibility.portfolio import (
    NO_CONFIRMATION,
    NO_OVERRIDES,
    AgingTotals,
    DebtorAndCurrency,
    InvoiceContext,
    Portfolio,
    debtor_key,
)
from infactor.financing.eligibility.results import Reduction, RuleResult
from infactor.financing.eligibility.rules.books import NEVER_READ
from infactor.financing.eligibility.rules.cross_aging import MAX_INVOICE_NUMBERS, ONE_DAY, cross_aging
from infactor.financing.eligibility.rules.dilution import NO_DILUTION, dilution_result
from infactor.financing.eligibility.rules.limits import available_limits
from infactor.financing.terms import Terms
from infactor.invoices.receivables import BuyerAndCurrency, BuyerFacts, ReceivableInvoice
from infactor.invoices.states import BooksStatus

OWED = (BooksStatus.OPEN, BooksStatus.PARTLY_PAID)


class BuyerRules:
    """The rules about the buyers of one portfolio on one day, each evaluated once for a buyer and currency."""

    def __init__(self, *, portfolio: Portfolio, terms_by_currency: Mapping[str, Terms], as_of: date) -> None:
        self._portfolio = portfolio
        self._terms = terms_by_currency
        self._as_of = as_of
        self._owed: dict[DebtorAndCurrency, list[ReceivableInvoice]] = defaultdict(list)
        for invoice in portfolio.invoices:
            if invoice.books_status in OWED and invoice.balance and invoice.buyer_key in portfolio.buyers:
                key = debtor_key(buyer=portfolio.buyers[invoice.buyer_key])
                self._owed[key, invoice.currency].append(invoice)
        self._overridden_invoices = {key for _, key in portfolio.invoice_overrides}
        self._overridden_buyers = {key for _, key in portfolio.buyer_overrides}
        self._results: dict[BuyerAndCurrency, tuple[RuleResult, ...]] = {}
        self._limits: dict[BuyerAndCurrency, tuple[Reduction, ...]] = {}
        self._cross_aging: dict[DebtorAndCurrency, RuleResult] = {}

    def context_for(
        self, invoice: ReceivableInvoice, *, reductions: tuple[Reduction, ...] | None = None
    ) -> InvoiceContext:
        """What `invoice` shares with others. Without `reductions` it has its limits, and nothing is taken off it."""
        portfolio, key = self._portfolio, (invoice.buyer_key, invoice.currency)
        if key not in self._results:
            self._evaluate(key)
        return InvoiceContext(
            buyer_results=self._results[key],
            freshness=portfolio.freshness.get(invoice.company_file_id, NEVER_READ),
            application=portfolio.application,
            books_hold=portfolio.books_hold,
            confirmation=portfolio.confirmations.get(invoice.id, NO_CONFIRMATION),
            is_known_buyer=invoice.buyer_key in portfolio.known_buyers,
            is_under_decision=invoice.id in portfolio.under_decision,
            duplicates=portfolio.duplicates.get(invoice.id, ()),
            missing_documents=portfolio.missing_documents.get(invoice.id, ""),
            overrides=self._overrides(invoice),
            reductions=self._limits[key] if reductions is None else reductions,
        )

    def _overrides(self, invoice: ReceivableInvoice) -> Mapping[Rule, date | None]:
        """Of two overrides, of the invoice and of its buyer, the one that ends later."""
        portfolio = self._portfolio
        if invoice.id not in self._overridden_invoices and invoice.buyer_key not in self._overridden_buyers:
            return NO_OVERRIDES
        found: dict[Rule, date | None] = {}
        for rule in OVERRIDABLE:
            last_days = [
                overrides[rule, key]
                for overrides, key in (
                    (portfolio.invoice_overrides, invoice.id),
                    (portfolio.buyer_overrides, invoice.buyer_key),
                )
                if (rule, key) in overrides
            ]
            if last_days:
                found[rule] = None if None in last_days else max(day for day in last_days if day is not None)
        return found

    def _evaluate(self, key: BuyerAndCurrency) -> None:
        """Evaluate every rule about one buyer in one currency."""
        buyer_key, currency = key
        portfolio, terms, buyer = self._portfolio, self._terms.get(currency), self._portfolio.buyers.get(buyer_key)
        if terms is None or buyer is None:
            self._results[key] = tuple(RuleResult(rule, Outcome.UNKNOWN, "no_buyer") for rule in BUYER_RULES)
            self._limits[key] = ()
            return
        self._results[key] = (
            RuleResult(Rule.BUSINESS_BUYER, Outcome.PASS if buyer.is_business else Outcome.FAIL),
            _debtor_mark(self._portfolio.debtor_marks.get(buyer_key, "")),
            self._dispute_of(buyer, currency),
            _payment_history(buyer, terms),
            self._cross_aging_of(buyer, currency, terms),
            dilution_result(
                dilution=portfolio.dilution.get(key, NO_DILUTION),
                days=portfolio.dilution_days.get(key, ()),
                terms=terms,
            ),
        )
        self._limits[key] = available_limits(buyer=buyer, currency=currency, portfolio=portfolio, terms=terms)

    def _dispute_of(self, buyer: BuyerFacts, currency: str) -> RuleResult:
        """Fails from the day after the due date of an invoice that the buyer disputes and owes."""
        owed = self._owed.get((debtor_key(buyer=buyer), currency), [])
        disputed = [one for one in owed if one.id in self._portfolio.disputed and one.payable_date is not None]
        late = sorted(one.number for one in disputed if one.payable_date and one.payable_date < self._as_of)
        if late:
            return RuleResult(Rule.BUYER_DISPUTE, Outcome.FAIL, details=tuple(late[:MAX_INVOICE_NUMBERS]))
        next_due = min((one.payable_date for one in disputed if one.payable_date), default=None)
        fails_on = next_due + ONE_DAY if next_due is not None else None
        return RuleResult(Rule.BUYER_DISPUTE, Outcome.PASS, next_change_on=fails_on)

    def _cross_aging_of(self, buyer: BuyerFacts, currency: str, terms: Terms) -> RuleResult:
        """Buyers that are one debtor have one balance."""
        key = (debtor_key(buyer=buyer), currency)
        if key not in self._cross_aging:
            self._cross_aging[key] = cross_aging(
                owed=self._owed.get(key, []),
                elsewhere=self._portfolio.aging_elsewhere.get(key, AgingTotals()),
                terms=terms,
                as_of=self._as_of,
            )
        return self._cross_aging[key]


def _debtor_mark(mark: str) -> RuleResult:
    """What staff marked the buyer's debtor as; empty: nothing."""
    outcome = {"": Outcome.PASS, "watch": Outcome.WARN}.get(mark, Outcome.FAIL)
    return RuleResult(Rule.DEBTOR_MARK, outcome, mark)


def _payment_history(buyer: BuyerFacts, terms: Terms) -> RuleResult:
    outcome = Outcome.PASS if buyer.paid_invoices >= terms.min_paid_invoices else Outcome.FAIL
    return RuleResult(Rule.PAYMENT_HISTORY, outcome, "", buyer.paid_invoices, terms.min_paid_invoices)
