"""Everything that the rules look at, as plain values: one supplier's invoices, buyers, limits and what is financed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from infactor.financing.eligibility.rules.catalogue import Reduction, Rule, Ruling
from infactor.invoices.receivables import BuyerAndCurrency, BuyerFacts, Dilution, DilutionDay, ReceivableInvoice

DebtorAndCurrency = tuple[str, str]
ZERO = Decimal(0)


def debtor_key(*, buyer: BuyerFacts) -> str:
    """Whose limit and lateness count: the debtor's over the whole house, else those of the buyer itself."""
    return f"buyer:{buyer.id}" if buyer.debtor_id is None else f"debtor:{buyer.debtor_id}"


class Word(NamedTuple):
    """The buyer's last word on an invoice; `confirmed` is zero where it is disputed, `waits` while they are asked."""

    confirmed: Decimal = ZERO
    is_part: bool = False
    is_disputed: bool = False
    has_changed: bool = False
    waits: bool = False


NO_WORD = Word()


class Aged(NamedTuple):
    """What a buyer owes, and what of it is older than the terms' cross-aging age."""

    balance: Decimal = ZERO
    late: Decimal = ZERO


class Committed(NamedTuple):
    """What is financed, offered or asked for already, and the numbers of the supplier's own invoices behind it."""

    amount: Decimal = ZERO
    numbers: tuple[str, ...] = ()


NOTHING_COMMITTED = Committed()


class Sums(NamedTuple):
    """Commitments added up; the numbers are of the supplier's own invoices."""

    house: Mapping[DebtorAndCurrency, Committed]
    pair: Mapping[DebtorAndCurrency, Committed]
    supplier: Mapping[str, Committed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """One supplier as the rules see it. Amounts are by currency; what stands in no mapping is zero, none, or default.

    `released` are invoices whose own request or offer is left out of sight, because it is what is being judged: they
    are not in financing, they are not in what is committed, and they keep their room before all others. `taken` is what
    takes up room under limits, where that is not all that is committed.
    """

    invoices: Sequence[ReceivableInvoice]
    buyers: Mapping[int, BuyerFacts]
    freshness: Mapping[int, Ruling]
    credits: Mapping[BuyerAndCurrency, Decimal] = field(default_factory=dict)
    dilution: Mapping[BuyerAndCurrency, Dilution] = field(default_factory=dict)
    dilution_days: Mapping[BuyerAndCurrency, Sequence[DilutionDay]] = field(default_factory=dict)
    aged_elsewhere: Mapping[DebtorAndCurrency, Aged] = field(default_factory=dict)
    words: Mapping[int, Word] = field(default_factory=dict)
    known_buyers: frozenset[int] = frozenset()
    collisions: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    approved_invoices: Mapping[tuple[str, int], date | None] = field(default_factory=dict)
    approved_buyers: Mapping[tuple[str, int], date | None] = field(default_factory=dict)
    committed_house: Mapping[DebtorAndCurrency, Committed] = field(default_factory=dict)
    committed_pair: Mapping[DebtorAndCurrency, Committed] = field(default_factory=dict)
    committed_supplier: Mapping[str, Committed] = field(default_factory=dict)
    buyer_limits: Mapping[DebtorAndCurrency, Decimal] = field(default_factory=dict)
    pair_limits: Mapping[DebtorAndCurrency, Decimal] = field(default_factory=dict)
    supplier_limits: Mapping[str, Decimal] = field(default_factory=dict)
    taken: Sums | None = None
    released: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What surrounds one invoice: what the rules say of its buyer and its books, and what is cut off it for others.

    `approved` are the rules that staff let it pass, each with the last day on which that holds (None: without end).
    """

    around: tuple[Ruling, ...]
    freshness: Ruling
    word: Word = NO_WORD
    is_known_buyer: bool = False
    is_released: bool = False
    collisions: tuple[str, ...] = ()
    approved: Mapping[Rule, date | None] = field(default_factory=dict)
    cuts: tuple[Reduction, ...] = ()
