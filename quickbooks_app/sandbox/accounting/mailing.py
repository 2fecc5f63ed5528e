"""Sending a transaction by email: its address, its status, and when it was delivered."""

import re

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.errors import business_rule, invalid_email

# Where an entity keeps the address; the others of those that can be sent keep it in BillEmail.
_ADDRESS_KEYS = {"PurchaseOrder": "POEmail"}
_ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")

MAX_PER_DAY = 40  # that one company may send from Intuit's sandbox


def send(books: Books, *, entity: str, id: str, send_to: str, limit: bool = False) -> Document:
    """Send a transaction to `send_to`, or else to the address that it or its customer has. Returns it as sent.

    `limit` enforces the number of emails that a company may send in a day. Raises BusinessFault 4002 for an address
    that is none, and 6000 if there is no address or the limit is reached.
    """
    before = books.get(entity, id)
    key = _ADDRESS_KEYS.get(entity, "BillEmail")
    address = send_to.strip() or _known_address(books, before, key=key)
    if not address:
        raise business_rule("An email address is required to send this transaction.")
    if not all(_ADDRESS.fullmatch(part.strip()) for part in address.split(",")):
        raise invalid_email()
    sent_today = books.next_value(f"Emails of {clock.company_today(books.at)}")
    if limit and sent_today > MAX_PER_DAY:
        raise business_rule(f"A company may send {MAX_PER_DAY} emails a day.")
    body = {
        **before,
        "EmailStatus": "EmailSent",
        "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": clock.format_timestamp(books.at)},
    }
    if entity != "Payment":
        body[key] = {"Address": address}
    return books.update(entity, body)


def answer_after_sending(document: Document) -> Document:
    """Return what the answer to sending holds: as recorded, it lacks some of what a read has."""
    told = {key: value for key, value in document.items() if key != "FreeFormAddress"}
    told["MetaData"] = {key: value for key, value in document["MetaData"].items() if key != "LastModifiedByRef"}
    if "Line" in document:
        told["Line"] = [_without_account(line) for line in document["Line"]]
    return told


def _known_address(books: Books, document: Document, *, key: str) -> str:
    if address := (document.get(key) or {}).get("Address"):
        return str(address)
    for entity in ("Customer", "Vendor"):
        party = document.get(f"{entity}Ref")
        found = books.find(entity, str(party["value"])) if party else None
        if found and (address := (found.get("PrimaryEmailAddr") or {}).get("Address")):
            return str(address)
    return ""


def _without_account(line: Document) -> Document:
    detail = line.get("SalesItemLineDetail")
    if not detail:
        return line
    return {**line, "SalesItemLineDetail": {key: value for key, value in detail.items() if key != "ItemAccountRef"}}
