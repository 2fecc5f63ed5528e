"""Applies a page of QuickBooks objects: stores documents, upserts records, skips unchanged objects, records issues.

Everything runs in the caller's transaction. One invalid object does not affect the others: if the database rejects a
page, the page is split in half until the object is found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import DataError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop

from infactor.core.bulk import InArray, copy_rows, update_rows
from infactor.invoices.contra import matches
from infactor.invoices.ingest import further_rows, payments, upserts
from infactor.invoices.ingest.diff import is_older
from infactor.invoices.ingest.upserts import UpsertCounts
from infactor.invoices.models import Buyer, CompanyFile, Vendor
from quickbooks_app.api.field_parsing import Issue
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.api.schemas import ObjectHeader
from quickbooks_app.documents import payloads, versions
from quickbooks_app.mapping.further import FURTHER
from quickbooks_app.mapping.invoices import MappedRecord
from quickbooks_app.models import Connection, Document
from quickbooks_app.sync.erased_customers import without_erased_customers
from quickbooks_app.sync.import_issues import close_refused, record_issues, record_without_id
from quickbooks_app.sync.object_mapping import map_objects

NO_CHANGES = UpsertCounts(0, 0, 0)


@dataclass(frozen=True)
class ApplyResult:
    """The result of applying a page: the numbers of new, changed and unchanged rows, and of issues."""

    counts: UpsertCounts
    issues: int


class _Version(NamedTuple):
    """The version of an object, to compare with another version."""

    sync_token: str
    books_updated_at: datetime | None


class _StoredVersion(NamedTuple):
    """The stored version of an object."""

    pk: int
    digest: bytes
    sync_token: str
    books_updated_at: datetime | None
    deleted_at: datetime | None

    def is_superseded_by(self, item: FetchedObject, *, digest: bytes) -> bool:
        """Whether `item` replaces the stored version. A deleted object is replaced only by a later version."""
        if self.deleted_at is None:
            return self.digest != digest and not is_older(_version(item), than=self)
        updated = _version(item).books_updated_at
        return self.books_updated_at is None or (updated is not None and updated > self.books_updated_at)


def apply_page(*, connection: Connection, entity: str, objects: Sequence[FetchedObject], at: datetime) -> ApplyResult:
    """Apply `objects` of one `entity`. Idempotent. What has no mapping (IMPORTED, FURTHER) is stored and no more.

    The lock on the company file serialises the pages of one company.
    """
    file = lock_company_file(connection)
    without_id = sum(item.header is None for item in objects)
    record_without_id(connection=connection, entity=entity, number=without_id, at=at)
    latest = _latest(objects)
    if file.has_erased:
        latest = without_erased_customers(connection=connection, entity=entity, latest=latest)
    close_refused(connection=connection, entity=entity, ids=latest.keys(), at=at)
    digests = {qbk_id: payloads.digest_of(item.raw) for qbk_id, item in latest.items()}
    stored = {
        qbk_id: _StoredVersion(pk, bytes(digest), sync_token, updated, deleted)
        for qbk_id, pk, digest, sync_token, updated, deleted in Document.objects.filter(
            InArray("qbk_id", latest), connection=connection, entity=entity
        ).values_list("qbk_id", "pk", "digest", "sync_token", "books_updated_at", "deleted_at")
    }
    changed = {
        qbk_id: item
        for qbk_id, item in latest.items()
        if qbk_id not in stored or stored[qbk_id].is_superseded_by(item, digest=digests[qbk_id])
    }
    counts, issues = _apply(
        connection=connection,
        entity=entity,
        changed=changed,
        digests=digests,
        stored=stored,
        has_vendors=file.has_vendors,
        at=at,
    )
    unchanged = len(latest) - len(changed) + counts.unchanged
    return ApplyResult(counts._replace(unchanged=unchanged), issues + without_id)


def map_stored_invoices(*, connection: Connection, raws: Sequence[bytes], at: datetime) -> int:
    """Map stored invoices again, in the caller's transaction. Returns how many changed.

    The versions are those that are stored, so only another mapping makes a difference.
    """
    file = lock_company_file(connection)
    objects = {item.header.Id: item for item in map(FetchedObject.from_bytes, raws) if item.header}
    if file.has_erased:
        objects = without_erased_customers(connection=connection, entity="Invoice", latest=objects)
    mapped, issues = map_objects(connection=connection, entity="Invoice", changed=objects)
    records = [one.record for one in mapped]
    counts = upserts.upsert_invoices(company_file=connection.company_file, records=records, at=at)
    record_issues(connection=connection, entity="Invoice", found=issues, at=at)
    return counts.changed


class LockedFile(NamedTuple):
    """Whether any customer of the books was erased on request, and whether they have vendors."""

    has_erased: bool
    has_vendors: bool


def lock_company_file(connection: Connection) -> LockedFile:
    """Lock the company's data until the end of the transaction: a run and a webhook may apply the same object."""
    erased = Exists(Buyer.objects.filter(company_file=OuterRef("pk"), is_erased=True))
    vendors = Exists(Vendor.objects.filter(company_file=OuterRef("pk")))
    rows = CompanyFile.objects.select_for_update(no_key=True).filter(pk=connection.company_file_id)
    return LockedFile(*rows.values_list(erased, vendors).get())


