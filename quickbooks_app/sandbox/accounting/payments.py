"""Payments: allocation to sales forms, unapplied amounts, and the balances of the forms they pay."""

from decimal import Decimal

from quickbooks_app.sandbox.accounting import entries
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
from quickbooks_app.sandbox.ledger.receivables import ENTITY_OF_TYPE, customer_of_link, entry_amounts
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import (
    Document,
    amount_of,
    encode,
    format_amount,
    parse_number,
    reference,
    reference_id,
)
from quickbooks_app.sandbox.runtime.errors import (
    business_rule,
    invalid_reference,
    invalid_value,
    parameter_missing,
)

PAYABLE = ("Invoice", "CreditMemo", *entries.KINDS)


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build the complete payment, each line checked against the open balance."""
    body = dict(wanted)
    customer_id = reference_id(wanted, "CustomerRef")
    if not customer_id:
        raise parameter_missing("CustomerRef")
    customer = books.find("Customer", customer_id)
    if customer is None:
        raise invalid_reference(element="CustomerRef", value=customer_id)
    if wanted.get("TotalAmt") is None:
        raise parameter_missing("TotalAmt")
    try:
        total = parse_number(wanted["TotalAmt"])
        wanted_lines = [(line, parse_number(line.get("Amount", 0))) for line in wanted.get("Line", [])]
    except ValueError as error:
        raise invalid_value(element="Amount", detail=f"Invalid Number : {error}") from None
    body["CustomerRef"] = reference(customer_id, customer["FullyQualifiedName"])
    body["TxnDate"] = str(wanted.get("TxnDate") or clock.company_today(books.at).isoformat())[:10]
    body.setdefault("ProcessPayment", False)
    body.setdefault("DepositToAccountRef", {"value": "4"})
    # A deposit makes and breaks its own link.
    body["LinkedTxn"] = before.get("LinkedTxn", []) if before else []
    earlier = applied_amounts(before)
    body["Line"] = [
        _line(books, line, amount=amount, customer_id=customer_id, earlier=earlier)
        for line, amount in wanted_lines
        if amount
    ]
    unapplied = total - sum(
        amount if _is_charge(books, kind, id, payer=customer_id) else -amount
        for (kind, id), amount in applied_amounts(body).items()
    )
    if unapplied < 0 or total < 0:
        raise business_rule("The amount applied is greater than the amount of the payment.")
    body["TotalAmt"] = format_amount(total)
    body["UnappliedAmt"] = format_amount(unapplied)
    set_currency(books, body, customer=customer, rules=rules)
    return body


def update_paid_forms(books: Books, *, before: Document | None, after: Document | None) -> None:
    """Update balances and links of every form whose allocation changed."""
    payment_id = (after or before or {})["Id"]
    for (kind, id), difference, applies in changes(before, after):
        if kind in entries.KINDS:
            # What the payment uses of the entry is open no longer; entries keep no balance of their own.
            owner, amount = _share(books, kind, id, payer=reference_id(after or before or {}, "CustomerRef"))
            if difference:
                balances.add_to_customer(books, owner, difference if amount < 0 else -difference)
            continue
        form = books.find(kind, id)
        if form is None or not difference:
            continue
        set_balance(form, amount_of(form, "Balance") - difference)
        if kind == "Invoice":
            links = [link for link in form["LinkedTxn"] if link != _link(payment_id, "Payment")]
            if applies:
                links.append(_link(payment_id, "Payment"))
            form["LinkedTxn"] = links
        books.update_balance(kind, form)


def unapply(books: Books, *, invoice: Document, amount: Decimal | None) -> None:
    """Unapply `amount` from an invoice's payments, latest first; everything if `amount` is None.

    The invoice itself is left to the caller: it is about to be voided, deleted or is already smaller.
    """
    left = amount
    for link in reversed(invoice["LinkedTxn"]):
        payment = books.find("Payment", link["TxnId"]) if link["TxnType"] == "Payment" else None
        if payment is None or left == 0:
            continue
        lines, returned = [], Decimal(0)
        for line in payment["Line"]:
            if line["LinkedTxn"][0] != _link(invoice["Id"], "Invoice"):
                lines.append(line)
                continue
            paid = Decimal(line["Amount"])
            taken = paid if left is None else min(paid, left - returned)
            returned += taken
            if taken < paid:
                lines.append({**line, "Amount": format_amount(paid - taken)})
        if left is not None:
            left -= returned
        payment["Line"] = lines
        payment["UnappliedAmt"] = format_amount(amount_of(payment, "UnappliedAmt") + returned)
        books.update("Payment", payment)


def _line(books: Books, line: Document, *, amount: Decimal, customer_id: str, earlier: Applied) -> Document:
    kind, id = link_of(line, among=PAYABLE)
    if kind in entries.KINDS:
        owner, share = _share(books, kind, id, payer=customer_id)
        if not share:
            raise invalid_reference(element="TxnId", value=id)
        used = entries.amount_used(books, ENTITY_OF_TYPE[kind], id, customer=owner)
        require_open(amount, left=abs(share) - used + earlier.get((kind, id), Decimal(0)))
        return {"Amount": format_amount(amount), "LinkedTxn": [_link(id, kind)]}
    form = books.find(kind, id)
    if form is None or not _require_same_customer(books, form, customer_id):
        raise invalid_reference(element="TxnId", value=id)
    open_amount = amount_of(form, "Balance") + earlier.get((kind, id), Decimal(0))
    require_open(amount, left=open_amount)
    return {
        "Amount": format_amount(amount),
        "LinkedTxn": [_link(id, kind)],
        "LineEx": {
            "any": [
                _name_value("txnId", id),
                _name_value("txnOpenBalance", encode(format_amount(open_amount)).decode()),
                _name_value("txnReferenceNumber", str(form.get("DocNumber", ""))),
            ]
        },
    }


def _share(books: Books, kind: str, id: str, *, payer: str) -> tuple[str, Decimal]:
    """Return the customer whose share of an entry a payment uses, and that share: a credit is negative."""
    entry = books.find(ENTITY_OF_TYPE[kind], id)
    amounts = entry_amounts(ENTITY_OF_TYPE[kind], entry) if entry else {}
    owner = customer_of_link(amounts, payer=payer)
    if owner != payer:
        customer = books.find("Customer", owner)
        if customer is None or reference_id(customer, "ParentRef") != payer:
            return payer, Decimal(0)
    return owner, amounts.get(owner, Decimal(0))


def _is_charge(books: Books, kind: str, id: str, *, payer: str) -> bool:
    """Whether a payment pays this document; otherwise it uses a credit."""
    return kind == "Invoice" or (kind in entries.KINDS and _share(books, kind, id, payer=payer)[1] > 0)


def _require_same_customer(books: Books, form: Document, customer_id: str) -> bool:
    """A payment may pay forms of its customer and of that customer's sub-customers."""
    owner = reference_id(form, "CustomerRef")
    if owner == customer_id:
        return True
    customer = books.find("Customer", owner)
    return customer is not None and reference_id(customer, "ParentRef") == customer_id


def _link(id: str, kind: str) -> Document:
    return {"TxnId": id, "TxnType": kind}


def _name_value(name: str, value: str) -> Document:
    return {
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": {"Name": name, "Value": value},
        "nil": False,
        "globalScope": True,
        "typeSubstituted": False,
    }
