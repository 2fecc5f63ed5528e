"""Fetching of objects by id: those that exist, and the ids that QuickBooks reports as missing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from infactor.core.bulk import InArray
from infactor.invoices.models import BooksPayment, CreditMemo, Invoice, Payable
from quickbooks_app.api.client import QuickBooksClient
from quickbooks_app.api.keyset_pagination import NAME_LISTS, FetchedObject
from quickbooks_app.api.query_response import QueryResponse
from quickbooks_app.api.refused_objects import MAX_REFUSED, halve, max_without_answer, read_twice
from quickbooks_app.errors import AnswerRefused, ObjectSuspected, Transient
from quickbooks_app.models import Connection

Result = TypeVar("Result")
BATCH_SIZE = 100  # ids in one query


class SupportsCall(Protocol):
    """An object that runs calls of `client` with a valid access token (`session.ApiSession`)."""

    client: QuickBooksClient

    def call(self, request: Callable[[], Result]) -> Result: ...


class FetchResult(NamedTuple):
    """The objects that exist, the ids that do not, QuickBooks' clock, and the ids that it refuses to give out."""

    objects: Sequence[FetchedObject]
    missing_ids: frozenset[str]
    time: datetime | None
    refused_ids: frozenset[str] = frozenset()


def fetch_by_ids(session: SupportsCall, *, entity: str, ids: Sequence[str], known_id: str = "") -> FetchResult:
    """Fetch the objects `ids`, a hundred per query. Raises QuickBooksError.

    A query may omit objects that still exist. Each omitted id is therefore read singly, and is missing if QuickBooks
    answers 610. With `known_id`, the id of an object that exists, no id is read singly: a query that returns this
    object is complete, and its other omitted ids are missing. A batch that QuickBooks refuses is halved until the
    objects that it refuses stand alone. Where an internal error is all that it answers, it must at least count.
    """
    objects: list[FetchedObject] = []
    missing: set[str] = set()
    time: datetime | None = None
    refused: set[str] = set()
    has_answer, suspicion = False, None
    unique_ids = sorted(set(ids))
    starts = reversed(range(0, len(unique_ids), BATCH_SIZE))
    waiting: list[Sequence[str]] = [unique_ids[start : start + BATCH_SIZE] for start in starts]
    while waiting:
        batch = waiting.pop()
        query_ids = [*batch, known_id] if known_id else batch
        query = partial(session.call, partial(_query, session.client, entity=entity, ids=query_ids))
        try:
            response = query() if len(batch) > 1 else read_twice(query)
        except AnswerRefused as error:
            if len(batch) == 1:
                _add_refused(refused, batch[0], error, has_answer=has_answer)
                suspicion = error if isinstance(error, ObjectSuspected) else suspicion
            else:
                waiting += reversed(halve(batch))
            continue
        has_answer = True
        found = [FetchedObject.from_bytes(raw) for raw in response.objects]
        found_ids = {item.header.Id for item in found if item.header}
        objects += (item for item in found if item.header and item.header.Id != known_id)
        time = time or response.time
        omitted = [qbk_id for qbk_id in batch if qbk_id not in found_ids]
        if known_id and known_id not in found_ids:
            raise Transient(gettext_noop("QuickBooks' response lacks an object that exists."), code="incomplete")
        if known_id:
            missing.update(omitted)
            continue
        for qbk_id in omitted:
            try:
                raw = read_twice(partial(session.call, partial(session.client.read, entity=entity, qbk_id=qbk_id)))
            except AnswerRefused as error:
                _add_refused(refused, qbk_id, error, has_answer=has_answer)
                continue
            if raw is None:
                missing.add(qbk_id)
            else:
                objects.append(FetchedObject.from_bytes(raw))
    if suspicion is not None and not has_answer:
        session.call(partial(session.client.count, entity=entity))  # raises in an outage: a count holds no object
    return FetchResult(objects, frozenset(missing), time, frozenset(refused))


def _add_refused(refused: set[str], qbk_id: str, error: AnswerRefused, *, has_answer: bool) -> None:
    """Raises `error` if more are refused than can be the fault of single objects."""
    refused.add(qbk_id)
    if len(refused) > (MAX_REFUSED if has_answer else max_without_answer(error)):
        raise error


class _Reference(msgspec.Struct):
    value: str = ""


class _Entity(msgspec.Struct):
    """Whom a line names. A journal entry says the type beside the reference, a deposit in it."""

    Type: str = ""
    type: str = ""
    value: str = ""
    EntityRef: _Reference | None = None


class _LineDetail(msgspec.Struct):
    Entity: _Entity | None = None


