"""A bookkeeper who also makes the edits that change a debt: every kind of payment, credit, deposit, entry and merge."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import ClassVar

from quickbooks_app.sandbox.accounting import entries, merging, writing
from quickbooks_app.sandbox.accounting.books import NOTHING_CONCEALED, Books, Concealment
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, reference_id
from tests.simulation.books import EDITS, RULES, Bookkeeper, SharedStore, known

CENT = Decimal("0.01")
ENTRY_ENTITIES = ("JournalEntry", "Deposit", "Purchase")
DEBT_EDITS = {
    "pay_unapplied": 2,
    "overpay": 2,
    "apply_unapplied": 2,
    "bill_with_deposit": 2,
    "change_deposit": 1,
    "post_entry": 2,
    "apply_entry": 3,
    "delete_entry": 1,
    "refund": 1,
    "apply_credit": 2,
    "pay_for_sub_customer": 1,
    "void_payment": 1,
    "delete_credit": 1,
    "create_sub_customer": 1,
    "deactivate_owing_customer": 1,
    "merge_customers": 1,
}


class Accountant(Bookkeeper):
    """Changes debts in every way that the sandbox plays. Some documents and customers name no currency."""

    edits: ClassVar[Mapping[str, int]] = EDITS | DEBT_EDITS

    def __init__(self, *, store: SharedStore, realm: str, chance: Random) -> None:
        super().__init__(store=store, realm=realm, chance=chance)
        self.names_no_currency = chance.choice((0.0, 0.5, 1.0))  # the share of edits

    def edit(
        self, *, at: datetime, kind: str = "", concealment: Concealment = NOTHING_CONCEALED
    ) -> list[tuple[str, str, str]]:
        self.rules = replace(RULES, leave_out_currency=self.chance.random() < self.names_no_currency)
        return super().edit(at=at, kind=kind, concealment=concealment)

    def _pay_unapplied(self, books: Books) -> None:
        self._write_payment(books, customer=self._any("Customer")["Id"], total=self._amount(), lines=[])

    def _overpay(self, books: Books) -> None:
        invoice = self._open_form("Invoice")
        balance = amount_of(invoice, "Balance")
        self._write_payment(
            books,
            customer=reference_id(invoice, "CustomerRef"),
            total=balance + self._amount(),
            lines=[_line("Invoice", invoice["Id"], balance)],
        )

    def _apply_unapplied(self, books: Books) -> None:
        """Lay the rest of a payment against an invoice of its customer."""
        payment = self.chance.choice([one for one in self.objects("Payment") if amount_of(one, "UnappliedAmt") > 0])
        invoice = self._open_form("Invoice", customer=reference_id(payment, "CustomerRef"))
        applied = {line["LinkedTxn"][0]["TxnId"] for line in payment["Line"]}
        if invoice["Id"] in applied:
            raise LookupError
        amount = min(amount_of(payment, "UnappliedAmt"), amount_of(invoice, "Balance"))
        lines = [*payment["Line"], _line("Invoice", invoice["Id"], amount)]
        self._change(books, "Payment", payment, {"Line": lines})

    def _bill_with_deposit(self, books: Books) -> None:
        lines = self._lines()
        payload = {
            "CustomerRef": {"value": self._any("Customer")["Id"]},
            "Line": lines,
            "Deposit": self._part(lines[0]["Amount"]),
        }
        writing.create(books, entity="Invoice", payload=payload, rules=self.rules)

    def _change_deposit(self, books: Books) -> None:
        invoice = self._open_form("Invoice")
        deposit = self.chance.choice((Decimal(0), self._part(amount_of(invoice, "Balance"))))
        self._change(books, "Invoice", invoice, {"Deposit": deposit})

    def _post_entry(self, books: Books) -> None:
        """Post an entry that shows in nothing but the customer's balance."""
        kind = self.chance.choice(entries.KINDS)
        raises = kind != "Deposit" and self.chance.random() < 0.3
        self._write_entry(books, kind, customer=self._any("Customer")["Id"], amount=self._amount(), raises=raises)

    def _apply_entry(self, books: Books) -> None:
        """Close an invoice, in part or whole, by an entry: a payment of nothing links both."""
        invoice = self._open_form("Invoice")
        customer, amount = reference_id(invoice, "CustomerRef"), self._part(amount_of(invoice, "Balance"))
        kind = self.chance.choice(entries.KINDS)
        # What is more than the invoice stays open with the customer.
        posted = amount + self.chance.choice((Decimal(0), Decimal(0), self._amount()))
        entry = self._write_entry(books, kind, customer=customer, amount=posted)
        lines = [_line("Invoice", invoice["Id"], amount), _line(kind, entry["Id"], amount)]
        self._write_payment(books, customer=customer, total=Decimal(0), lines=lines)

    def _delete_entry(self, books: Books) -> None:
        entity = self.chance.choice(ENTRY_ENTITIES)
        writing.delete(books, entity=entity, payload=known(self._any(entity)), rules=self.rules)

    def _refund(self, books: Books) -> None:
        payload = {"CustomerRef": {"value": self._any("Customer")["Id"]}, "Line": self._lines()}
        writing.create(books, entity="RefundReceipt", payload=payload, rules=self.rules)

    def _apply_credit(self, books: Books) -> None:
        memo = self._open_form("CreditMemo")
        invoice = self._open_form("Invoice", customer=reference_id(memo, "CustomerRef"))
        amount = min(amount_of(memo, "Balance"), amount_of(invoice, "Balance"))
        lines = [_line("Invoice", invoice["Id"], amount), _line("CreditMemo", memo["Id"], amount)]
        customer = reference_id(memo, "CustomerRef")
        self._write_payment(books, customer=customer, total=Decimal(0), lines=lines)

    def _pay_for_sub_customer(self, books: Books) -> None:
        """A parent pays an invoice of its sub-customer."""
        parents = {one["Id"]: reference_id(one, "ParentRef") for one in self.objects("Customer")}
        owed = [one for one in self.objects("Invoice") if amount_of(one, "Balance") > 0]
        invoice = self.chance.choice([one for one in owed if parents.get(reference_id(one, "CustomerRef"))])
        amount = self._part(amount_of(invoice, "Balance"))
        payer = parents[reference_id(invoice, "CustomerRef")]
        self._write_payment(books, customer=payer, total=amount, lines=[_line("Invoice", invoice["Id"], amount)])

    def _void_payment(self, books: Books) -> None:
        writing.void(books, entity="Payment", payload=known(self._any("Payment")), rules=self.rules)

    def _delete_credit(self, books: Books) -> None:
        writing.delete(books, entity="CreditMemo", payload=known(self._any("CreditMemo")), rules=self.rules)

    def _create_sub_customer(self, books: Books) -> None:
        name = f"Job {self.chance.randint(1, 10**6)}"
        payload = {"DisplayName": name, "ParentRef": {"value": self._any("Customer")["Id"]}}
        writing.create(books, entity="Customer", payload=payload, rules=self.rules)

    def _deactivate_owing_customer(self, books: Books) -> None:
        customer = books.get("Customer", reference_id(self._open_form("Invoice"), "CustomerRef"))
        self._change(books, "Customer", customer, {"Active": not customer["Active"]})

    def _merge_customers(self, books: Books) -> None:
        kept, merged = self._any("Customer"), self._any("Customer")
        merging.merge(books, kept=kept["Id"], merged=merged["Id"], deletes=self.chance.random() < 0.5)

    def _open_form(self, entity: str, *, customer: str = "") -> Document:
        """Any invoice or credit memo with a balance. Raises LookupError if there is none."""
        return self.chance.choice(
            [
                one
                for one in self.objects(entity)
                if amount_of(one, "Balance") > 0 and customer in ("", reference_id(one, "CustomerRef"))
            ]
        )

    def _part(self, amount: Decimal) -> Decimal:
        """All of an amount, or a part of it of at least a cent."""
        return max(self.chance.choice((amount, amount * self.chance.randint(1, 99) / 100)).quantize(CENT), CENT)

    def _write_entry(
        self, books: Books, kind: str, *, customer: str, amount: Decimal, raises: bool = False
    ) -> Document:
        entity, payload = entries.on_receivables(kind, customer_id=customer, amount=amount, raises=raises)
        return writing.create(books, entity=entity, payload=payload, rules=self.rules)

    def _write_payment(self, books: Books, *, customer: str, total: Decimal, lines: list[Document]) -> None:
        payload = {"CustomerRef": {"value": customer}, "TotalAmt": total, "Line": lines}
        writing.create(books, entity="Payment", payload=payload, rules=self.rules)


def _line(kind: str, qbk_id: str, amount: Decimal) -> Document:
    return {"Amount": amount, "LinkedTxn": [{"TxnType": kind, "TxnId": qbk_id}]}
