"""Sales forms: from a client's request to the stored document."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from quickbooks_app.sandbox.accounting import sales_lines, totals
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.company import global_tax
from quickbooks_app.sandbox.accounting.relations import addresses
from quickbooks_app.sandbox.accounting.relations.links import raise_links
from quickbooks_app.sandbox.ledger.accounts import CHECKING, UNDEPOSITED_FUNDS
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import (
    Document,
    amount_of,
    format_amount,
    normalized,
    parse_number,
    reference,
    reference_id,
)
from quickbooks_app.sandbox.runtime.errors import (
    business_rule,
    duplicate_number,
    invalid_enumeration,
    invalid_reference,
    parameter_missing,
    too_long,
)

MAX_NUMBER_LENGTH = 21
FIRST_NUMBER = 1001
DEFAULT_TERM_DAYS = 30
ESTIMATE_STATES = ("Accepted", "Closed", "Converted", "Pending", "Rejected")

_DELIVERED = ("Invoice", "SalesReceipt", "Estimate")
_PAID_AT_ONCE = {"SalesReceipt": UNDEPOSITED_FUNDS, "RefundReceipt": CHECKING}

CURRENCY_NAMES = {
    "AUD": "Australian Dollar",
    "CAD": "Canadian Dollar",
    "CHF": "Swiss Franc",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "INR": "Indian Rupee",
    "JPY": "Japanese Yen",
    "MXN": "Mexican Peso",
    "SEK": "Swedish Krona",
    "USD": "United States Dollar",
}


@dataclass(frozen=True, slots=True)
class WriteRules:
    """Rules for a write, from the control page's switches and the request's `include`."""

    refuse_void_of_paid: bool = True
    refuse_duplicate_numbers: bool = True
    leave_out_currency: bool = False
    refuse_inactivation: bool = True  # of what has an open balance
    refuse_inactive: bool = True  # a new reference to an object that is inactive
    enhanced_custom_fields: bool = False  # those of the premium API may be written
    rewrite_accounts: bool = True  # an item's new account counts for what was sold before, too


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build the complete form. `sent` is the request; `wanted` is the request merged over the previous document."""
    body = dict(wanted)
    customer = _customer(books, wanted)
    body["CustomerRef"] = reference(customer["Id"], customer["FullyQualifiedName"])
    body["TxnDate"] = _date(wanted, "TxnDate") or clock.company_today(books.at).isoformat()
    if entity == "Estimate":
        body.setdefault("TxnStatus", "Pending")
        if body["TxnStatus"] not in ESTIMATE_STATES:
            raise invalid_enumeration(element="TxnStatus", value=str(body["TxnStatus"]))
    if entity == "Invoice":
        _set_due_date(books, body, sent=sent, customer=customer)
    _set_number(books, body, entity=entity, before=before, rules=rules)
    if before is None:
        for key in ("BillAddr", "ShipAddr"):
            if key not in body and key in customer:
                body[key] = customer[key]
        if entity != "RefundReceipt":
            body.setdefault("ShipFromAddr", addresses.ship_from(books))
        body.setdefault("EmailStatus", "NotSet")
        body.setdefault("PrintStatus", "NeedToPrint")
    if body.get("EmailStatus") == "EmailSent" and "DeliveryInfo" not in body and entity in _DELIVERED:
        body["DeliveryInfo"] = {"DeliveryType": "Email", "DeliveryTime": clock.format_timestamp(books.at)}
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
    _set_links(body, entity=entity, before=before)
    if not body.get("Line"):
        raise parameter_missing("Line")
    _set_amounts(books, body, entity=entity, sent=sent, before=before, customer=customer, rules=rules)
    return body


def set_balance(document: Document, balance: Decimal) -> None:
    """Set the open balance, in the home currency too if the company is multicurrency."""
    document["Balance"] = format_amount(balance)
    if "RemainingCredit" in document:
        document["RemainingCredit"] = document["Balance"]
    if "ExchangeRate" in document:
        document["HomeBalance"] = format_amount(balance * Decimal(document["ExchangeRate"]))


def applied_amount(document: Document) -> Decimal:
    """Return the amount that payments and credits have applied to a form."""
    return amount_of(document, "TotalAmt") - amount_of(document, "Deposit") - amount_of(document, "Balance")


def _customer(books: Books, wanted: Document) -> Document:
    id = reference_id(wanted, "CustomerRef")
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
    days = DEFAULT_TERM_DAYS
    if term_id := reference_id(body, "SalesTermRef"):
        term = books.find("Term", term_id)
        if term is None:
            raise invalid_reference(element="SalesTermRef", value=term_id)
        body["SalesTermRef"] = reference(term_id, term["Name"])
        days = int(term.get("DueDays", 0))
    term_is_new = "SalesTermRef" in sent and "DueDate" not in sent
    given = None if term_is_new else _date(body, "DueDate")
    body["DueDate"] = given or (date.fromisoformat(body["TxnDate"]) + timedelta(days=days)).isoformat()


