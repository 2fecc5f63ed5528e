"""Payments of bills: what they pay, what credits they use, and the balances of both."""

from decimal import Decimal

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.relations import balances
from quickbooks_app.sandbox.accounting.relations.applied import (
    Applied,
    applied_amounts,
    changes,
    link_of,
    require_open,
)
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules, set_balance, set_currency
from quickbooks_app.sandbox.ledger import accounts, payables
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import (
    Document,
    amount_of,
    format_amount,
    parse_number,
    reference,
    reference_id,
)
from quickbooks_app.sandbox.runtime.errors import (
    business_rule,
    invalid_reference,
)

_FORMS = ("Bill", "VendorCredit")
# Each way to pay: where the account stands, which type it must have, and how a paid bill names the payment.
_WAYS = {
    "Check": ("CheckPayment", "BankAccountRef", accounts.CHECKING, "Bank", "BillPaymentCheck"),
    "CreditCard": ("CreditCardPayment", "CCAccountRef", accounts.MASTERCARD, "Credit Card", "BillPaymentCreditCard"),
}


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build the complete payment, each line checked against the open balance."""
    body = dict(wanted)
    vendor_id = reference_id(wanted, "VendorRef")
    vendor = books.find("Vendor", vendor_id)
    if vendor is None:
        raise invalid_reference(element="VendorRef", value=vendor_id)
    total = parse_number(wanted["TotalAmt"])
    body["TxnDate"] = str(wanted.get("TxnDate") or clock.company_today(books.at).isoformat())[:10]
    _set_account(books, body)
    earlier = applied_amounts(before)
    body["Line"] = [
        _line(books, line, vendor_id=vendor_id, earlier=earlier)
        for line in wanted.get("Line", [])
        if line.get("Amount")
    ]
    body["TotalAmt"] = format_amount(total)
    if total < 0 or payables.unapplied_amount(body, find=books.find) < 0:
        raise business_rule("The amount applied is greater than the amount of the payment.")
    set_currency(books, body, customer=vendor, rules=rules)
    return body


def update_paid_forms(books: Books, *, before: Document | None, after: Document | None) -> None:
    """Update balances and links of every document whose allocation changed."""
    payment = after or before or {}
    vendor = reference_id(payment, "VendorRef")
    link = {"TxnId": payment["Id"], "TxnType": _WAYS[payment["PayType"]][4]}
    for (kind, id), difference, applies in changes(before, after):
        if kind not in _FORMS:
            if difference:
                # What the payment uses of the entry is open no longer; entries keep no balance of their own.
                is_debt = payables.is_debt(kind, id, vendor=vendor, find=books.find)
                balances.add_to_vendor(books, vendor, -difference if is_debt else difference)
            continue
        form = books.find(kind, id)
        if form is None or not difference:
            continue
        set_balance(form, amount_of(form, "Balance") - difference)
        links = [one for one in form["LinkedTxn"] if one["TxnId"] != payment["Id"]]
        form["LinkedTxn"] = [*links, link] if applies else links
        books.update_balance(kind, form)


def unapply(books: Books, *, bill: Document, amount: Decimal) -> None:
    """Take `amount` off the payments of a bill that has become smaller, latest first: it stays as a credit."""
    left = amount
    for link in reversed(bill["LinkedTxn"]):
        payment = books.find("BillPayment", link["TxnId"])
        if payment is None or not left:
            continue
        lines = []
        for line in payment["Line"]:
            one = line["LinkedTxn"][0]
            taken = min(left, Decimal(line["Amount"])) if (one["TxnType"], one["TxnId"]) == ("Bill", bill["Id"]) else 0
            left -= taken
            if rest := Decimal(line["Amount"]) - taken:
                lines.append({**line, "Amount": format_amount(rest)})
        books.update("BillPayment", {**payment, "Line": lines})


def amount_used(books: Books, entity: str, id: str, *, vendor: str) -> Decimal:
    """Return how much of a vendor's share in an entry payments use, always positive."""
    used = Decimal(0)
    for payment in books.list_all("BillPayment"):
        for (kind, one), amount in applied_amounts(payment).items():
            if one == id and payables.ENTITY_OF_TYPE[kind] == entity and reference_id(payment, "VendorRef") == vendor:
                used += amount
    return used


def _set_account(books: Books, body: Document) -> None:
    key, name, default, kind, _ = _WAYS[body["PayType"]]
    detail = dict(body.get(key) or {})
    id = reference_id(detail, name) or default.id
    account = books.find("Account", id)
    if account is None:
        raise invalid_reference(element=name, value=id)
    if account["AccountType"] != kind:
        raise business_rule(f"A payment of this kind comes from an account of the type {kind}.")
    detail[name] = reference(id, account["FullyQualifiedName"])
    if key == "CheckPayment":
        detail.setdefault("PrintStatus", "NotSet")
    body[key] = detail


def _line(books: Books, line: Document, *, vendor_id: str, earlier: Applied) -> Document:
    kind, id = link_of(line, among=payables.ENTITY_OF_TYPE)
    document = books.find(payables.ENTITY_OF_TYPE[kind], id)
    if kind in _FORMS:
        if document is None or reference_id(document, "VendorRef") != vendor_id:
            raise invalid_reference(element="TxnId", value=id)
        open_amount = amount_of(document, "Balance")
    else:
        entity = payables.ENTITY_OF_TYPE[kind]
        share = payables.entry_amounts(entity, document).get(vendor_id, Decimal(0)) if document else Decimal(0)
        if not share:
            raise invalid_reference(element="TxnId", value=id)
        open_amount = abs(share) - amount_used(books, entity, id, vendor=vendor_id)
    amount = parse_number(line["Amount"])
    require_open(amount, left=open_amount + earlier.get((kind, id), Decimal(0)))
    return {"Amount": format_amount(amount), "LinkedTxn": [{"TxnId": id, "TxnType": kind}]}
