"""Whatever is written, in whatever order, the sandbox's books stay double-entry and every balance follows from them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from sqlite3 import Connection
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.lists import accounts as account_rules
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.ledger import stock
from quickbooks_app.sandbox.ledger.journal import POSTING_ENTITIES, account_balances
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, decode, encode
from quickbooks_app.sandbox.runtime.entities import ENTITIES
from quickbooks_app.sandbox.runtime.errors import BusinessFault
from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import REALM, START
from tests.functional.quickbooks_app.sandbox.objects.bodies import (
    BODIES,
    by_account,
    by_item,
    filled,
    journal,
    ref,
    sold,
)
from tests.support.assertions.sandbox_ledger import assert_balanced

Ids = dict[str, list[str]]
LISTS = ("Vendor", "Employee", "Customer", "Item")
# A tax payment can only be read.
WRITTEN = (*(one for one in POSTING_ENTITIES if one != "TaxPayment"), "Estimate", "PurchaseOrder", "TimeActivity")
RULES = WriteRules()

AMOUNT = st.decimals("0.01", "900", places=2)
MOVE = st.tuples(
    st.sampled_from(["create", "create", "create", "pay", "update", "delete", "void"]),
    st.sampled_from(WRITTEN),
    AMOUNT,
    st.integers(0, 99),
)


class Person:
    """Writes at random what each move says, in a company with one vendor, employee, customer and item of its own."""

    def __init__(self, connection: Connection, *, currency: str) -> None:
        self.connection = connection
        self.currency = currency
        self.at = START
        self.made: Ids = defaultdict(list)
        self.base: dict[str, str] = {}
        for entity in LISTS:
            body = BODIES[entity] | ({"CurrencyRef": ref(currency)} if entity in ("Vendor", "Customer") else {})
            self.base[entity] = self.write(writing.create, entity, body)["Id"]

    def books(self) -> Books:
        return Books(self.connection, realm=REALM, at=self.at)

    def write(self, act: Any, entity: str, payload: Document) -> Document:
        self.at += timedelta(hours=7)
        sent = decode(encode(payload))
        if self.currency != "USD" and "ExchangeRate" in ENTITIES[entity].properties:
            # Another rate each time, so that payments gain or lose.
            sent["ExchangeRate"] = Decimal("1.05") + Decimal(int(self.at.timestamp()) % 23) / 100
        written: Document = act(self.books(), entity=entity, payload=sent, rules=RULES)
        return written

    def play(self, kind: str, entity: str, amount: Decimal, choice: int) -> None:
        if kind == "pay":
            kind, entity = "create", ("Payment", "BillPayment")[choice % 2]
        elif kind == "void":
            entity = ("Invoice", "Payment", "BillPayment", "SalesReceipt")[choice % 4]
        if kind == "create":
            body = self.body(entity, amount, choice)
            self.made[entity].append(self.write(writing.create, entity, body)["Id"])
        elif self.made[entity]:
            id = self.made[entity][choice % len(self.made[entity])]
            document = self.books().get(entity, id)
            known = {"Id": id, "SyncToken": document["SyncToken"], "sparse": True}
            if kind == "update":
                body = self.body(entity, amount, choice)
                self.write(writing.update, entity, {**known, **body, "TxnDate": document["TxnDate"]})
            else:
                self.write(getattr(writing, kind), entity, known)

    def body(self, entity: str, amount: Decimal, choice: int) -> Document:
        """A request with a random amount, and lines of every kind that the object has."""
        base: Document = filled(BODIES[entity], self.base)
        item, customer = self.base["Item"], {"CustomerRef": ref(self.base["Customer"])}
        quantity = choice % 7
        if entity in ("Invoice", "SalesReceipt", "Estimate", "CreditMemo", "RefundReceipt"):
            lines = [sold(float(amount), item, Qty=quantity), sold(12.5, "7", TaxCodeRef=ref("TAX"))]
            return {**base, **customer, "Line": lines[: 1 + choice % 2], "TxnTaxDetail": {"TxnTaxCodeRef": ref("2")}}
        if entity in ("Bill", "VendorCredit", "PurchaseOrder", "Purchase"):
            lines = [
                by_item(float(amount), item, Qty=quantity),
                by_account(33.3, BillableStatus="Billable", **customer),
            ]
            return {**base, "Line": lines[: 1 + choice % 2]}
        if entity == "JournalEntry":
            debtor = {"Entity": {"Type": "Customer", "EntityRef": ref(self.base["Customer"])}}
            creditor = {"Entity": {"Type": "Vendor", "EntityRef": ref(self.base["Vendor"])}}
            sides = ("Debit", "Credit") if choice % 2 else ("Credit", "Debit")
            first = [
                journal(sides[0], "84", float(amount), **debtor),
                journal(sides[0], "33", float(amount), **creditor),
            ]
            return {"Line": [first[choice % 3 % 2], journal(sides[1], "11", float(amount))]}
        if entity == "Deposit" and self.made["Payment"] and choice % 3:
            link = {"TxnId": self.made["Payment"][choice % len(self.made["Payment"])], "TxnType": "Payment"}
            return {**base, "Line": [*base["Line"], {"Amount": 1, "LinkedTxn": [link]}]}
        if entity in ("Transfer", "CreditCardPayment"):
            return {**base, "Amount": amount}
        if entity in ("Payment", "BillPayment"):
            return self.payment(entity, amount, choice)
        return base

    def payment(self, entity: str, amount: Decimal, choice: int) -> Document:
        """A payment of something that is open, in part or whole, with a credit if there is one."""
        forms = ("Invoice", "CreditMemo") if entity == "Payment" else ("Bill", "VendorCredit")
        base: Document = filled(BODIES[entity], self.base)
        if entity == "Payment":
            base["CustomerRef"] = ref(self.base["Customer"])
        paid, base["Line"] = Decimal(choice % 3), []
        for form, sign in ((forms[0], 1), (forms[1], -1), ("JournalEntry", 1))[: 1 + choice % 3]:
            if self.made[form]:
                id = self.made[form][choice % len(self.made[form])]
                document = self.books().find(form, id) or {}
                part = min(amount, Decimal(document.get("Balance", amount)))
                base["Line"].append({"Amount": part, "LinkedTxn": [{"TxnId": id, "TxnType": form}]})
                paid += sign * part
        return {**base, "TotalAmt": max(paid, Decimal(0))}


@pytest.fixture(scope="module")
def company(seeded_file: Any) -> Iterator[Store]:
    store = Store(seeded_file)
    yield store
    store.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moves=st.lists(MOVE, min_size=20, max_size=60), currency=st.sampled_from(["USD", "EUR"]))
def test_any_sequence_of_writes_leaves_balanced_books(
    company: Store, moves: list[tuple[str, str, Decimal, int]], currency: str
) -> None:
    connection = company.connection()
    connection.execute("BEGIN IMMEDIATE")
    try:
        person = Person(connection, currency=currency)
        opening = Decimal(person.books().get("Item", person.base["Item"])["QtyOnHand"])
        for move in moves:
            connection.execute("SAVEPOINT move")
            try:
                person.play(*move)
            except BusinessFault:
                connection.execute("ROLLBACK TO move")
            connection.execute("RELEASE move")
        assert_sound(person.books(), item=person.base["Item"], opening=opening)
    finally:
        connection.execute("ROLLBACK")


def assert_sound(books: Books, *, item: str, opening: Decimal) -> None:
    found = assert_balanced(books)
    moved = sum(
        (
            stock.quantities_of(entity, document).get(item, Decimal(0))
            for entity in stock.ENTITIES
            for document in books.list_all(entity)
        ),
        Decimal(0),
    )
    assert books.get("Item", item)["QtyOnHand"] == opening + moved
    account_rules.refresh_balances(books)
    balances = {account.id: balance for account, balance in account_balances(found.postings).items() if balance}
    signs = {"Asset": 1, "Expense": 1}
    told = {
        one["Id"]: amount_of(one, "CurrentBalance") * signs.get(one["Classification"], -1)
        for one in books.list_all("Account")
    }
    assert {id: balance for id, balance in told.items() if balance} == balances
    assert sum(told.values()) == 0
