"""Plays a company's past: invoices, payments, credits and voids, each at its own day, through the books."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from sqlite3 import Connection

from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import Rules
from quickbooks_app.sandbox.runtime.clock import PACIFIC
from quickbooks_app.sandbox.runtime.documents import Document, as_decimal, number

# What history holds, a person at the company's own screen could enter.
ANYTHING = Rules(refuse_void_of_paid=False, refuse_duplicate_numbers=False)

CREDIT_NOTE = "Created by QB Online to link credits to charges."

Deed = Callable[[Books], None]


@dataclass
class History:
    """Deeds with their days; `play` does them in order."""

    connection: Connection
    realm: str
    at: datetime
    random: Random
    made: dict[str, str] = field(default_factory=dict)
    _deeds: list[tuple[datetime, int, Deed]] = field(default_factory=list)

    def on(self, days_ago: int, deed: Deed) -> None:
        """Plan a deed for a working hour of a day before today."""
        day = self.at.astimezone(PACIFIC) - timedelta(days=max(days_ago, 1))
        moment = day.replace(
            hour=self.random.randint(8, 17),
            minute=self.random.randint(0, 59),
            second=self.random.randint(0, 59),
            microsecond=0,
        )
        self._deeds.append((moment, len(self._deeds), deed))

    def play(self) -> None:
        """Do everything that is planned, the oldest first."""
        for moment, _, deed in sorted(self._deeds, key=lambda planned: planned[:2]):
            deed(Books(self.connection, realm=self.realm, at=moment))
        self._deeds.clear()

    def bill(
        self,
        key: str,
        days_ago: int,
        customer: str,
        lines: list[Document],
        *,
        emailed: bool = True,
        **more: object,
    ) -> None:
        """Plan an invoice that later deeds call by its key; `emailed` puts the customer's address on it."""

        def deed(books: Books) -> None:
            payload = {"CustomerRef": {"value": customer}, "Line": lines, **more}
            address = books.get("Customer", customer).get("PrimaryEmailAddr")
            if emailed and address:
                payload.setdefault("BillEmail", address)
            self.made[key] = writing.create(books, entity="Invoice", payload=payload, rules=ANYTHING)["Id"]

        self.on(days_ago, deed)

    def edit(self, key: str, days_ago: int, **fields: object) -> None:
        """Plan a sparse update of an invoice."""
        self.on(days_ago, lambda books: self._write(books, writing.update, key, sparse=True, **fields))

    def void(self, key: str, days_ago: int) -> None:
        self.on(days_ago, lambda books: self._write(books, writing.void, key))

    def delete(self, key: str, days_ago: int) -> None:
        self.on(days_ago, lambda books: self._write(books, writing.delete, key))

    def pay(self, days_ago: int, *keys: str, amount: str | None = None, share: str = "1", extra: str = "0") -> None:
        """Plan one payment over some invoices: all that is open, a share of it, or an amount of one."""

        def deed(books: Books) -> None:
            invoices = [books.get("Invoice", self.made[key]) for key in keys]
            shares = [
                number(amount) if amount else as_decimal(invoice, "Balance") * number(share) for invoice in invoices
            ]
            rounded = [one.quantize(Decimal("0.01")) for one in shares]
            payload = {
                "CustomerRef": {"value": invoices[0]["CustomerRef"]["value"]},
                "TotalAmt": sum(rounded, number(extra)),
                "PaymentMethodRef": {"value": "2"},
                "PaymentRefNum": str(self.random.randint(1000, 9999)),
                "Line": [
                    {"Amount": one, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
                    for invoice, one in zip(invoices, rounded, strict=True)
                ],
            }
            if "ExchangeRate" in invoices[0]:
                payload["ExchangeRate"] = invoices[0]["ExchangeRate"]
            writing.create(books, entity="Payment", payload=payload, rules=ANYTHING)

        self.on(days_ago, deed)

    def credit(self, key: str, days_ago: int, customer: str, lines: list[Document], **more: object) -> None:
        """Plan a credit memo."""

        def deed(books: Books) -> None:
            payload = {"CustomerRef": {"value": customer}, "Line": lines, **more}
            self.made[key] = writing.create(books, entity="CreditMemo", payload=payload, rules=ANYTHING)["Id"]

        self.on(days_ago, deed)

    def apply_credit(self, days_ago: int, *, memo: str, invoice: str) -> None:
        """Plan the payment of nothing that links a credit memo to an invoice."""

        def deed(books: Books) -> None:
            credit = books.get("CreditMemo", self.made[memo])
            amount = credit["Balance"]
            payload = {
                "CustomerRef": credit["CustomerRef"],
                "TotalAmt": 0,
                "PrivateNote": CREDIT_NOTE,
                "Line": [
                    {"Amount": amount, "LinkedTxn": [{"TxnId": self.made[invoice], "TxnType": "Invoice"}]},
                    {"Amount": amount, "LinkedTxn": [{"TxnId": credit["Id"], "TxnType": "CreditMemo"}]},
                ],
            }
            writing.create(books, entity="Payment", payload=payload, rules=ANYTHING)

        self.on(days_ago, deed)

    def _write(self, books: Books, act: Callable[..., Document], key: str, **fields: object) -> None:
        invoice = books.get("Invoice", self.made[key])
        payload = {"Id": invoice["Id"], "SyncToken": invoice["SyncToken"], **fields}
        act(books, entity="Invoice", payload=payload, rules=ANYTHING)


def line(item: str, *, quantity: str, price: str, text: str = "", taxed: bool = False) -> Document:
    """One item line as a client would send it."""
    amount = (number(quantity) * number(price)).quantize(Decimal("0.01"))
    body: Document = {
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": {"value": item},
            "Qty": number(quantity),
            "UnitPrice": number(price),
            "TaxCodeRef": {"value": "TAX" if taxed else "NON"},
        },
    }
    return {"Description": text, **body} if text else body
