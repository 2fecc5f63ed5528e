"""The concentration rule limits one buyer's share of a supplier's eligible balance, in worked numbers."""

from decimal import Decimal
from typing import Any

from infactor.financing.eligibility.catalogue import Rule
from infactor.financing.eligibility.portfolio import Utilization
from tests.support.factories.portfolios import (
    WIDE,
    assess,
    bases,
    untaxed,
)


def test_the_share_of_one_buyer_is_measured_before_its_own_cut_and_the_excess_is_out() -> None:
    small = [untaxed(pk, "1000", buyer_key=pk) for pk in range(2, 6)]
    found = assess(untaxed(1, "4000"), *small, terms=WIDE)
    assert bases(found) == [2000, 1000, 1000, 1000, 1000]  # a quarter of 8,000
    assert found[1].deductions == ((Rule.CONCENTRATION, 2000),)


def test_the_share_counts_what_is_financed_already_and_is_rounded_down() -> None:
    small = [untaxed(pk, "1000.01", buyer_key=pk) for pk in range(2, 6)]
    held = {("buyer:1", "USD"): Utilization(Decimal(500), ("INV-9",))}
    around = {"used_by_pair": held, "used_by_supplier": {"USD": Utilization(Decimal(500), ("INV-9",))}}
    found = assess(untaxed(1, "4000"), *small, terms=WIDE, **around)
    assert found[1].base == Decimal("1625.01")  # a quarter of 8,500.04 less 500


def test_the_limit_of_an_only_buyer_counts_instead() -> None:
    found = assess(untaxed(1, "4000"), untaxed(2, "4000"), terms=WIDE)
    assert bases(found) == [4000, 4000]
    held = {("buyer:2", "USD"): Utilization(Decimal(500), ("INV-9",))}
    around = {"used_by_pair": held, "used_by_supplier": {"USD": Utilization(Decimal(500), ("INV-9",))}}
    assert sum(bases(assess(untaxed(1, "4000"), terms=WIDE, **around))) == 1125


def test_what_is_too_small_after_the_limits_makes_no_share_larger() -> None:
    limits = {("buyer:2", "USD"): Decimal(50)}
    around: dict[str, Any] = {"buyer_limits": limits}
    found = assess(untaxed(1, "4000"), untaxed(2, "4000", buyer_key=2), terms=WIDE, **around)
    assert (found[2].decision, found[2].deciding_rule, found[1].base) == ("ineligible", "buyer_limit", 4000)
