"""Create, update, void and delete: the rules every object shares, then what its own kind demands."""

from decimal import Decimal
from typing import Protocol

from quickbooks_app.sandbox.accounting import (
    customers,
    name_lists,
    payments,
    sales_forms,
    shape,
)
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import Rules
from quickbooks_app.sandbox.runtime.documents import Document, as_decimal, money
from quickbooks_app.sandbox.runtime.errors import (
    business_rule,
    invalid_id,
    parameter_missing,
    stale_object,
)

# Who else worked on the object, in the words of fault 5010.
OTHER_PERSON = "Rosa Delgado"

# What only the books may say; a client that sends it is silently not heard.
READ_ONLY = frozenset(
    [
        "MetaData",
        "domain",
        "status",
        "Balance",
        "BalanceWithJobs",
        "HomeBalance",
        "TotalAmt",
        "HomeTotalAmt",
        "RemainingCredit",
        "UnappliedAmt",
        "InvoiceLink",
        "DeliveryInfo",
        "RecurDataRef",
        "Level",
        "FullyQualifiedName",
        "IsProject",
        "time",
    ]
)


class _Compose(Protocol):
    def __call__(
        self,
        books: Books,
        *,
        entity: str,
        sent: Document,
        wanted: Document,
        before: Document | None,
        rules: Rules,
    ) -> Document: ...


_COMPOSERS: dict[str, _Compose] = {
    "Invoice": sales_forms.compose,
    "CreditMemo": sales_forms.compose,
    "Payment": payments.compose,
    "Customer": customers.compose,
    "Item": name_lists.compose,
    "Term": name_lists.compose,
}


def create(books: Books, *, entity: str, payload: Document, rules: Rules) -> Document:
    """A new object; Id and SyncToken in the payload are not looked at."""
    sent = _writable(entity, payload)
    body = _COMPOSERS[entity](books, entity=entity, sent=sent, wanted=sent, before=None, rules=rules)
    created = books.insert(entity, body)
    if entity == "Payment":
        payments.settle(books, before=None, after=created)
    return books.get(entity, created["Id"])


def update(books: Books, *, entity: str, payload: Document, rules: Rules) -> Document:
    """An edit: sparse changes what is sent, full replaces all that is writable."""
    before = _current(books, entity, payload)
    sent = _writable(entity, payload)
    kept = before if payload.get("sparse") is True else _kept_by_full(entity, before)
    wanted = {**kept, **sent}
    for key, value in payload.items():
        if shape.is_empty(value):
            wanted.pop(key, None)
    body = _COMPOSERS[entity](books, entity=entity, sent=sent, wanted=wanted, before=before, rules=rules)
    body.update({key: before[key] for key in ("Id", "SyncToken", "MetaData", "domain", "sparse")})
    if body == before:
        # As recorded: an update that changes nothing does not raise the SyncToken.
        return before
    changed = books.change(entity, body)
    _follow(books, entity, before=before, after=changed)
    return books.get(entity, changed["Id"])


def void(books: Books, *, entity: str, payload: Document, rules: Rules) -> Document:
    """Bring everything to nothing and say so in the note; the object itself stays."""
    before = _current(books, entity, payload)
    note = str(before.get("PrivateNote", ""))
    if note.startswith("Voided"):
        return before
    body = {**before, "PrivateNote": f"Voided - {note}" if note else "Voided", "TotalAmt": 0}
    if entity == "Payment":
        body.update(Line=[], UnappliedAmt=0)
        changed = books.change(entity, body)
        payments.settle(books, before=before, after=changed)
        return books.get(entity, changed["Id"])
    _free_of_payments(books, before, rules=rules)
    body.update(
        Line=[_emptied(line) for line in before["Line"]],
        TxnTaxDetail=_emptied(before["TxnTaxDetail"]),
        LinkedTxn=[],
    )
    if "HomeTotalAmt" in body:
        body["HomeTotalAmt"] = 0
    sales_forms.set_balance(body, Decimal(0))
    return books.change(entity, body)


def delete(books: Books, *, entity: str, payload: Document, rules: Rules) -> Document:
    """Remove a transaction; the answer is what is left of it."""
    before = _current(books, entity, payload)
    if entity == "Payment":
        payments.settle(books, before=before, after=None)
    elif entity == "Invoice":
        _free_of_payments(books, before, rules=rules)
    elif as_decimal(before, "Balance") != as_decimal(before, "TotalAmt"):
        raise business_rule("A transaction that other transactions are linked to must be unlinked first.")
    books.remove(entity, before)
    return {"domain": "QBO", "status": "Deleted", "Id": before["Id"]}


def _current(books: Books, entity: str, payload: Document) -> Document:
    """The object a write is about, if the client knows its newest state."""
    id = payload.get("Id")
    if id in (None, ""):
        raise parameter_missing("Id")
    if not str(id).isdecimal():
        raise invalid_id(str(id))
    before = books.get(entity, str(id))
    if payload.get("SyncToken") in (None, ""):
        raise parameter_missing("SyncToken")
    if str(payload["SyncToken"]) != before["SyncToken"]:
        raise stale_object(person=OTHER_PERSON)
    return before


def _writable(entity: str, payload: Document) -> Document:
    read_only = READ_ONLY - {"TotalAmt"} if entity == "Payment" else READ_ONLY
    return {
        key: value
        for key, value in shape.checked(entity, payload).items()
        if key not in read_only and key not in ("Id", "SyncToken", "sparse")
    }


def _kept_by_full(entity: str, before: Document) -> Document:
    """What a full update cannot clear: that which only the books may say, and which payments are linked."""
    kept = {key: before[key] for key in (*READ_ONLY, "Id", "CurrencyRef", "ExchangeRate") if key in before}
    if entity == "Payment":
        kept.pop("TotalAmt")
    return kept


def _follow(books: Books, entity: str, *, before: Document, after: Document) -> None:
    """What an edit of one object means for others."""
    if entity == "Payment":
        payments.settle(books, before=before, after=after)
    elif entity == "Customer":
        customers.follow_rename(books, before=before, after=after)
    elif entity == "Invoice":
        due = as_decimal(after, "TotalAmt") - as_decimal(after, "Deposit")
        if (excess := sales_forms.applied(before) - due) > 0:
            payments.give_back(books, invoice=before, amount=excess)


def _free_of_payments(books: Books, invoice: Document, *, rules: Rules) -> None:
    if not any(link["TxnType"] == "Payment" for link in invoice["LinkedTxn"]):
        return
    if rules.refuse_void_of_paid:
        raise business_rule("A transaction that payments are applied to must be unlinked from them first.")
    payments.give_back(books, invoice=invoice, amount=None)


def _emptied(part: Document) -> Document:
    """A line or tax detail with every amount and quantity at nothing."""
    result: Document = {}
    for key, value in part.items():
        if key in ("Amount", "Qty", "TotalTax", "NetAmountTaxable"):
            result[key] = money(0)
        elif isinstance(value, dict):
            result[key] = _emptied(value)
        elif isinstance(value, list):
            result[key] = [_emptied(one) if isinstance(one, dict) else one for one in value]
        else:
            result[key] = value
    return result
