"""Links between transactions: what an invoice draws on, what a bill fulfils, and what a deposit takes to the bank."""

from collections.abc import Iterator
from dataclasses import dataclass

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.ledger.accounts import UNDEPOSITED_FUNDS
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, reference_id
from quickbooks_app.sandbox.runtime.errors import business_rule, deposited, invalid_reference


@dataclass(frozen=True, slots=True)
class Source:
    """A transaction that another one draws on: how it says so, and the state that it has then and without it."""

    state: str
    used: object
    unused: object
    drawn_by: tuple[str, ...] = ("Invoice", "SalesReceipt")
    linked: bool = True  # it names the transaction that draws on it


SOURCES = {
    "Estimate": Source("TxnStatus", "Closed", "Pending"),
    "PurchaseOrder": Source("POStatus", "Closed", "Open", drawn_by=("Bill", "Purchase")),
    "TimeActivity": Source("BillableStatus", "HasBeenBilled", "Billable", linked=False),
    "ReimburseCharge": Source("HasBeenInvoiced", True, False),
}
# What a deposit can take to the bank.
DEPOSITABLE = ("Payment", "SalesReceipt")


def raise_links(body: Document) -> None:
    """Name what the lines draw on at the top of a form too, as QuickBooks does."""
    links = list(body.get("LinkedTxn", []))
    for line in body.get("Line", []):
        for link in line.get("LinkedTxn", []):
            plain = {"TxnId": str(link.get("TxnId")), "TxnType": str(link.get("TxnType"))}
            if plain["TxnType"] in SOURCES and plain not in [_plain(one) for one in links]:
                links.append(plain)
    if links or "LinkedTxn" in body:
        body["LinkedTxn"] = links


def update_sources(books: Books, entity: str, *, before: Document | None, after: Document | None) -> None:
    """Tell what a form draws on that it is used, and what it draws on no longer that it is free again."""
    earlier, later = set(_sources(before)), set(_sources(after))
    link = {"TxnId": (after or before or {})["Id"], "TxnType": entity}
    for kind, id in sorted(earlier ^ later):
        document, source = books.find(kind, id), SOURCES[kind]
        if document is None:
            continue
        is_used = (kind, id) in later
        if source.linked:
            others = [one for one in document.get("LinkedTxn", []) if _plain(one) != link]
            document["LinkedTxn"] = [*others, link] if is_used else others
            is_used = any(one.get("TxnType") in source.drawn_by for one in document["LinkedTxn"])
        document[source.state] = source.used if is_used else source.unused
        books.update_balance(kind, document)


def complete_deposit(books: Books, body: Document, *, before: Document | None) -> None:
    """Check what a deposit takes to the bank: money that is received, not deposited yet, and whole."""
    own = (before or {}).get("Id")
    for line in body["Line"]:
        for kind, id in _deposited(line):
            document = books.find(kind, id)
            if document is None:
                raise invalid_reference(element="TxnId", value=id)
            if (reference_id(document, "DepositToAccountRef") or UNDEPOSITED_FUNDS.id) != UNDEPOSITED_FUNDS.id:
                raise business_rule("This transaction is in a bank account already.")
            if deposit_of(document) not in (None, own):
                raise deposited()
            line["Amount"] = document["TotalAmt"]


def update_deposited(books: Books, *, before: Document | None, after: Document | None) -> None:
    """Write the deposit into the payments that it takes to the bank, and out of those that it takes no longer."""
    earlier = {key for line in (before or {}).get("Line", []) for key in _deposited(line)}
    later = {key for line in (after or {}).get("Line", []) for key in _deposited(line)}
    link = {"TxnId": (after or before or {})["Id"], "TxnType": "Deposit"}
    for kind, id in sorted(earlier ^ later):
        document = books.find(kind, id)
        if document is not None:
            others = [one for one in document.get("LinkedTxn", []) if one.get("TxnType") != "Deposit"]
            document["LinkedTxn"] = [*others, link] if (kind, id) in later else others
            books.update_balance(kind, document)


def deposit_of(document: Document) -> str | None:
    """Return the id of the deposit that took a payment to the bank, or None."""
    for link in document.get("LinkedTxn", []):
        if link.get("TxnType") == "Deposit":
            return str(link["TxnId"])
    return None


def require_not_deposited(before: Document, after: Document | None) -> None:
    """Raise BusinessFault 6540 if money would change or go that a deposit has taken to the bank."""
    if deposit_of(before) is None:
        return
    keys = ("DepositToAccountRef", "CurrencyRef")
    if (
        after is None
        or amount_of(after, "TotalAmt") != amount_of(before, "TotalAmt")
        or any(reference_id(after, key) != reference_id(before, key) for key in keys)
    ):
        raise deposited()


def _sources(document: Document | None) -> Iterator[tuple[str, str]]:
    found = document or {}
    for holder in (found, *found.get("Line", [])):
        for link in holder.get("LinkedTxn", []):
            if link.get("TxnType") in SOURCES:
                yield str(link["TxnType"]), str(link.get("TxnId"))


def _deposited(line: Document) -> Iterator[tuple[str, str]]:
    for link in line.get("LinkedTxn", []):
        if link.get("TxnType") in DEPOSITABLE:
            yield str(link["TxnType"]), str(link.get("TxnId"))


def _plain(link: Document) -> Document:
    return {"TxnId": str(link.get("TxnId")), "TxnType": str(link.get("TxnType"))}
