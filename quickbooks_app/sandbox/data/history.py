"""Writes a company's history: invoices, payments, credits and voids, each on its own day."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from sqlite3 import Connection

from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.runtime.clock import PACIFIC
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, parse_number

# A user of the company could enter everything in its history.
UNRESTRICTED = WriteRules(
    refuse_void_of_paid=False, refuse_duplicate_numbers=False, refuse_inactive=False, refuse_inactivation=False
)

CREDIT_NOTE = "Created by QB Online to link credits to charges."

Action = Callable[[Books], None]


@dataclass
class History:
    """Scheduled actions; `run` performs them in order of their days."""

    connection: Connection
    realm: str
    at: datetime
    random: Random
    ids_by_key: dict[str, str] = field(default_factory=dict)
    _actions: list[tuple[datetime, int, Action]] = field(default_factory=list)

    def schedule(self, days_ago: int, action: Action) -> None:
        """Schedule an action for a working hour `days_ago` days before today."""
        day = self.at.astimezone(PACIFIC) - timedelta(days=max(days_ago, 1))
        moment = day.replace(
            hour=self.random.randint(8, 17),
            minute=self.random.randint(0, 59),
            second=self.random.randint(0, 59),
            microsecond=0,
        )
        self._actions.append((moment, len(self._actions), action))

    def run(self) -> None:
        """Perform every scheduled action, oldest first."""
        for moment, _, action in sorted(self._actions, key=lambda planned: planned[:2]):
            action(Books(self.connection, realm=self.realm, at=moment))
        self._actions.clear()

    def invoice(
        self,
        key: str,
        days_ago: int,
        customer: str,
        lines: list[Document],
        *,
        emailed: bool = True,
        **more: object,
    ) -> None:
        """Schedule an invoice that later actions refer to by `key`. `emailed` adds the customer's email address."""

        def action(books: Books) -> None:
            payload = {"CustomerRef": {"value": customer}, "Line": lines, **more}
            address = books.get("Customer", customer).get("PrimaryEmailAddr")
            if emailed and address:
                payload.setdefault("BillEmail", address)
            self.ids_by_key[key] = writing.create(books, entity="Invoice", payload=payload, rules=UNRESTRICTED)["Id"]

        self.schedule(days_ago, action)

    def edit(self, key: str, days_ago: int, **fields: object) -> None:
        """Schedule a sparse update of an invoice."""
        self.schedule(days_ago, lambda books: self._write(books, writing.update, key, sparse=True, **fields))

    def void(self, key: str, days_ago: int) -> None:
        self.schedule(days_ago, lambda books: self._write(books, writing.void, key))

    def delete(self, key: str, days_ago: int) -> None:
        self.schedule(days_ago, lambda books: self._write(books, writing.delete, key))

    def pay(self, days_ago: int, *keys: str, amount: str | None = None, share: str = "1", extra: str = "0") -> None:
        """Schedule one payment of several invoices: the open balance, a share of it, or an amount."""

        def action(books: Books) -> None:
            invoices = [books.get("Invoice", self.ids_by_key[key]) for key in keys]
            shares = [
                parse_number(amount) if amount else amount_of(invoice, "Balance") * parse_number(share)
                for invoice in invoices
            ]
            rounded = [one.quantize(Decimal("0.01")) for one in shares]
            payload = {
                "CustomerRef": {"value": invoices[0]["CustomerRef"]["value"]},
                "TotalAmt": sum(rounded, parse_number(extra)),
                "PaymentMethodRef": {"value": "2"},
                "PaymentRefNum": str(self.random.randint(1000, 9999)),
                "Line": [
                    {"Amount": one, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
                    for invoice, one in zip(invoices, rounded, strict=True)
                ],
            }
            if "ExchangeRate" in invoices[0]:
                payload["ExchangeRate"] = invoices[0]["ExchangeRate"]
            writing.create(books, entity="Payment", payload=payload, rules=UNRESTRICTED)

        self.schedule(days_ago, action)

    def credit(self, key: str, days_ago: int, customer: str, lines: list[Document], **more: object) -> None:
        """Schedule a credit memo."""

        def action(books: Books) -> None:
            payload = {"CustomerRef": {"value": customer}, "Line": lines, **more}
            self.ids_by_key[key] = writing.create(books, entity="CreditMemo", payload=payload, rules=UNRESTRICTED)["Id"]

        self.schedule(days_ago, action)

    def apply_credit(self, days_ago: int, *, memo: str, invoice: str) -> None:
        """Schedule the zero payment that links a credit memo to an invoice."""

        def action(books: Books) -> None:
            credit = books.get("CreditMemo", self.ids_by_key[memo])
            amount = credit["Balance"]
            payload = {
                "CustomerRef": credit["CustomerRef"],
                "TotalAmt": 0,
                "PrivateNote": CREDIT_NOTE,
                "Line": [
                    {"Amount": amount, "LinkedTxn": [{"TxnId": self.ids_by_key[invoice], "TxnType": "Invoice"}]},
                    {"Amount": amount, "LinkedTxn": [{"TxnId": credit["Id"], "TxnType": "CreditMemo"}]},
                ],
            }
            writing.create(books, entity="Payment", payload=payload, rules=UNRESTRICTED)

        self.schedule(days_ago, action)

    def _write(self, books: Books, act: Callable[..., Document], key: str, **fields: object) -> None:
        invoice = books.get("Invoice", self.ids_by_key[key])
        payload = {"Id": invoice["Id"], "SyncToken": invoice["SyncToken"], **fields}
        act(books, entity="Invoice", payload=payload, rules=UNRESTRICTED)


def line(item: str, *, quantity: str, price: str, text: str = "", taxed: bool = False) -> Document:
    """Return an item line as a client would send it."""
    amount = (parse_number(quantity) * parse_number(price)).quantize(Decimal("0.01"))
    body: Document = {
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": {"value": item},
            "Qty": parse_number(quantity),
            "UnitPrice": parse_number(price),
            "TaxCodeRef": {"value": "TAX" if taxed else "NON"},
        },
    }
    return {"Description": text, **body} if text else body
