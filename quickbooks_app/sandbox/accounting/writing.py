"""Create, update, void and delete: the rules common to all entities, then those of the entity."""

from decimal import Decimal
from typing import Protocol

from quickbooks_app.sandbox.accounting import (
    attachments,
    custom_fields,
    customers,
    effects,
    entries,
    movements,
    payments,
    sales_forms,
    shape,
)
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.company import exchange_rates, recurring, settings
from quickbooks_app.sandbox.accounting.lists import inactivation, item_changes, name_lists, people, records
from quickbooks_app.sandbox.accounting.purchasing import forms as purchase_forms
from quickbooks_app.sandbox.accounting.purchasing import payments as bill_payments
from quickbooks_app.sandbox.accounting.relations import addresses, references
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.runtime.documents import Document, format_amount
from quickbooks_app.sandbox.runtime.errors import (
    invalid_id,
    parameter_missing,
    stale_object,
)

# The other user that fault 5010 names.
OTHER_USER = "Rosa Delgado"

# Computed by the books. Values sent by a client are ignored.
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
        "Classification",
        "CurrentBalance",
        "CurrentBalanceWithSubAccounts",
        "FileAccessUri",
        "Size",
        "TempDownloadUri",
        "ThumbnailFileAccessUri",
        "ThumbnailTempDownloadUri",
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
        rules: WriteRules,
    ) -> Document: ...


_COMPOSERS: dict[str, _Compose] = {
    **dict.fromkeys(("Invoice", "SalesReceipt", "Estimate", "CreditMemo", "RefundReceipt"), sales_forms.compose),
    **dict.fromkeys(("Bill", "VendorCredit", "PurchaseOrder"), purchase_forms.compose),
    **dict.fromkeys(("JournalEntry", "Deposit", "Purchase"), entries.compose),
    **dict.fromkeys(("Transfer", "CreditCardPayment"), movements.compose_movement),
    **dict.fromkeys(("Vendor", "Employee"), people.compose),
    **dict.fromkeys(("Item", "Account", "Class", "Department", "Term", "PaymentMethod"), name_lists.compose),
    **dict.fromkeys(("Budget", "CompanyCurrency", "TaxAgency", "JournalCode"), records.compose),
    **dict.fromkeys(("CompanyInfo", "Preferences"), settings.compose),
    "Attachable": attachments.compose,
    "Payment": payments.compose,
    "BillPayment": bill_payments.compose,
    "TimeActivity": movements.compose_time,
    "InventoryAdjustment": movements.compose_adjustment,
    "Customer": customers.compose,
}
# What a client may set, though it is computed in other objects.
_WRITABLE = {"Payment": frozenset({"TotalAmt"}), "BillPayment": frozenset({"TotalAmt"})}


def create(books: Books, *, entity: str, payload: Document, rules: WriteRules) -> Document:
    """Create an object. Id and SyncToken in the payload are ignored."""
    if entity == recurring.ENTITY:
        return recurring.create(books, payload)
    sent = _require_writable(entity, payload)
    shape.require_complete(entity, sent)
    body = _COMPOSERS[entity](books, entity=entity, sent=sent, wanted=sent, before=None, rules=rules)
    addresses.locate(books, body, before=None)
    references.complete(books, entity, body, before=None, refuse_inactive=rules.refuse_inactive)
    custom_fields.complete(books, entity, body, before=None, is_sparse=False, enhanced=rules.enhanced_custom_fields)
    created = books.insert(entity, body)
    effects.apply(books, entity, before=None, after=created)
    return books.get(entity, created["Id"])


def update(books: Books, *, entity: str, payload: Document, rules: WriteRules) -> Document:
    """Update an object: sparse changes the fields sent; full replaces every writable field."""
    if entity == exchange_rates.ENTITY:
        sent = shape.validate(entity, payload)
        shape.require_complete(entity, sent)
        return exchange_rates.save(books, sent)
    before = _require_current(books, entity, payload)
    sent = _require_writable(entity, payload)
    kept = before if payload.get("sparse") is True else _preserved_by_full_update(entity, before)
    wanted = {**kept, **sent}
    for key, value in payload.items():
        if shape.is_empty(value):
            wanted.pop(key, None)
    shape.require_complete(entity, wanted)
    body = _COMPOSERS[entity](books, entity=entity, sent=sent, wanted=wanted, before=before, rules=rules)
    addresses.locate(books, body, before=before)
    references.complete(books, entity, body, before=before, refuse_inactive=rules.refuse_inactive)
    is_sparse, enhanced = payload.get("sparse") is True, rules.enhanced_custom_fields
    custom_fields.complete(books, entity, body, before=before, is_sparse=is_sparse, enhanced=enhanced)
    body.update({key: before[key] for key in ("Id", "SyncToken", "MetaData", "domain", "sparse")})
    if body == before:
        # As recorded: an update that changes nothing does not raise the SyncToken.
        return before
    ends = before.get("Active") is True and body.get("Active") is False
    if ends:
        inactivation.require_ending(books, entity, before, refuse_balance=rules.refuse_inactivation)
    effects.require_changeable(books, entity, before, after=body)
    quantity = body.get("QtyOnHand")
    if "QtyOnHand" in before:
        body["QtyOnHand"] = before["QtyOnHand"]
    changed = books.update(entity, body)
    effects.apply(books, entity, before=before, after=changed)
    effects.apply_edit(books, entity, before=before, after=changed, rules=rules)
    if quantity is not None and "QtyOnHand" in before:
        item_changes.adjust_quantity(books, changed, wanted=Decimal(quantity))
    if ends and entity == "Item":
        inactivation.take_off_stock(books, books.get(entity, changed["Id"]))
    return books.get(entity, changed["Id"])


