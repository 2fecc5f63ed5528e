"""A page of objects into the mirror and the house: what has not changed is passed over, what is faulty is noted.

Everything here belongs to the caller's transaction. One bad object spoils itself alone: a page that the database
refuses is halved until the object is found.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.db import DataError, transaction

from infactor.core.bulk import InArray, copy_rows, update_rows
from infactor.invoices.ingest import payments, upserts
from infactor.invoices.ingest.diff import is_older
from infactor.invoices.ingest.upserts import Outcome
from infactor.invoices.models import CompanyFile
from quickbooks_app.api.field_parsing import Issue
from quickbooks_app.api.keyset_pagination import Fetched
from quickbooks_app.api.schemas import Head, Ref
from quickbooks_app.mapping import invoices
from quickbooks_app.mapping import payments as mapping_credits
from quickbooks_app.mapping.invoices import Mapped
from quickbooks_app.models import Connection, Document
from quickbooks_app.sync.import_issues import note

NOTHING = Outcome(0, 0, 0)


@dataclass(frozen=True)
class Applied:
    """What became of a page: rows new, changed and as they were, and how many issues were found."""

    outcome: Outcome
    issues: int


class _Version(NamedTuple):
    """What tells an older version of an object from a newer one."""

    sync_token: str
    books_updated_at: datetime | None


class _Known(NamedTuple):
    """What the mirror holds of an object."""

    pk: int
    digest: bytes
    sync_token: str
    books_updated_at: datetime | None
    deleted_at: datetime | None

    def gives_way_to(self, item: Fetched, *, digest: bytes) -> bool:
        """Whether `item` is to be written over it. What is gone from the books gives way to something newer only."""
        if self.deleted_at is None:
            return self.digest != digest and not is_older(_version(item), than=self)
        updated = _version(item).books_updated_at
        return self.books_updated_at is None or (updated is not None and updated > self.books_updated_at)


class _CustomerOf(msgspec.Struct, gc=False):
    CustomerRef: Ref | None = None


def apply_page(*, connection: Connection, entity: str, objects: Sequence[Fetched], at: datetime) -> Applied:
    """Bring `objects` of one `entity` into the house, once however often they come.

    Entities: Customer, Invoice, Payment, CreditMemo. A company's pages are written one after another.
    """
    write_alone(connection)
    nameless = [item for item in objects if item.head is None]
    if nameless:
        note(
            connection=connection,
            entity=entity,
            found={"": [Issue("Id", "unreadable", f"{len(nameless)} objects have no Id that can be read.")]},
            at=at,
        )
    latest = _latest(objects)
    digests = {qbk_id: hashlib.blake2b(item.raw, digest_size=16).digest() for qbk_id, item in latest.items()}
    known = {
        qbk_id: _Known(pk, bytes(digest), sync_token, updated, deleted)
        for qbk_id, pk, digest, sync_token, updated, deleted in Document.objects.filter(
            InArray("qbk_id", latest), connection=connection, entity=entity
        ).values_list("qbk_id", "pk", "digest", "sync_token", "books_updated_at", "deleted_at")
    }
    moved = {
        qbk_id: item
        for qbk_id, item in latest.items()
        if qbk_id not in known or known[qbk_id].gives_way_to(item, digest=digests[qbk_id])
    }
    outcome, issues = _apply(connection=connection, entity=entity, moved=moved, digests=digests, known=known, at=at)
    unchanged = len(latest) - len(moved) + outcome.unchanged
    return Applied(outcome._replace(unchanged=unchanged), issues + len(nameless))


def write_alone(connection: Connection) -> None:
    """Wait, until the end of the transaction, for whoever else writes what came from this company.

    A run and a webhook may bring the same object at the same moment.
    """
    CompanyFile.objects.select_for_update(no_key=True).get(pk=connection.company_file_id)


def _latest(objects: Sequence[Fetched]) -> dict[str, Fetched]:
    """Each object once, in its newest version, by its id; those without one are left out."""
    latest: dict[str, Fetched] = {}
    for item in objects:
        if item.head is None:
            continue
        other = latest.get(item.head.Id)
        if other is None or not is_older(_version(item), than=_version(other)):
            latest[item.head.Id] = item
    return latest


def _version(item: Fetched) -> _Version:
    head = item.head or Head(Id="")
    return _Version(head.SyncToken, head.MetaData.LastUpdatedTime)


def _apply(
    *,
    connection: Connection,
    entity: str,
    moved: Mapping[str, Fetched],
    digests: Mapping[str, bytes],
    known: Mapping[str, _Known],
    at: datetime,
) -> tuple[Outcome, int]:
    if not moved:
        return NOTHING, 0
    try:
        with transaction.atomic():
            mapped, issues = _map(connection=connection, entity=entity, moved=moved)
            outcome = _upsert(connection=connection, entity=entity, mapped=mapped, at=at)
            _mirror(connection=connection, entity=entity, moved=moved, digests=digests, known=known, at=at)
            note(connection=connection, entity=entity, found=issues, at=at)
            return outcome, sum(len(found) for found in issues.values())
    except DataError:
        names = list(moved)
        if len(names) == 1:
            refused = [Issue("", "refused", "The database cannot hold this object; it was left out.")]
            note(connection=connection, entity=entity, found={names[0]: refused}, at=at)
            return NOTHING, 1
        middle = len(names) // 2
        halves = [
            _apply(
                connection=connection,
                entity=entity,
                moved={name: moved[name] for name in part},
                digests=digests,
                known=known,
                at=at,
            )
            for part in (names[:middle], names[middle:])
        ]
        return (
            Outcome(*(sum(counts) for counts in zip(*(outcome for outcome, _ in halves), strict=True))),
            sum(count for _, count in halves),
        )


def _map(
    *, connection: Connection, entity: str, moved: Mapping[str, Fetched]
) -> tuple[list[Mapped], dict[str, list[Issue]]]:
    """Every object as a record, and the issues of each by its id; an object without issues has an empty list."""
    issues: dict[str, list[Issue]] = {}
    mapped: list[Mapped] = []
    addresses = _addresses(connection=connection, moved=moved) if entity == "Invoice" else {}
    for qbk_id, item in moved.items():
        match entity:
            case "Customer":
                one = invoices.map_customer(item.raw)
            case "Invoice":
                one = invoices.map_invoice(item.raw, addresses=addresses)
            case "Payment":
                one = mapping_credits.map_payment(item.raw)
            case _:
                one = mapping_credits.map_credit_memo(item.raw)
        mapped.append(one)
        issues[qbk_id] = one.issues
    return mapped, issues


def _addresses(*, connection: Connection, moved: Mapping[str, Fetched]) -> Mapping[str, str]:
    references = set()
    for item in moved.values():
        try:
            customer = msgspec.json.decode(item.raw, type=_CustomerOf).CustomerRef
        except msgspec.DecodeError:
            continue
        if customer is not None and customer.value:
            references.add(customer.value)
    return upserts.addresses_of(company_file=connection.company_file, references=sorted(references))


def _upsert(*, connection: Connection, entity: str, mapped: Sequence[Mapped], at: datetime) -> Outcome:
    records = [one.record for one in mapped]
    file = connection.company_file
    match entity:
        case "Customer":
            return upserts.upsert_buyers(company_file=file, records=records, at=at)
        case "Invoice":
            return upserts.upsert_invoices(company_file=file, records=records, at=at)
        case "Payment":
            return payments.upsert_payments(company_file=file, records=records, at=at)
        case _:
            return payments.upsert_credit_memos(company_file=file, records=records, at=at)


def _mirror(
    *,
    connection: Connection,
    entity: str,
    moved: Mapping[str, Fetched],
    digests: Mapping[str, bytes],
    known: Mapping[str, _Known],
    at: datetime,
) -> None:
    columns = ["sync_token", "books_created_at", "books_updated_at", "digest", "payload", "fetched_at", "deleted_at"]

    def values(qbk_id: str) -> list[object]:
        head = moved[qbk_id].head or Head(Id=qbk_id)
        stamps = head.MetaData
        return [
            head.SyncToken[:20],
            stamps.CreateTime,
            stamps.LastUpdatedTime,
            digests[qbk_id],
            moved[qbk_id].raw,
            at,
            None,
        ]

    copy_rows(
        model=Document,
        columns=["connection_id", "entity", "qbk_id", *columns],
        rows=([connection.pk, entity, qbk_id, *values(qbk_id)] for qbk_id in moved if qbk_id not in known),
    )
    update_rows(
        model=Document,
        columns=columns,
        rows=[[known[qbk_id].pk, *values(qbk_id)] for qbk_id in moved if qbk_id in known],
    )
