"""The chart of accounts: number, name and type of each purpose, in the order in which accountants read them."""

from enum import StrEnum
from typing import NamedTuple

from infactor.ledger.models import Purpose


class AccountType(StrEnum):
    """The types of accounts, with the digit that their numbers begin with."""

    ASSET = "Asset"  # 1
    LIABILITY = "Liability"  # 2
    EQUITY = "Equity"  # 3
    INCOME = "Income"  # 4
    EXPENSE = "Expense"  # 6


class ChartAccount(NamedTuple):
    """One line of the chart."""

    number: str
    name: str
    type: AccountType


CHART: dict[Purpose, ChartAccount] = {
    Purpose.CASH: ChartAccount("1000", "Cash at bank", AccountType.ASSET),
    Purpose.RECEIVABLE: ChartAccount("1100", "Purchased receivables", AccountType.ASSET),
    Purpose.ACCRUED_FEES: ChartAccount("1150", "Accrued fees receivable", AccountType.ASSET),
    Purpose.DUE_FROM_SUPPLIER: ChartAccount("1200", "Due from suppliers", AccountType.ASSET),
    Purpose.RESERVE: ChartAccount("2000", "Reserves held for suppliers", AccountType.LIABILITY),
    Purpose.PAYABLE_TO_SUPPLIER: ChartAccount("2100", "Payable to suppliers", AccountType.LIABILITY),
    Purpose.UNAPPLIED_CASH: ChartAccount("2200", "Unapplied cash", AccountType.LIABILITY),
    Purpose.PAYOUT_IN_TRANSIT: ChartAccount("2300", "Payouts in transit", AccountType.LIABILITY),
    Purpose.CREDIT_FACILITY: ChartAccount("2500", "Credit facility", AccountType.LIABILITY),
    Purpose.CAPITAL: ChartAccount("3000", "Capital", AccountType.EQUITY),
    Purpose.FEE_INCOME: ChartAccount("4000", "Fee income", AccountType.INCOME),
    Purpose.LATE_FEE_INCOME: ChartAccount("4010", "Late fee income", AccountType.INCOME),
    Purpose.WIRE_FEE_INCOME: ChartAccount("4020", "Wire fee income", AccountType.INCOME),
    Purpose.BAD_DEBT_RECOVERED: ChartAccount("4100", "Bad debt recovered", AccountType.INCOME),
    Purpose.INTEREST_INCOME: ChartAccount("4200", "Interest income", AccountType.INCOME),
    Purpose.BAD_DEBT: ChartAccount("6000", "Bad debt", AccountType.EXPENSE),
    Purpose.COLLECTION_COSTS: ChartAccount("6100", "Collection costs", AccountType.EXPENSE),
    Purpose.INTEREST_EXPENSE: ChartAccount("6200", "Interest expense", AccountType.EXPENSE),
    Purpose.BANK_CHARGES: ChartAccount("6300", "Bank charges", AccountType.EXPENSE),
}