class _Line(msgspec.Struct):
    JournalEntryLineDetail: _LineDetail | None = None
    DepositLineDetail: _LineDetail | None = None


class _Lines(msgspec.Struct):
    Line: list[_Line] = []


def customers_in_lines(objects: Iterable[FetchedObject]) -> list[str]:
    """The ids of the customers that lines of journal entries and deposits name."""
    found = set()
    for item in objects:
        with suppress(msgspec.DecodeError):
            for line in msgspec.json.decode(item.raw, type=_Lines).Line:
                detail = line.JournalEntryLineDetail or line.DepositLineDetail
                named = detail.Entity if detail else None
                if named is not None and (named.Type or named.type).lower() == "customer":
                    found.add(named.EntityRef.value if named.EntityRef else named.value)
    return sorted(found - {""})


class _Parties(msgspec.Struct):
    """Of a customer, whether it is active; of a document, its customer."""

    Id: str = ""
    Active: bool = True
    CustomerRef: _Reference | None = None


def inactive_parties(objects: Iterable[FetchedObject], *, entity: str) -> frozenset[str]:
    """The ids of inactive customers or vendors: a merge makes the merged one so, unless it deletes it."""
    if entity not in ("Customer", "Vendor"):
        return frozenset()
    return frozenset(one.Id for one in _parties_in(objects) if not one.Active)


def customers_of_documents(objects: Iterable[FetchedObject]) -> dict[str, str]:
    """The customer that each document names, by its id."""
    return {one.Id: one.CustomerRef.value for one in _parties_in(objects) if one.CustomerRef}


def _parties_in(objects: Iterable[FetchedObject]) -> Iterator[_Parties]:
    for item in objects:
        with suppress(msgspec.DecodeError):  # an import issue says so
            yield msgspec.json.decode(item.raw, type=_Parties)


def documents_of_customers(*, connection: Connection, customers: Sequence[str]) -> dict[str, list[str]]:
    """The ids of all stored documents that name one of `customers`, by entity.

    When QuickBooks merges a customer into another, its documents move to that one without a change event of their own.
    """
    if not customers:
        return {}
    of_customers = InArray("customer_reference", customers)
    return {
        entity: list(rows.filter(of_customers).values_list(key, flat=True))
        for entity, (rows, key) in _documents(connection).items()
    }


def stored_customers(*, connection: Connection, entity: str, ids: Sequence[str]) -> dict[str, str]:
    """The customer that each stored document among `ids` names; none for an entity that names no customer."""
    documents = _documents(connection)
    if entity not in documents or not ids:
        return {}
    rows, key = documents[entity]
    return dict(rows.filter(InArray(key, ids)).values_list(key, "customer_reference"))


def _documents(connection: Connection) -> dict[str, tuple[QuerySet[Any], str]]:
    """The live documents that name a customer, and the field with their id, by entity."""
    file = connection.company_file
    return {
        "Invoice": (Invoice.objects.filter(company_file=file).exclude(books_status="deleted"), "qbk_invoice_id"),
        "Payment": (BooksPayment.objects.filter(company_file=file, deleted_at__isnull=True), "reference"),
        "CreditMemo": (CreditMemo.objects.filter(company_file=file, deleted_at__isnull=True), "reference"),
    }


def documents_moved(*, connection: Connection, entity: str, gone: Sequence[str]) -> dict[str, list[str]]:
    """The ids of all stored documents, by entity, of customers or vendors that are gone: a merge moves them.

    Empty for every other `entity`.
    """
    if entity == "Customer":
        return documents_of_customers(connection=connection, customers=gone)
    if entity != "Vendor" or not gone:
        return {}
    of_vendors = Payable.objects.filter(
        InArray("vendor_reference", gone), company_file=connection.company_file, deleted_at=None
    )
    return {
        name: list(of_vendors.filter(kind=kind).values_list("reference", flat=True))
        for name, kind in (("Bill", Payable.Kind.BILL), ("VendorCredit", Payable.Kind.VENDOR_CREDIT))
    }


def _query(client: QuickBooksClient, *, entity: str, ids: Sequence[str]) -> QueryResponse:
    id_list = ", ".join(f"'{_escape(qbk_id)}'" for qbk_id in ids)
    active = " AND Active IN (true, false)" if entity in NAME_LISTS else ""
    statement = f"SELECT * FROM {entity} WHERE Id IN ({id_list}){active} MAXRESULTS {len(ids)}"  # noqa: S608  escaped ids
    return client.query(entity=entity, statement=statement, ids=ids)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