def _set_number(books: Books, body: Document, *, entity: str, before: Document | None, rules: WriteRules) -> None:
    given = body.get("DocNumber")
    if given in (None, ""):
        body.pop("DocNumber", None)
        custom = books.get("Preferences", "1").get("SalesFormsPrefs", {}).get("CustomTxnNumbers")
        if before is None and not custom:
            body["DocNumber"] = str(books.next_value("DocNumber", first=FIRST_NUMBER))
        return
    number_text = str(given)
    if len(number_text) > MAX_NUMBER_LENGTH:
        raise too_long(element="DocNumber", limit=MAX_NUMBER_LENGTH)
    body["DocNumber"] = number_text
    if before is not None and before.get("DocNumber") == number_text:
        return
    holder = books.find_by_number(entity, number_text)
    if holder and rules.refuse_duplicate_numbers:
        raise duplicate_number(number=number_text, txn_type=entity, txn_id=holder)


# Payments and deposits make and break their own links, and what is made of an estimate does; a client sets the others.
_OWN_LINKS = ("Payment", "Deposit")


def _set_links(body: Document, *, entity: str, before: Document | None) -> None:
    own = (*_OWN_LINKS, "Invoice", "SalesReceipt") if entity == "Estimate" else _OWN_LINKS
    links = [link for link in body.get("LinkedTxn", []) if link.get("TxnType") not in own]
    if before is not None:
        links += [link for link in before.get("LinkedTxn", []) if link["TxnType"] in own]
    body["LinkedTxn"] = links
    raise_links(body)


def _set_amounts(
    books: Books,
    body: Document,
    *,
    entity: str,
    sent: Document,
    before: Document | None,
    customer: Document,
    rules: WriteRules,
) -> None:
    body["Line"] = sales_lines.expanded(books, body["Line"])
    is_global = global_tax.applies(books)
    if is_global:
        global_tax.prepare(books, body, side="Sales")
    summed = totals.sum_lines(
        body["Line"],
        item_name=lambda id: _item_name(books, id),
        charge=_linked_charge_amount(body, before=before),
    )
    body["Line"] = summed.lines
    sales_lines.complete_accounts(books, body["Line"], before=before)
    after_discount = bool(body["ApplyTaxAfterDiscount"])
    if is_global and not global_tax.is_given(sent):
        share = 1 - summed.discount / summed.subtotal if after_discount and summed.subtotal else Decimal(1)
        body["TxnTaxDetail"] = global_tax.tax_detail(books, body, side="Sales", share=share)
    else:
        body["TxnTaxDetail"] = totals.tax_detail(
            summed,
            sent=sent.get("TxnTaxDetail"),
            before=before.get("TxnTaxDetail") if before else None,
            after_discount=after_discount,
            rates=lambda code: _tax_rates(books, code),
        )
    total = summed.subtotal - summed.discount + Decimal(body["TxnTaxDetail"]["TotalTax"])
    if total < 0:
        raise business_rule("Transaction amount must be 0 or greater.")
    body["TotalAmt"] = format_amount(total)
    if "Deposit" in body:
        body["Deposit"] = format_amount(parse_number(body["Deposit"]))
        if not 0 <= body["Deposit"] <= total:
            raise business_rule("The deposit is greater than the amount of the transaction.")
    set_currency(books, body, customer=customer, rules=rules)
    if "ExchangeRate" in body:
        body["HomeTotalAmt"] = format_amount(total * Decimal(body["ExchangeRate"]))
    if entity == "Estimate":
        return
    if account := _PAID_AT_ONCE.get(entity):
        # The money comes in, or is given back, at once.
        body.setdefault("DepositToAccountRef", reference(account.id, account.name))
        set_balance(body, Decimal(0))
        return
    if entity == "CreditMemo":
        body["RemainingCredit"] = 0
    already = applied_amount(before) if before else Decimal(0)
    # What was applied beyond the new total goes back to the payments; the balance never falls below zero.
    set_balance(body, max(total - amount_of(body, "Deposit") - already, Decimal(0)))


def set_currency(books: Books, body: Document, *, customer: Document, rules: WriteRules) -> None:
    """Set currency and rate. A customer's currency never changes; only multicurrency companies store a rate.

    A company without multicurrency may leave the currency out of everything.
    """
    preferences = books.get("Preferences", "1").get("CurrencyPrefs", {})
    if "CurrencyRef" in customer and not rules.leave_out_currency:
        body["CurrencyRef"] = customer["CurrencyRef"]
    else:
        body.pop("CurrencyRef", None)
    if preferences.get("MultiCurrencyEnabled"):
        body["ExchangeRate"] = normalized(parse_number(body.get("ExchangeRate", 1)))
    else:
        body.pop("ExchangeRate", None)


def _tax_rates(books: Books, code: str) -> list[tuple[str, Decimal]] | None:
    listed = ((books.find("TaxCode", code) or {}).get("SalesTaxRateList") or {}).get("TaxRateDetail", [])
    found = [books.find("TaxRate", reference_id(one, "TaxRateRef")) for one in listed]
    return [(rate["Id"], Decimal(rate["RateValue"])) for rate in found if rate is not None]


def _item_name(books: Books, id: str) -> str | None:
    item = books.find("Item", id)
    return str(item["FullyQualifiedName"]) if item else None


def _linked_charge_amount(body: Document, *, before: Document | None) -> Decimal:
    """Return the amount of a linked statement charge, which has no line and shows only in the subtotal."""
    if not any(link.get("TxnType") == "StatementCharge" for link in body["LinkedTxn"]):
        return Decimal(0)
    lines = (before or body).get("Line", [])
    shown = sum((Decimal(one["Amount"]) for one in lines if one.get("DetailType") == "SubTotalLineDetail"), Decimal(0))
    return shown - totals.gross_total(lines)
