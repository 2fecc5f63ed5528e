"""Bodies of writes, and what never goes into them because QuickBooks would silently do something else.

- An update names only what changes (`sparse`); without it QuickBooks clears every field that is not sent.
- The lines of a payment are all replaced by those sent, which detaches credit memos and journal entries. So changes are
  merged with the lines that the payment has now.
- Quantities, inventory dates and balances sent back are adjustments of the books.
- The new account of an item rewrites all history, unless the request says that it should not.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from quickbooks_app.errors import ForbiddenWrite

Fields = Mapping[str, Any]
Payload = dict[str, Any]

NEVER_SENT_BACK: dict[str, frozenset[str]] = {
    "Item": frozenset({"QtyOnHand", "InvStartDate", "AvgCost", "QtyOnPurchaseOrder", "QtyOnSalesOrder"}),
    "Account": frozenset({"OpeningBalance", "OpeningBalanceDate", "CurrentBalance", "CurrentBalanceWithSubAccounts"}),
    "Customer": frozenset({"Balance", "BalanceWithJobs", "OpenBalanceDate"}),
    "Vendor": frozenset({"Balance", "OpenBalanceDate"}),
}
# Their full updates would send back, or clear, what must not be touched.
ONLY_SPARSE = frozenset({"Item", "Account", "Payment", "BillPayment"})
LINKING = frozenset({"Payment", "BillPayment"})  # their lines say which documents they pay
ITEM_ACCOUNTS = frozenset({"IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef"})
KEEP_ACCOUNTS = "donotupdateaccountontxns"
HEAD = ("Id", "SyncToken", "sparse")

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def request_id(key: str) -> str:
    """The `requestid` of the write that the caller knows as `key`: 30 characters, the same for the same key."""
    return hashlib.blake2b(key.encode(), digest_size=15).hexdigest()


def item_id(key: str) -> str:
    """The `bId` of an item of a batch: 20 characters, so that both together stay within QuickBooks' 50."""
    return hashlib.blake2b(key.encode(), digest_size=10).hexdigest()


def encode(value: object) -> bytes:
    """JSON with exact amounts."""
    return _ENCODER.encode(value)


def decode(raw: bytes) -> Payload:
    """The object in `raw` with exact amounts."""
    found: Payload = json.loads(raw, parse_float=Decimal)
    return found


def update_body(
    *, entity: str, qbk_id: str, sync_token: str, fields: Fields, is_full: bool = False
) -> tuple[Payload, dict[str, str]]:
    """The body of an update and its parameters. Raises ForbiddenWrite for a full update that would harm the books."""
    if is_full and entity in ONLY_SPARSE:
        raise ForbiddenWrite(f"A {entity} is never replaced as a whole: what is not sent would change, too.")
    never = NEVER_SENT_BACK.get(entity, frozenset())
    sent = {name: value for name, value in fields.items() if name not in never and name not in HEAD}
    parameters = {}
    if entity == "Item" and not ITEM_ACCOUNTS.isdisjoint(sent):
        parameters["include"] = KEEP_ACCOUNTS
    return {"Id": qbk_id, "SyncToken": sync_token, "sparse": not is_full, **sent}, parameters


def void_body(*, entity: str, qbk_id: str, sync_token: str) -> tuple[Payload, dict[str, str]]:
    """The body of a void and its parameters. Invoices have an operation of their own."""
    head = {"Id": qbk_id, "SyncToken": sync_token}
    if entity == "Invoice":
        return head, {"operation": "void"}
    return {**head, "sparse": True}, {"operation": "update", "include": "void"}


def merged_lines(current: Iterable[Fields], changes: Sequence[Fields]) -> list[Payload]:
    """The lines of a payment with `changes`, by the document that each pays. An amount of 0 takes a line out."""
    merged = {_paid_document(line) or ("", str(place)): dict(line) for place, line in enumerate(current)}
    for change in changes:
        document = _paid_document(change)
        if document is None:
            raise ForbiddenWrite("A line of a payment must name the document that it pays.")
        if change.get("Amount") == 0:
            merged.pop(document, None)
        else:
            merged[document] = {**merged.get(document, {}), **change}
    return [{name: value for name, value in line.items() if name != "LineEx"} for line in merged.values()]


def _paid_document(line: Fields) -> tuple[str, str] | None:
    links = line.get("LinkedTxn") or [{}]
    document = (str(links[0].get("TxnType", "")), str(links[0].get("TxnId", "")))
    return document if all(document) else None
