"""Sums of open amounts are found, said to be the only ones only if they are, and the search ends."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from infactor.financing.collections import subset_sums

AMOUNTS = st.lists(st.integers(1, 30).map(Decimal), min_size=1, max_size=9)


@given(amounts=AMOUNTS, picked=st.data())
def test_a_sum_that_exists_is_found_and_one_way_means_the_only_way(
    amounts: list[Decimal], picked: st.DataObject
) -> None:
    chosen = picked.draw(st.sets(st.integers(0, len(amounts) - 1), min_size=1))
    total = sum((amounts[one] for one in chosen), Decimal(0))
    found = subset_sums.find(amounts=amounts, total=total)
    assert found
    assert all(sum((amounts[one] for one in way), Decimal(0)) == total for way in found)
    if len(found) == 1:
        assert set(found[0]) == chosen


def test_a_search_among_many_equal_amounts_ends() -> None:
    amounts = [Decimal("10.01")] * 40
    assert subset_sums.find(amounts=amounts, total=Decimal("9.99")) == []
    assert len(subset_sums.find(amounts=amounts, total=Decimal("50.05"))) == 2
