"""What must be true before objects are read: the company has such objects, and its accounts have their balances."""

from collections.abc import Iterable
from datetime import datetime

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.lists import accounts
from quickbooks_app.sandbox.runtime.entities import Entity
from quickbooks_app.sandbox.runtime.store import Store


def has_objects(store: Store, *, realm: str, entity: Entity, at: datetime) -> bool:
    """Return whether the objects exist in the company's country."""
    if not entity.countries:
        return True
    company = Books(store.connection(), realm=realm, at=at).find("CompanyInfo", "1")
    return company is not None and entity.exists_in(str(company.get("Country", "")))


def prepare(store: Store, *, realm: str, entities: Iterable[str], at: datetime) -> None:
    """Write into the accounts what changes of transactions have made of their balances, if accounts are to be read."""
    if "Account" not in entities or not Books(store.connection(), realm=realm, at=at).is_marked():
        return
    with store.transaction() as connection:
        accounts.refresh_balances(Books(connection, realm=realm, at=at))
