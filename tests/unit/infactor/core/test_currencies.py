"""The currencies of the books are those that are legal tender today, and nothing else."""

import pytest
from babel.core import get_global
from django.core.exceptions import ValidationError

from infactor.core.currencies import CURRENCIES, is_currency, validate_currency


def test_the_list_is_babels_list_of_what_is_legal_tender_today() -> None:
    today = {
        code
        for rows in get_global("territory_currencies").values()
        for code, _, end, is_tender in rows
        if is_tender and end is None
    }
    assert set(CURRENCIES) == today
    assert list(CURRENCIES) == sorted(CURRENCIES)


@pytest.mark.parametrize("code", ["ZZZ", "XXX", "DEM", "usd", "US", "", "USD "])
def test_what_nobody_pays_with_is_no_currency(code: str) -> None:
    assert not is_currency(code)
    with pytest.raises(ValidationError, match="no currency"):
        validate_currency(code)
