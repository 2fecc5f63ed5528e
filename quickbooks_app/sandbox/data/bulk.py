"""Generates invoices with payments by the hundred thousand, writing rows directly."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from quickbooks_app.sandbox.accounting import totals, writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import set_balance
from quickbooks_app.sandbox.data.history import UNRESTRICTED, line
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import (
    Document,
    amount_of,
    decode,
    encode,
    format_amount,
    reference,
)
from quickbooks_app.sandbox.runtime.store import ObjectRow, Store

SPREAD = timedelta(days=730)
INVOICES_PER_CUSTOMER = 200


def add_invoices(store: Store, *, realm: str, count: int, at: datetime, seed: int = 11) -> None:
    """Add `count` invoices to a company, created evenly over two years."""
    random = Random(seed)
    with store.transaction() as connection:
        books = Books(connection, realm=realm, at=at - SPREAD)
        customers = [_new_customer(books, number) for number in range(1, count // INVOICES_PER_CUSTOMER + 2)]
        maker = _RowBuilder(books, customers=customers, random=random, at=at, count=count)
        connection.executemany("INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?)", maker.rows())
        now = Books(connection, realm=realm, at=at)
        for customer in customers:
            customer["Balance"] = customer["BalanceWithJobs"] = format_amount(maker.owed[customer["Id"]])
            now.update_balance("Customer", customer)
        now.mark()


def _new_customer(books: Books, number: int) -> Document:
    taken = books.next_value("BulkCustomer")
    payload = {
        "DisplayName": f"Wholesale account {taken:05d}",
        "CompanyName": f"Wholesale account {taken:05d} LLC",
        "BillAddr": {"Line1": f"{taken} Dock Street", "City": "Portland", "CountrySubDivisionCode": "OR"},
        "PrimaryEmailAddr": {"Address": f"payables{taken}@wholesale.example"},
    }
    return writing.create(books, entity="Customer", payload=payload, rules=UNRESTRICTED)


class _RowBuilder:
    """Builds rows of the objects table in order of creation."""

    def __init__(self, books: Books, *, customers: list[Document], random: Random, at: datetime, count: int) -> None:
        self.books = books
        self.customers = customers
        self.random = random
        self.at = at
        self.count = count
        self.owed = {customer["Id"]: Decimal(0) for customer in customers}
        rows = books.connection.execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = 'Item' AND deleted = 0", (books.realm,)
        )
        items = [decode(row["body"]) for row in rows]
        self.items = [item for item in items if item.get("UnitPrice") and item["Active"]]
        self.names = {item["Id"]: item["FullyQualifiedName"] for item in items}
        preferences = books.get("Preferences", "1")["CurrencyPrefs"]
        self.several_currencies = bool(preferences["MultiCurrencyEnabled"])

    def rows(self) -> Iterator[ObjectRow]:
        step = (SPREAD - timedelta(days=2)) / max(self.count, 1)
        for position in range(self.count):
            yield from self._invoice_and_payment(self.at - SPREAD + step * position)

    def _invoice_and_payment(self, created: datetime) -> Iterator[ObjectRow]:
        random = self.random
        customer = random.choice(self.customers)
        invoice = self._invoice(customer, created)
        total = amount_of(invoice, "TotalAmt")
        paid_at = min(created + timedelta(days=random.randint(5, 75)), self.at)
        # Two thirds are paid, a tenth in part; invoices newer than their payment day are still open.
        fate = random.random()
        paid = Decimal(0)
        if paid_at < self.at and fate < 0.76:
            paid = total if fate < 0.66 else Decimal(format_amount(total / 3))
        changed = created
        payment_row = None
        if paid:
            payment_id = str(self.books.next_value("Transaction"))
            invoice["LinkedTxn"] = [{"TxnId": payment_id, "TxnType": "Payment"}]
            changed = paid_at
            payment_row = self._payment(invoice, id=payment_id, amount=paid, created=paid_at)
        set_balance(invoice, total - paid)
        self.owed[customer["Id"]] += total - paid
        yield self._row("Invoice", invoice, created=created, changed=changed)
        if payment_row:
            yield payment_row

    def _invoice(self, customer: Document, created: datetime) -> Document:
        random = self.random
        chosen = random.choices(self.items, k=random.randint(1, 3))
        lines = [line(item["Id"], quantity=str(random.randint(1, 60)), price=str(item["UnitPrice"])) for item in chosen]
        summed = totals.sum_lines(lines, item_name=self.names.get)
        day = clock.company_today(created)
        days = random.choice((15, 30, 30, 60))
        total = format_amount(summed.subtotal)
        body: Document = {
            "AllowIPNPayment": False,
            "AllowOnlinePayment": False,
            "AllowOnlineCreditCardPayment": False,
            "AllowOnlineACHPayment": False,
            "Id": str(self.books.next_value("Transaction")),
            "CustomField": [],
            "DocNumber": f"B{self.books.next_value('BulkNumber', first=100001)}",
            "TxnDate": day.isoformat(),
            "CurrencyRef": customer["CurrencyRef"],
            "LinkedTxn": [],
            "Line": summed.lines,
            "TxnTaxDetail": {"TotalTax": 0},
            "CustomerRef": reference(customer["Id"], customer["FullyQualifiedName"]),
            "FreeFormAddress": False,
            "DueDate": (day + timedelta(days=days)).isoformat(),
            "TotalAmt": total,
            "ApplyTaxAfterDiscount": False,
            "PrintStatus": "NeedToPrint",
            "EmailStatus": "NotSet",
            "BillEmail": customer["PrimaryEmailAddr"],
        }
        if self.several_currencies:
            body["ExchangeRate"] = 1
            body["HomeTotalAmt"] = total
        return body

    def _payment(self, invoice: Document, *, id: str, amount: Decimal, created: datetime) -> ObjectRow:
        body: Document = {
            "Id": id,
            "CustomerRef": invoice["CustomerRef"],
            "DepositToAccountRef": {"value": "4"},
            "TotalAmt": format_amount(amount),
            "UnappliedAmt": 0,
            "ProcessPayment": False,
            "TxnDate": clock.company_today(created).isoformat(),
            "CurrencyRef": invoice["CurrencyRef"],
            "LinkedTxn": [],
            "Line": [{"Amount": format_amount(amount), "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}],
        }
        if self.several_currencies:
            body["ExchangeRate"] = 1
        return self._row("Payment", body, created=created, changed=created)

    def _row(self, entity: str, body: Document, *, created: datetime, changed: datetime) -> ObjectRow:
        body |= {
            "domain": "QBO",
            "sparse": False,
            "SyncToken": "0",
            "MetaData": {
                "CreateTime": clock.format_timestamp(created),
                "LastUpdatedTime": clock.format_timestamp(changed),
            },
        }
        return (
            self.books.realm,
            entity,
            body["Id"],
            0,
            int(created.timestamp()),
            int(changed.timestamp()),
            0,
            encode(body).decode(),
        )
