"""The cheapest set of invoices that reaches an amount."""

from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.financing.pricing import cheapest_set
from infactor.financing.pricing.cheapest_set import Candidate, InsufficientInvoices


def candidates(*pairs: tuple[str, str]) -> list[Candidate]:
    return [Candidate(key, Decimal(advance), Decimal(fee)) for key, (advance, fee) in enumerate(pairs)]


def test_the_cheaper_of_two_that_would_do_is_chosen() -> None:
    choice = cheapest_set.find_cheapest_set(candidates=candidates(("900", "20"), ("850", "15")), amount=Decimal(800))
    assert (choice.keys, choice.fee, choice.is_cheapest) == ((1,), Decimal(15), True)


def test_two_small_ones_go_before_a_dearer_large_one() -> None:
    offered = candidates(("1000", "40"), ("500", "12"), ("500", "13"))
    assert cheapest_set.find_cheapest_set(candidates=offered, amount=Decimal(1000)).keys == (1, 2)


def test_of_two_sets_that_cost_the_same_the_one_with_fewer_invoices_is_chosen() -> None:
    offered = candidates(("500", "10"), ("500", "10"), ("1000", "20"))
    assert cheapest_set.find_cheapest_set(candidates=offered, amount=Decimal(1000)).keys == (2,)


def test_what_all_of_them_bring_is_told_when_it_is_not_enough() -> None:
    with pytest.raises(InsufficientInvoices) as refused:
        cheapest_set.find_cheapest_set(candidates=candidates(("500", "10"), ("300", "5")), amount=Decimal("800.01"))
    assert refused.value.available == Decimal(800)


def test_nothing_to_choose_from_is_not_enough() -> None:
    with pytest.raises(InsufficientInvoices):
        cheapest_set.find_cheapest_set(candidates=[], amount=Decimal(1))


pairs = st.tuples(st.integers(1, 5000), st.integers(0, 300)).map(lambda pair: (f"{pair[0]}.37", str(pair[1])))


@given(offered=st.lists(pairs, min_size=1, max_size=8), share=st.integers(1, 100))
def test_no_other_set_that_is_enough_is_cheaper(offered: list[tuple[str, str]], share: int) -> None:
    known = candidates(*offered)
    amount = (sum((one.advance for one in known), Decimal(0)) * share / 100).quantize(Decimal("0.01"))
    choice = cheapest_set.find_cheapest_set(candidates=known, amount=amount)
    enough = [
        (sum(one.fee for one in chosen), len(chosen))
        for count in range(1, len(known) + 1)
        for chosen in combinations(known, count)
        if sum(one.advance for one in chosen) >= amount
    ]
    assert (choice.fee, len(choice.keys)) == min(enough)
    assert choice.advance == sum(known[int(str(key))].advance for key in choice.keys) >= amount


def test_a_search_that_is_cut_short_says_so_and_still_brings_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cheapest_set, "MAX_STEPS", 3)
    offered = candidates(*((str(100 + 7 * step), str(3 + step % 5)) for step in range(40)))
    choice = cheapest_set.find_cheapest_set(candidates=offered, amount=Decimal(3000))
    assert not choice.is_cheapest
    assert choice.advance >= 3000
