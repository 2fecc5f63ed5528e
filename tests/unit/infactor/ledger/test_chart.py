"""The chart of accounts names what every posting can be made to."""

from infactor.ledger.chart import CHART, AccountType
from infactor.ledger.models import Purpose

FIRST_DIGITS = {
    AccountType.ASSET: "1",
    AccountType.LIABILITY: "2",
    AccountType.EQUITY: "3",
    AccountType.INCOME: "4",
    AccountType.EXPENSE: "6",
}


def test_every_purpose_has_a_number_of_its_own_that_tells_its_type() -> None:
    assert set(CHART) == set(Purpose)
    numbers = [account.number for account in CHART.values()]
    assert len(set(numbers)) == len(numbers)
    assert [one for one in CHART.values() if not one.number.startswith(FIRST_DIGITS[one.type])] == []


def test_assets_and_expenses_are_on_the_debit_side() -> None:
    on_debit_side = {purpose for purpose, account in CHART.items() if account.number[0] in "16"}
    assert on_debit_side == {purpose for purpose in Purpose if purpose.is_debit_normal}
