"""Inputs of the rules as plain values: a supplier's invoices, buyers, confirmations, limits and what is financed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.results import Reduction, RuleResult
from infactor.invoices.receivables import BuyerAndCurrency, BuyerFacts, Dilution, DilutionDay, ReceivableInvoice

DebtorAndCurrency = tuple[str, str]
RuleAndId = tuple[str, int]
ZERO = Decimal(0)
APPROVED = RuleResult(Rule.APPLICATION, Outcome.PASS)
NOT_HELD = RuleResult(Rule.BOOKS_HOLD, Outcome.PASS)


def debtor_key(*, buyer: BuyerFacts) -> str:
    """The key of whom limits and late balances count for: the buyer's debtor over all suppliers, else the buyer."""
    return f"buyer:{buyer.id}" if buyer.debtor_id is None else f"debtor:{buyer.debtor_id}"


class ConfirmationFacts(NamedTuple):
    """The buyer's latest answer about an invoice, and whether a new one `is_pending`.

    `confirmed_amount` is zero where the buyer disputes the invoice; `has_changed`: the invoice is another one since.
    """

    confirmed_amount: Decimal = ZERO
    is_partial: bool = False
    is_disputed: bool = False
    has_changed: bool = False
    is_pending: bool = False


NO_CONFIRMATION = ConfirmationFacts()
NO_OVERRIDES: Mapping[Rule, date | None] = MappingProxyType({})


class AgingTotals(NamedTuple):
    """What a buyer owes, and what of it is older than the terms' cross-aging age."""

    balance: Decimal = ZERO
    late: Decimal = ZERO


class Utilization(NamedTuple):
    """How much of a limit is used: what is financed, offered or requested, and the largest invoices behind it.

    Only the supplier's own invoices are named.
    """

    amount: Decimal = ZERO
    invoice_numbers: tuple[str, ...] = ()


NO_UTILIZATION = Utilization()


class UtilizationTotals(NamedTuple):
    """Utilization of a debtor's limits over all suppliers, of its limits with this supplier, and of the supplier's."""

    across_suppliers: Mapping[DebtorAndCurrency, Utilization]
    by_pair: Mapping[DebtorAndCurrency, Utilization]
    by_supplier: Mapping[str, Utilization]


class Rest(NamedTuple):
    """What debtors that are not loaded bring against the supplier's limits in one currency.

    `for_limit` counts against its limit, `left` is left of it where concentration is measured, and `debtors` have any
    of that, or use some of the limits.
    """

    for_limit: Decimal = ZERO
    left: Decimal = ZERO
    debtors: int = 0


NO_REST = Rest()


class Share(NamedTuple):
    """What the invoices of one debtor in one currency bring when limits are shared out.

    Of `candidates`, which no other rule makes ineligible, `counted` are large enough to be left. `for_limit` is what
    counts against the supplier's limit, `left` what is left after that, and `capped` what of it concentration may cut.
    """

    candidates: int = 0
    counted: int = 0
    for_limit: Decimal = ZERO
    left: Decimal = ZERO
    capped: Decimal = ZERO


Shares = dict[DebtorAndCurrency, Share]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """One supplier as the rules see it. Amounts are by currency; what a mapping lacks is zero, none, or the default.

    `under_decision` are invoices that are evaluated for their own request or offer. That request or offer is ignored:
    the invoices are not in financing, they use no limit, and they come first when limits are shared out.
    `contra` is the lower of what the supplier and a buyer owe each other; for the buyers in `payables_unknown` nobody
    has read what they are owed. `debtor_marks` has the mark of each root customer that has one; `disputed` are the
    invoices that buyers dispute. `used_of_limits` is the utilization that counts against limits, where that is not all
    utilization. `payables_not_read` are the company files whose payables nobody has read. `rest` is for a portfolio of
    only some debtors, by currency; what is used by the supplier is then of all of them.
    """

    invoices: Sequence[ReceivableInvoice]
    buyers: Mapping[int, BuyerFacts]
    freshness: Mapping[int, RuleResult]
    application: RuleResult = APPROVED
    contra: Mapping[BuyerAndCurrency, Decimal] = field(default_factory=dict)
    payables_unknown: frozenset[int] = frozenset()
    payables_not_read: frozenset[int] = frozenset()
    books_hold: RuleResult = NOT_HELD
    debtor_marks: Mapping[int, str] = field(default_factory=dict)
    disputed: frozenset[int] = frozenset()
    credits: Mapping[BuyerAndCurrency, Decimal] = field(default_factory=dict)
    dilution: Mapping[BuyerAndCurrency, Dilution] = field(default_factory=dict)
    dilution_days: Mapping[BuyerAndCurrency, Sequence[DilutionDay]] = field(default_factory=dict)
    aging_elsewhere: Mapping[DebtorAndCurrency, AgingTotals] = field(default_factory=dict)
    confirmations: Mapping[int, ConfirmationFacts] = field(default_factory=dict)
    known_buyers: frozenset[int] = frozenset()
    duplicates: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    missing_documents: Mapping[int, str] = field(default_factory=dict)
    invoice_overrides: Mapping[RuleAndId, date | None] = field(default_factory=dict)
    buyer_overrides: Mapping[RuleAndId, date | None] = field(default_factory=dict)
    used_across_suppliers: Mapping[DebtorAndCurrency, Utilization] = field(default_factory=dict)
    used_by_pair: Mapping[DebtorAndCurrency, Utilization] = field(default_factory=dict)
    used_by_supplier: Mapping[str, Utilization] = field(default_factory=dict)
    buyer_limits: Mapping[DebtorAndCurrency, Decimal] = field(default_factory=dict)
    pair_limits: Mapping[DebtorAndCurrency, Decimal] = field(default_factory=dict)
    supplier_limits: Mapping[str, Decimal] = field(default_factory=dict)
    used_of_limits: UtilizationTotals | None = None
    under_decision: frozenset[int] = frozenset()
    rest: Mapping[str, Rest] = field(default_factory=dict)


class InvoiceContext(NamedTuple):
    """What one invoice shares with others: results of its supplier, buyer and books, and what is taken off it.

    `overrides` are the rules that staff let it pass, each with the last day of the override (None: without end).
    """

    buyer_results: tuple[RuleResult, ...]
    freshness: RuleResult
    application: RuleResult = APPROVED
    books_hold: RuleResult = NOT_HELD
    confirmation: ConfirmationFacts = NO_CONFIRMATION
    is_known_buyer: bool = False
    is_under_decision: bool = False
    duplicates: tuple[str, ...] = ()
    missing_documents: str = ""
    overrides: Mapping[Rule, date | None] = NO_OVERRIDES
    reductions: tuple[Reduction, ...] = ()
