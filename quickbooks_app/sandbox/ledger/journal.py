"""The journal of a company: the postings of all its documents, and its open items."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from sqlite3 import Connection
from typing import NamedTuple

from quickbooks_app.sandbox.ledger import accounts, movements, purchase_forms, sales_forms
from quickbooks_app.sandbox.ledger.entries import entry_postings
from quickbooks_app.sandbox.ledger.payments import OpenAmounts, bill_payment_postings, payment_postings
from quickbooks_app.sandbox.ledger.postings import ZERO, Context, ItemKey, Posting
from quickbooks_app.sandbox.ledger.receivables import ENTRIES
from quickbooks_app.sandbox.ledger.stock import stock_postings
from quickbooks_app.sandbox.runtime.documents import Document, decode, reference_id

_OPENING = {
    **dict.fromkeys(sales_forms.SIGNS, sales_forms.sales_form_postings),
    **dict.fromkeys(purchase_forms.SIGNS, purchase_forms.purchase_form_postings),
    **dict.fromkeys(ENTRIES, entry_postings),
    **dict.fromkeys(movements.ACCOUNTS, movements.movement_postings),
    "TaxPayment": movements.tax_payment_postings,
}
_SETTLING = {"Payment": payment_postings, "BillPayment": bill_payment_postings}
POSTING_ENTITIES = (*_OPENING, *_SETTLING, "InventoryAdjustment")

Documents = dict[str, list[Document]]  # by entity


class Item(NamedTuple):
    """An item on accounts receivable or payable with what is open of it, in its currency and in the home currency.

    A credit is negative. `document` is None if the document is in the books no longer.
    """

    key: ItemKey
    document: Document | None
    currency: str
    rate: Decimal
    amount: Decimal
    home_amount: Decimal
    open: Decimal
    home_open: Decimal


class Journal(NamedTuple):
    """All postings, and the documents they come from by entity and id."""

    postings: list[Posting]
    documents: dict[tuple[str, str], Document]

    def until(self, day: str) -> list[Posting]:
        """The postings up to a day."""
        return [posting for posting in self.postings if posting.date <= day]


def read_journal(connection: Connection, *, realm: str) -> Journal:
    """Read and post every document of a company."""
    documents: Documents = {}
    with _uncollected():
        for entity in (*POSTING_ENTITIES, "Account", "Item", "Preferences"):
            rows = connection.execute(
                "SELECT body FROM objects WHERE realm = ? AND entity = ? AND deleted = 0 ORDER BY rowid",
                (realm, entity),
            )
            documents[entity] = [decode(row["body"]) for row in rows]
        return post(documents)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from walking hundreds of thousands of new objects, which takes half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def post(documents: Documents) -> Journal:
    """Post documents. Payments come last, oldest first, because they settle what the others open."""
    context = _context(documents)
    opened, postings = OpenAmounts(), []
    for entity, post_one in _OPENING.items():
        for document in documents.get(entity, []):
            made = post_one(entity, document, context=context)
            for posting in made:
                if posting.item is not None:
                    rate = Decimal(document.get("ExchangeRate", 1))
                    opened.add(posting.item, amount=posting.amount, rate=rate)
            postings += made
    for entity, settle in _SETTLING.items():
        for payment in sorted(documents.get(entity, []), key=lambda one: (one["TxnDate"], int(one["Id"]))):
            postings += settle(payment, opened=opened, context=context)
    postings += stock_postings(documents, context=context)
    by_key = {
        (entity, document["Id"]): document for entity in POSTING_ENTITIES for document in documents.get(entity, [])
    }
    return Journal(postings=postings, documents=by_key)


def open_items(journal: Journal, postings: Iterable[Posting], *, account_type: str = accounts.RECEIVABLE) -> list[Item]:
    """Return the items on receivables (or payables) that `postings` leave open, in order of their first posting."""
    sums: dict[ItemKey, list[Decimal]] = {}
    currencies: dict[ItemKey, str] = {}
    for posting in postings:
        if posting.item is None or posting.account.type != account_type:
            continue
        found = sums.get(posting.item)
        if found is None:
            found = sums[posting.item] = [ZERO, ZERO, ZERO, ZERO]
            currencies[posting.item] = posting.currency
        found[2] += posting.amount
        found[3] += posting.home
        if not posting.settles:
            found[0] += posting.amount
            found[1] += posting.home
    return [
        _item(key, journal.documents.get((key.entity, key.id)), currency=currencies[key], sums=found)
        for key, found in sums.items()
        if found[2] or found[3]
    ]


def account_balances(postings: Iterable[Posting]) -> dict[accounts.Account, Decimal]:
    """Return the balance of each account in the home currency. A debit is positive."""
    result: dict[accounts.Account, Decimal] = {}
    for posting in postings:
        result[posting.account] = result.get(posting.account, ZERO) + posting.home
    return result


def home_currency(documents: Documents) -> str:
    """Return the company's currency."""
    for preferences in documents.get("Preferences", []):
        return str(preferences["CurrencyPrefs"]["HomeCurrency"]["value"])
    return "USD"


def chart_of(documents: Iterable[Document]) -> accounts.Chart:
    """Return the accounts of Account objects by id."""
    return {one["Id"]: accounts.Account(one["Id"], one["FullyQualifiedName"], one["AccountType"]) for one in documents}


def _context(documents: Documents) -> Context:
    items = documents.get("Item", [])
    income = {item["Id"]: reference_id(item, "IncomeAccountRef") or accounts.SERVICES.id for item in items}
    purchase = {
        item["Id"]: reference_id(item, "AssetAccountRef" if item.get("TrackQtyOnHand") else "ExpenseAccountRef")
        for item in items
    }
    return Context(
        home=home_currency(documents),
        chart=chart_of(documents.get("Account", [])),
        income_accounts=income,
        purchase_accounts=purchase,
    )


def _item(key: ItemKey, document: Document | None, *, currency: str, sums: list[Decimal]) -> Item:
    amount, home_amount, left, home_left = sums
    if key.entity in _SETTLING and document is not None:
        # The report shows the whole payment beside what is left of it.
        amount = Decimal(document["TotalAmt"]) * (-1 if key.entity == "Payment" else 1)
        home_amount = (amount * Decimal(document.get("ExchangeRate", 1))).quantize(Decimal("0.01"))
    return Item(
        key=key,
        document=document,
        currency=currency,
        rate=Decimal((document or {}).get("ExchangeRate", 1)),
        amount=amount,
        home_amount=home_amount,
        open=left,
        home_open=home_left,
    )
