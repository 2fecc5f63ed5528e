"""What the decisions of staff about house accounts share."""

from infactor.banking import open_accounts
from infactor.banking.errors import BankingError
from infactor.banking.formats.records import UnreadableFile
from infactor.banking.models import HouseAccount
from infactor.banking.movements import KEEP_HOUSE_ACCOUNTS
from infactor.core.admin.decisions import DecisionView, RowDecision
from infactor.suppliers.access import signed_in_user
from infactor.users.models import User


class BankingDecision(DecisionView):
    """A decision whose refusal is a sentence of banking."""

    refusals: tuple[type[Exception], ...] = (BankingError, UnreadableFile)

    @property
    def user(self) -> User:
        return signed_in_user(self.request)


class AccountDecision(RowDecision, BankingDecision):
    """A decision about one house account: it says where money moves, so the second factor is asked for anew."""

    permission = KEEP_HOUSE_ACCOUNTS
    needs_fresh_factor = True

    @classmethod
    def is_possible(cls, row: HouseAccount) -> bool:
        return row.closed_at is None

    @classmethod
    def blocker_of(cls, row: HouseAccount) -> str:
        return open_accounts.closed_because(row) or super().blocker_of(row)
