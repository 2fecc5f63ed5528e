"""Models of infactor's bank accounts, in the order in which they refer to each other."""

from infactor.banking.models.account_alert import AccountAlert
from infactor.banking.models.account_change import AccountChange
from infactor.banking.models.house_account import HouseAccount
from infactor.banking.models.movement import Movement
from infactor.banking.models.statement import Statement, StatementFile
from infactor.banking.models.statement_line import LineMatch, StatementLine

__all__ = [
    "AccountAlert",
    "AccountChange",
    "HouseAccount",
    "LineMatch",
    "Movement",
    "Statement",
    "StatementFile",
    "StatementLine",
]
