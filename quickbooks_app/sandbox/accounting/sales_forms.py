"""Invoices and credit memos: from what a client sends to what the books keep."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from quickbooks_app.sandbox.accounting import totals
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import (
    Document,
    as_decimal,
    money,
    number,
    ref_value,
    reference,
    trimmed,
)
from quickbooks_app.sandbox.runtime.errors import (
    business_rule,
    duplicate_number,
    invalid_reference,
    parameter_missing,
    too_long,
)

LONGEST_NUMBER = 21
FIRST_NUMBER = 1001
DAYS_WITHOUT_TERM = 30

CURRENCY_NAMES = {"USD": "United States Dollar", "EUR": "Euro", "GBP": "British Pound Sterling"}


@dataclass(frozen=True, slots=True)
class Rules:
    """What the switches and the request's `include` say about a write."""

    refuse_void_of_paid: bool = True
    refuse_duplicate_numbers: bool = True


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: Rules
) -> Document:
    """The whole form. `sent` is the request alone, `wanted` the request over what stays from before."""
    body = dict(wanted)
    customer = _customer(books, wanted)
    body["CustomerRef"] = reference(customer["Id"], customer["DisplayName"])
    body["TxnDate"] = _date(wanted, "TxnDate") or clock.today(books.at).isoformat()
    if entity == "Invoice":
        _set_due_date(books, body, sent=sent, customer=customer)
    _set_number(books, body, entity=entity, before=before, rules=rules)
    if before is None:
        for key in ("BillAddr", "ShipAddr"):
            if key not in body and key in customer:
                body[key] = customer[key]
        body.setdefault("EmailStatus", "NotSet")
        body.setdefault("PrintStatus", "NeedToPrint")
    for key in ("ApplyTaxAfterDiscount", "FreeFormAddress"):
        body.setdefault(key, False)
    if entity == "Invoice":
        for key in (
            "AllowIPNPayment",
            "AllowOnlinePayment",
            "AllowOnlineCreditCardPayment",
            "AllowOnlineACHPayment",
        ):
            body.setdefault(key, False)
    body.setdefault("CustomField", [])
    _set_links(body, before=before)
    if not body.get("Line"):
        raise parameter_missing("Line")
    _set_amounts(books, body, entity=entity, sent=sent, before=before, customer=customer)
    return body


def set_balance(document: Document, balance: Decimal) -> None:
    """Write an open amount, in the home currency as well when the company has several."""
    document["Balance"] = money(balance)
    if "RemainingCredit" in document:
        document["RemainingCredit"] = document["Balance"]
    if "ExchangeRate" in document:
        document["HomeBalance"] = money(balance * Decimal(document["ExchangeRate"]))


def applied(document: Document) -> Decimal:
    """How much payments and credits have taken off a form."""
    return as_decimal(document, "TotalAmt") - as_decimal(document, "Deposit") - as_decimal(document, "Balance")


def _customer(books: Books, wanted: Document) -> Document:
    id = ref_value(wanted, "CustomerRef")
    if not id:
        raise parameter_missing("CustomerRef")
    customer = books.find("Customer", id)
    if customer is None:
        raise invalid_reference(element="CustomerRef", value=id)
    return customer


def _date(document: Document, key: str) -> str | None:
    # A client may send a time with the date; the books keep the day.
    return str(document[key])[:10] if document.get(key) else None


def _set_due_date(books: Books, body: Document, *, sent: Document, customer: Document) -> None:
    if "SalesTermRef" not in body and "SalesTermRef" in customer and "Id" not in body:
        body["SalesTermRef"] = customer["SalesTermRef"]
    days = DAYS_WITHOUT_TERM
    if term_id := ref_value(body, "SalesTermRef"):
        term = books.find("Term", term_id)
        if term is None:
            raise invalid_reference(element="SalesTermRef", value=term_id)
        body["SalesTermRef"] = reference(term_id, term["Name"])
        days = int(term.get("DueDays", 0))
    term_is_new = "SalesTermRef" in sent and "DueDate" not in sent
    given = None if term_is_new else _date(body, "DueDate")
    body["DueDate"] = given or (date.fromisoformat(body["TxnDate"]) + timedelta(days=days)).isoformat()


