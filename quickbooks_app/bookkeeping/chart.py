"""The chart of accounts: which accounts of a company can stand for which role, as QuickBooks has them now."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.core.cache import cache

from quickbooks_app.api.session import ApiSession, save_calls, take_calls
from quickbooks_app.api.transport import INTERACTIVE
from quickbooks_app.api.writes import bodies
from quickbooks_app.models import BookkeepingAccount, Connection

Role = BookkeepingAccount.Role
KEPT = 10 * 60  # seconds
PAGE = 1000
VENDOR_NAME = "infactor"
ACCOUNTS = "SELECT * FROM Account WHERE Active = true"
VENDORS = "SELECT * FROM Vendor WHERE DisplayName LIKE '%infactor%'"


class RoleType(NamedTuple):
    """What kind of account stands for a role, and the one that infactor can create for it."""

    type: str
    detail: str
    name: str


ROLE_TYPES = {
    Role.BANK: RoleType("Bank", "", ""),
    Role.ADVANCES: RoleType("Other Current Liability", "OtherCurrentLiabilities", "infactor advances"),
    Role.DUE: RoleType("Other Current Asset", "OtherCurrentAssets", "Due from infactor"),
    Role.FEES: RoleType("Expense", "BankCharges", "Factoring fees"),
    Role.RECEIVABLES: RoleType("Accounts Receivable", "", ""),
}
# What infactor may create. Bank and receivables are always there.
CREATED = (Role.ADVANCES, Role.DUE, Role.FEES, Role.VENDOR)


class Account(NamedTuple):
    """An active account, or a vendor, whose `type` is Vendor. `currency` is the home currency where none is given."""

    id: str
    name: str
    type: str
    currency: str


class Chart(NamedTuple):
    """The active accounts of a company, and the vendors with infactor's name."""

    home_currency: str
    accounts: Sequence[Account]

    def of(self, role: str) -> list[Account]:
        """The accounts that can stand for `role`."""
        kind = "Vendor" if role == Role.VENDOR else ROLE_TYPES[Role(role)].type
        return [one for one in self.accounts if one.type == kind]

    def find(self, role: str, qbk_id: str) -> Account | None:
        """The account for `role` with this id."""
        return next((one for one in self.of(role) if one.id == qbk_id), None)


def read_chart(*, connection: Connection, now: Callable[[], datetime], is_fresh: bool = False) -> Chart:
    """The chart as it was in the last ten minutes; with `is_fresh`, as it is now, for two calls.

    Raises QuickBooksError.
    """
    key = f"quickbooks:chart:{connection.pk}"
    found: Chart | None = None if is_fresh else cache.get(key)
    if found is None:
        found = _ask(connection, now=now)
        cache.set(key, found, KEPT)
    return found


def new_object(role: str) -> tuple[str, dict[str, Any]]:
    """The object that infactor creates for `role`, and its fields."""
    if role == Role.VENDOR:
        return "Vendor", {"DisplayName": VENDOR_NAME, "CompanyName": VENDOR_NAME}
    wanted = ROLE_TYPES[Role(role)]
    return "Account", {"Name": wanted.name, "AccountType": wanted.type, "AccountSubType": wanted.detail}


def new_name(role: str) -> str:
    """The name of what infactor creates for `role`."""
    return VENDOR_NAME if role == Role.VENDOR else ROLE_TYPES[Role(role)].name


def _ask(connection: Connection, *, now: Callable[[], datetime]) -> Chart:
    home = connection.company_file.home_currency
    with closing(ApiSession(connection=connection, now=now, timeouts=INTERACTIVE)) as session:
        try:
            accounts = [_account(one, home) for one in _objects(session, "Account", ACCOUNTS)]
            vendors = [
                Account(str(one["Id"]), str(one.get("DisplayName", "")), "Vendor", _currency(one, home))
                for one in _objects(session, "Vendor", VENDORS)
            ]
        finally:
            save_calls(take_calls(session.calls), connection=connection, run=None, at=now())
    return Chart(home, [*accounts, *vendors])


def _objects(session: ApiSession, entity: str, statement: str) -> list[Mapping[str, Any]]:
    """All results of a query, page by page."""
    found: list[Mapping[str, Any]] = []
    while True:
        paged = f"{statement} STARTPOSITION {len(found) + 1} MAXRESULTS {PAGE}"
        page = session.call(partial(session.client.query, entity=entity, statement=paged)).objects
        found += [bodies.decode(raw) for raw in page]
        if len(page) < PAGE:
            return found


def _account(found: Mapping[str, Any], home: str) -> Account:
    name = str(found.get("FullyQualifiedName") or found.get("Name") or found["Id"])
    return Account(str(found["Id"]), name[:200], str(found.get("AccountType", "")), _currency(found, home))


def _currency(found: Mapping[str, Any], home: str) -> str:
    return str((found.get("CurrencyRef") or {}).get("value") or home)