def _latest(objects: Sequence[FetchedObject]) -> dict[str, FetchedObject]:
    """The newest version of each object by id, without objects that have no id."""
    latest: dict[str, FetchedObject] = {}
    for item in objects:
        if item.header is None:
            continue
        other = latest.get(item.header.Id)
        if other is None or not is_older(_version(item), than=_version(other)):
            latest[item.header.Id] = item
    return latest


def _version(item: FetchedObject) -> _Version:
    header = item.header or ObjectHeader(Id="")
    return _Version(header.SyncToken, header.MetaData.LastUpdatedTime)


def _apply(
    *,
    connection: Connection,
    entity: str,
    changed: Mapping[str, FetchedObject],
    digests: Mapping[str, bytes],
    stored: Mapping[str, _StoredVersion],
    has_vendors: bool,
    at: datetime,
) -> tuple[UpsertCounts, int]:
    if not changed:
        return NO_CHANGES, 0
    try:
        with transaction.atomic():
            mapped, issues = map_objects(connection=connection, entity=entity, changed=changed)
            known = sum(qbk_id in stored for qbk_id in changed)
            counts = _upsert(connection=connection, entity=entity, mapped=mapped, at=at) or UpsertCounts(
                len(changed) - known, known, 0
            )
            if entity == "Vendor" or (entity == "Customer" and has_vendors):
                _match_vendors(connection=connection, entity=entity, mapped=mapped, at=at)
            _store_documents(
                connection=connection, entity=entity, changed=changed, digests=digests, stored=stored, at=at
            )
            record_issues(connection=connection, entity=entity, found=issues, at=at)
            return counts, sum(len(found) for found in issues.values())
    except DataError:
        ids = list(changed)
        if len(ids) == 1:
            refused = [Issue("", "refused", gettext_noop("The database cannot store this object, so it was skipped."))]
            record_issues(connection=connection, entity=entity, found={ids[0]: refused}, at=at)
            return NO_CHANGES, 1
        middle = len(ids) // 2
        halves = [
            _apply(
                connection=connection,
                entity=entity,
                changed={qbk_id: changed[qbk_id] for qbk_id in half},
                digests=digests,
                stored=stored,
                has_vendors=has_vendors,
                at=at,
            )
            for half in (ids[:middle], ids[middle:])
        ]
        return (
            UpsertCounts(*(sum(column) for column in zip(*(counts for counts, _ in halves), strict=True))),
            sum(issue_count for _, issue_count in halves),
        )


def _upsert(
    *, connection: Connection, entity: str, mapped: Sequence[MappedRecord], at: datetime
) -> UpsertCounts | None:
    """Write the records; None for an object that infactor does not import."""
    records = [one.record for one in mapped]
    file = connection.company_file
    match entity:
        case "Customer":
            return upserts.upsert_buyers(company_file=file, records=records, at=at)
        case "Invoice":
            return upserts.upsert_invoices(company_file=file, records=records, at=at)
        case "Payment":
            return payments.upsert_payments(company_file=file, records=records, at=at)
        case "CreditMemo":
            return payments.upsert_credit_memos(company_file=file, records=records, at=at)
    if entity in FURTHER:
        return further_rows.upsert(kind=FURTHER[entity].kind, company_file=file, rows=records, at=at)
    return None


def _match_vendors(*, connection: Connection, entity: str, mapped: Sequence[MappedRecord], at: datetime) -> None:
    """Vendors that are new or changed are compared with every buyer, and such buyers with every vendor."""
    if entity == "Vendor":
        matches.refresh(company_file=connection.company_file, at=at)
    else:
        buyers = [one.record.reference for one in mapped]
        matches.refresh(company_file=connection.company_file, at=at, buyers=buyers)


def _store_documents(
    *,
    connection: Connection,
    entity: str,
    changed: Mapping[str, FetchedObject],
    digests: Mapping[str, bytes],
    stored: Mapping[str, _StoredVersion],
    at: datetime,
) -> None:
    """Store the documents in `changed`, and keep the versions that they replace."""
    packer = payloads.packer()
    columns = [
        *("sync_token", "books_created_at", "books_updated_at", "books_deleted_at"),
        *("digest", "payload", "dictionary_id", "fetched_at", "deleted_at"),
    ]

    def values(qbk_id: str) -> list[object]:
        header = changed[qbk_id].header or ObjectHeader(Id=qbk_id)
        metadata = header.MetaData
        return [
            header.SyncToken[:20],
            metadata.CreateTime,
            metadata.LastUpdatedTime,
            None,
            digests[qbk_id],
            packer.pack(changed[qbk_id].raw),
            packer.dictionary_id,
            at,
            None,
        ]

    copy_rows(
        model=Document,
        columns=["connection_id", "entity", "qbk_id", *columns],
        rows=([connection.pk, entity, qbk_id, *values(qbk_id)] for qbk_id in changed if qbk_id not in stored),
    )
    superseded = [qbk_id for qbk_id in changed if qbk_id in stored]
    versions.keep(document_ids=[stored[qbk_id].pk for qbk_id in superseded], at=at)
    update_rows(model=Document, columns=columns, rows=[[stored[qbk_id].pk, *values(qbk_id)] for qbk_id in superseded])
