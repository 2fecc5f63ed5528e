"""Models of infactor's bank accounts, in the order in which they refer to each other."""

from infactor.banking.models.house_account import HouseAccount
from infactor.banking.models.movement import Movement
from infactor.banking.models.statement import Statement, StatementFile
from infactor.banking.models.statement_line import LineMatch, StatementLine

__all__ = ["HouseAccount", "LineMatch", "Movement", "Statement", "StatementFile", "StatementLine"]