def _set_number(books: Books, body: Document, *, entity: str, before: Document | None, rules: Rules) -> None:
    given = body.get("DocNumber")
    if given in (None, ""):
        body.pop("DocNumber", None)
        custom = books.get("Preferences", "1").get("SalesFormsPrefs", {}).get("CustomTxnNumbers")
        if before is None and not custom:
            body["DocNumber"] = str(books.next_value("DocNumber", first=FIRST_NUMBER))
        return
    number_text = str(given)
    if len(number_text) > LONGEST_NUMBER:
        raise too_long(element="DocNumber", limit=LONGEST_NUMBER)
    body["DocNumber"] = number_text
    if before is not None and before.get("DocNumber") == number_text:
        return
    holder = books.with_number(entity, number_text)
    if holder and rules.refuse_duplicate_numbers:
        raise duplicate_number(number=number_text, txn_type=entity, txn_id=holder)


def _set_links(body: Document, *, before: Document | None) -> None:
    # Only payments make and break their own links; a client may set the others.
    links = [link for link in body.get("LinkedTxn", []) if link.get("TxnType") != "Payment"]
    if before is not None:
        links += [link for link in before.get("LinkedTxn", []) if link["TxnType"] == "Payment"]
    body["LinkedTxn"] = links


def _set_amounts(
    books: Books, body: Document, *, entity: str, sent: Document, before: Document | None, customer: Document
) -> None:
    summed = totals.sum_lines(
        body["Line"],
        item_name=lambda id: _item_name(books, id),
        charge=_statement_charge(body, before=before),
    )
    body["Line"] = summed.lines
    body["TxnTaxDetail"] = totals.tax_detail(
        summed,
        sent=sent.get("TxnTaxDetail"),
        before=before.get("TxnTaxDetail") if before else None,
        after_discount=bool(body["ApplyTaxAfterDiscount"]),
    )
    total = summed.subtotal - summed.discount + Decimal(body["TxnTaxDetail"]["TotalTax"])
    if total < 0:
        raise business_rule("Transaction amount must be 0 or greater.")
    body["TotalAmt"] = money(total)
    if "Deposit" in body:
        body["Deposit"] = money(number(body["Deposit"]))
    set_currency(books, body, customer=customer)
    if "ExchangeRate" in body:
        body["HomeTotalAmt"] = money(total * Decimal(body["ExchangeRate"]))
    if entity == "CreditMemo":
        body["RemainingCredit"] = 0
    already = applied(before) if before else Decimal(0)
    # What was applied beyond the new total goes back to the payments; the balance never falls below zero.
    set_balance(body, max(total - as_decimal(body, "Deposit") - already, Decimal(0)))


def set_currency(books: Books, body: Document, *, customer: Document) -> None:
    """A customer has one currency for life; a rate stands on a form only in a company with several."""
    body["CurrencyRef"] = customer["CurrencyRef"]
    preferences = books.get("Preferences", "1").get("CurrencyPrefs", {})
    if preferences.get("MultiCurrencyEnabled"):
        body["ExchangeRate"] = trimmed(number(body.get("ExchangeRate", 1)))
    else:
        body.pop("ExchangeRate", None)


def _item_name(books: Books, id: str) -> str | None:
    item = books.find("Item", id)
    return str(item["FullyQualifiedName"]) if item else None


def _statement_charge(body: Document, *, before: Document | None) -> Decimal:
    """The amount of a linked statement charge: it has no line of its own, only the subtotal shows it."""
    if not any(link.get("TxnType") == "StatementCharge" for link in body["LinkedTxn"]):
        return Decimal(0)
    lines = (before or body).get("Line", [])
    shown = sum((Decimal(one["Amount"]) for one in lines if one.get("DetailType") == "SubTotalLineDetail"), Decimal(0))
    return shown - totals.worth(lines)