def void(books: Books, *, entity: str, payload: Document, rules: WriteRules) -> Document:
    """Void an object: set its amounts to 0 and say so in its note. The object remains."""
    before = _require_current(books, entity, payload)
    note = str(before.get("PrivateNote", ""))
    if note.startswith("Voided"):
        return before
    body = {**before, "PrivateNote": f"Voided - {note}" if note else "Voided", "TotalAmt": 0}
    effects.require_removable(books, entity, before, rules=rules)
    if entity in effects.PAYMENTS:
        body["Line"] = []
        if entity == "Payment":
            body["UnappliedAmt"] = 0
    else:
        body.update(
            Line=[_zeroed(line) for line in before["Line"]],
            TxnTaxDetail=_zeroed(before["TxnTaxDetail"]),
            LinkedTxn=[],
        )
        for key in ("HomeTotalAmt", "Deposit"):
            if key in body:
                body[key] = 0
        sales_forms.set_balance(body, Decimal(0))
    changed = books.update(entity, body)
    effects.apply(books, entity, before=before, after=changed)
    return books.get(entity, changed["Id"])


def delete(books: Books, *, entity: str, payload: Document, rules: WriteRules) -> Document:
    """Delete a transaction and return its tombstone."""
    if entity == recurring.ENTITY:
        return recurring.delete(books, payload)
    before = _require_current(books, entity, payload, token_is_optional=entity == "Attachable")
    effects.require_removable(books, entity, before, rules=rules)
    effects.apply(books, entity, before=before, after=None)
    books.delete(entity, before)
    if entity == "Attachable":
        attachments.forget_file(books, before["Id"])
    return {"domain": "QBO", "status": "Deleted", "Id": before["Id"]}


def _require_current(books: Books, entity: str, payload: Document, *, token_is_optional: bool = False) -> Document:
    """Return the object to write if the client's SyncToken is current; raises BusinessFault 5010 otherwise."""
    id = payload.get("Id")
    if id in (None, ""):
        raise parameter_missing("Id")
    if not str(id).isdecimal():
        raise invalid_id(str(id))
    before = books.get(entity, str(id))
    if payload.get("SyncToken") in (None, ""):
        if token_is_optional:
            return before
        raise parameter_missing("SyncToken")
    if str(payload["SyncToken"]) != before["SyncToken"]:
        raise stale_object(person=OTHER_USER)
    return before


def _require_writable(entity: str, payload: Document) -> Document:
    read_only = READ_ONLY - _WRITABLE.get(entity, frozenset())
    return {
        key: value
        for key, value in shape.validate(entity, payload).items()
        if key not in read_only and key not in ("Id", "SyncToken", "sparse")
    }


def _preserved_by_full_update(entity: str, before: Document) -> Document:
    """Return the fields that a full update cannot clear: computed fields and links to payments."""
    kept = {key: before[key] for key in (*READ_ONLY, "Id", "CurrencyRef", "ExchangeRate") if key in before}
    for key in _WRITABLE.get(entity, ()):
        kept.pop(key)
    return kept


def _zeroed(part: Document) -> Document:
    """Return a line or tax detail with every amount and quantity set to 0."""
    result: Document = {}
    for key, value in part.items():
        if key in ("Amount", "Qty", "TotalTax", "NetAmountTaxable"):
            result[key] = format_amount(0)
        elif isinstance(value, dict):
            result[key] = _zeroed(value)
        elif isinstance(value, list):
            result[key] = [_zeroed(one) if isinstance(one, dict) else one for one in value]
        else:
            result[key] = value
    return result
