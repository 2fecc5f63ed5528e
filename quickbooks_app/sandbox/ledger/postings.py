"""Postings: what a transaction writes to one account, in its own currency and in the company's."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from quickbooks_app.sandbox.ledger.accounts import Account, Chart, account
from quickbooks_app.sandbox.runtime.documents import CENT, Document, format_amount, reference_id

ZERO = Decimal(0)


class ItemKey(NamedTuple):
    """An open item: what one document charged or credited to one customer or, on payables, vendor.

    Customers and vendors share one run of ids, so `customer` is the id of either.
    """

    entity: str
    id: str
    customer: str


class Posting(NamedTuple):
    """One side of an entry. A debit is positive, a credit negative.

    `amount` is in `currency`, `home` in the company's currency. On a receivables or payables account, `item` is what
    the posting opens or, if `settles`, reduces.
    """

    entity: str
    id: str
    date: str
    account: Account
    customer: str
    currency: str
    amount: Decimal
    home: Decimal
    item: ItemKey | None = None
    settles: bool = False
    department: str = ""
    class_id: str = ""
    item_id: str = ""  # what was bought or sold


class Context(NamedTuple):
    """What postings depend on beside the document: the home currency, the chart, and the accounts of each item."""

    home: str
    chart: Chart
    income_accounts: dict[str, str]
    purchase_accounts: dict[str, str]

    def account(self, id: str) -> Account:
        return account(id, chart=self.chart)


class Head(NamedTuple):
    """What all postings of one document share."""

    entity: str
    id: str
    date: str
    customer: str
    currency: str
    rate: Decimal
    department: str = ""
    class_id: str = ""  # of lines that name none

    def posting(
        self, account: Account, amount: Decimal, home: Decimal, item: ItemKey | None = None, settles: bool = False
    ) -> Posting:
        """Return a posting of this document; its customer is the item's, if there is one."""
        customer = item.customer if item else self.customer
        return Posting(
            self.entity,
            self.id,
            self.date,
            account,
            customer,
            self.currency,
            amount,
            home,
            item,
            settles,
            self.department,
        )

    def of_line(self, account: Account, amount: Decimal, *, detail: Document) -> Posting:
        """Return the posting of a line, with the class, department and item that its detail names."""
        return self.posting(account, amount, in_home_currency(amount, self.rate))._replace(
            department=reference_id(detail, "DepartmentRef") or self.department,
            class_id=reference_id(detail, "ClassRef") or self.class_id,
            item_id=reference_id(detail, "ItemRef"),
        )


def head_of(entity: str, document: Document, *, context: Context) -> Head:
    """Return a document's head. Without a currency it is in the home currency, without a rate at 1."""
    return Head(
        entity=entity,
        id=document["Id"],
        date=document["TxnDate"],
        customer=reference_id(document, "CustomerRef") or reference_id(document, "VendorRef"),
        currency=reference_id(document, "CurrencyRef") or context.home,
        rate=Decimal(document.get("ExchangeRate", 1)),
        department=reference_id(document, "DepartmentRef"),
        class_id=reference_id(document, "ClassRef"),
    )


def in_home_currency(amount: Decimal, rate: Decimal) -> Decimal:
    """Convert an amount, rounded to cents."""
    return amount if rate == 1 else Decimal(format_amount(amount * rate))


def settlement(*, open_before: Decimal, amount: Decimal, rate: Decimal) -> Decimal:
    """Return the home amount of a posting on an item, so that the rest is what the open amount converts to."""
    return in_home_currency(open_before + amount, rate) - in_home_currency(open_before, rate)


def balanced(postings: list[Posting], *, at: int) -> list[Posting]:
    """Put what rounding left over in the home currency into the posting with index `at`, and leave empty ones out."""
    rest = sum((posting.home for posting in postings), ZERO)
    if rest:
        postings[at] = postings[at]._replace(home=postings[at].home - rest)
    return [posting for posting in postings if posting.amount or posting.home]


def scaled(postings: list[Posting], *, amount: Decimal, home: Decimal) -> list[Posting]:
    """Return the postings in proportion, so that they add up to `amount` and `home`. The last takes the rounding."""
    whole = sum((posting.amount for posting in postings), ZERO)
    if not whole:
        return []
    result, amount_left, home_left = [], amount, home
    for posting in postings[:-1]:
        part = (posting.amount * amount / whole).quantize(CENT)
        part_home = (posting.amount * home / whole).quantize(CENT)
        amount_left, home_left = amount_left - part, home_left - part_home
        result.append(posting._replace(amount=part, home=part_home))
    return [*result, postings[-1]._replace(amount=amount_left, home=home_left)]


def total(postings: Iterable[Posting]) -> Decimal:
    """Return the sum in the home currency: 0 for a whole ledger."""
    return sum((posting.home for posting in postings), ZERO)
