"""Invoices that were deleted in QuickBooks: no query shows them any more, only change data capture does.

A tombstone is a hint, not the truth (quickbooks-online.md, 8.3): it counts when a query for its id comes back
without it. Nothing is ever taken for deleted because it was merely not seen.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from infactor.invoices import upserts
from quickbooks_app.client import QuickBooksClient
from quickbooks_app.models import Connection, Document
from quickbooks_app.payloads import Tombstone

ENTITY = "Invoice"
LOOK_BACK = timedelta(days=29)  # QuickBooks remembers thirty
AT_ONCE = 50


def find(*, client: QuickBooksClient, since: datetime, at: datetime) -> Sequence[str]:
    """The ids of the invoices deleted since then that really are gone. Raises QuickBooksError."""
    changed = client.changed_since(entity=ENTITY, moment=max(since, at - LOOK_BACK))
    named = [one.Id for one in map(_tombstone, changed) if one.status == "Deleted" and _is_plain(one.Id)]
    gone: list[str] = []
    for start in range(0, len(named), AT_ONCE):
        part = named[start : start + AT_ONCE]
        listed = ", ".join(f"'{qbk_id}'" for qbk_id in part)
        statement = f"SELECT * FROM {ENTITY} WHERE Id IN ({listed}) MAXRESULTS {AT_ONCE}"  # noqa: S608  digits only
        living = {_tombstone(raw).Id for raw in client.query(entity=ENTITY, statement=statement).objects}
        gone += [qbk_id for qbk_id in part if qbk_id not in living]
    return gone


def apply(*, connection: Connection, gone: Sequence[str], at: datetime) -> int:
    """Mark the invoices as deleted in the books, in the caller's transaction; how many were not so before."""
    # Should one come back byte for byte, its digest must not have it passed over.
    Document.objects.filter(connection=connection, entity=ENTITY, qbk_id__in=gone).update(digest=b"")
    return upserts.mark_deleted(company_file=connection.company_file, references=gone, at=at)


def _tombstone(raw: bytes) -> Tombstone:
    try:
        return msgspec.json.decode(raw, type=Tombstone)
    except msgspec.DecodeError:
        return Tombstone()


def _is_plain(qbk_id: str) -> bool:
    return qbk_id.isascii() and qbk_id.isdigit() and len(qbk_id) <= 64
