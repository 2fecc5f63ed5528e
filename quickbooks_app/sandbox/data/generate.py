"""Seeds an empty store with the sample companies and adds bulk invoices on request."""

from datetime import datetime, timedelta
from random import Random

from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.data import catalogue, company_settings
from quickbooks_app.sandbox.data import seed as generator_seed
from quickbooks_app.sandbox.data.bulk import add_invoices
from quickbooks_app.sandbox.data.catalogue import MAIN_REALM, SECOND_REALM
from quickbooks_app.sandbox.data.history import UNRESTRICTED, History, line
from quickbooks_app.sandbox.data.lists import open_lists
from quickbooks_app.sandbox.data.purchases import schedule_purchases
from quickbooks_app.sandbox.data.suppliers import open_suppliers
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.store import Store

__all__ = ["MAIN_REALM", "SECOND_REALM", "add_invoices", "seed_if_empty"]

COMPANY_AGE = timedelta(days=420)


def seed_if_empty(store: Store, *, at: datetime, seed: int = 7) -> bool:
    """Write both sample companies, identical for the same seed and day. Returns False if companies exist already."""
    with store.transaction() as connection:
        if store.realms():
            return False
        main = History(connection, realm=MAIN_REALM, at=at, random=Random(seed))
        _open_main_company(Books(connection, realm=MAIN_REALM, at=at - COMPANY_AGE))
        generator_seed.schedule_history(main)
        main.run()
        _deactivate_one_customer(Books(connection, realm=MAIN_REALM, at=at - timedelta(days=85)))
        # After the invoices, so that their ids and chance are their own.
        rest = History(connection, realm=MAIN_REALM, at=at, random=Random(seed + 2))
        suppliers = open_suppliers(Books(connection, realm=MAIN_REALM, at=at - COMPANY_AGE))
        schedule_purchases(rest, suppliers)
        rest.run()
        _open_second_company(Books(connection, realm=SECOND_REALM, at=at - COMPANY_AGE))
        second = History(connection, realm=SECOND_REALM, at=at, random=Random(seed + 1))
        _plan_second(second)
        second.run()
    return True


def _open_main_company(books: Books) -> None:
    address = {
        "Line1": "418 SE Water Avenue",
        "City": "Portland",
        "CountrySubDivisionCode": "OR",
        "PostalCode": "97214",
    }
    info = company_settings.company_info(
        "Larkspur Coffee Roasters", email="rosa@larkspurcoffee.example", address=address
    )
    _open(books, info, several_currencies=True, items=catalogue.MAIN_ITEMS, customers=catalogue.MAIN_CUSTOMERS)


def _open_second_company(books: Books) -> None:
    address = {
        "Line1": "2 Kiln Yard",
        "City": "Oakland",
        "CountrySubDivisionCode": "CA",
        "PostalCode": "94607",
    }
    info = company_settings.company_info("Harbor & Vine Ceramics", email="studio@harborvine.example", address=address)
    _open(books, info, several_currencies=False, items=catalogue.SECOND_ITEMS, customers=catalogue.SECOND_CUSTOMERS)


def _open(
    books: Books,
    info: Document,
    *,
    several_currencies: bool,
    items: tuple[tuple[str, str, str, bool, str, str], ...],
    customers: tuple[Document, ...],
) -> None:
    books.insert("CompanyInfo", info, id="1")
    preferences = company_settings.preferences(
        several_currencies=several_currencies, terms=catalogue.NET_30, company=str(info["CompanyName"])
    )
    books.insert("Preferences", preferences, id="1")
    open_lists(books, several_currencies=several_currencies)
    for name, days in catalogue.TERMS:
        writing.create(books, entity="Term", payload={"Name": name, "DueDays": days}, rules=UNRESTRICTED)
    opening = clock.company_today(books.at).isoformat()
    for row in items:
        writing.create(books, entity="Item", payload=catalogue.item(row, opening=opening), rules=UNRESTRICTED)
    for customer in customers:
        writing.create(books, entity="Customer", payload=customer, rules=UNRESTRICTED)


def _deactivate_one_customer(books: Books) -> None:
    """Make one customer inactive; its invoices remain."""
    customer = books.get("Customer", catalogue.HOLLYHOCK)
    payload = {"Id": customer["Id"], "SyncToken": customer["SyncToken"], "sparse": True, "Active": False}
    writing.update(books, entity="Customer", payload=payload, rules=UNRESTRICTED)


def _plan_second(history: History) -> None:
    for position, (customer, quantity) in enumerate(
        (("1", 60), ("2", 140), ("3", 35), ("1", 90), ("2", 48), ("3", 220))
    ):
        history.invoice(
            f"order {position}", 70 - position * 12, customer, [line("1", quantity=str(quantity), price="14")]
        )
    history.pay(20, "order 0")
