"""Single objects read again because something hinted that they changed: many ids in one query, then applied."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.db import transaction

from infactor.invoices.lifecycle import BooksStatus
from infactor.invoices.models import Invoice
from quickbooks_app import integration as integrations
from quickbooks_app import tokens
from quickbooks_app.applying import apply_page
from quickbooks_app.client import Call, QuickBooksClient
from quickbooks_app.errors import AccessLost, TokenExpired
from quickbooks_app.models import ApiCall, Connection, Document
from quickbooks_app.pages import Page
from quickbooks_app.payloads import Head
from quickbooks_app.pulling import NAME_LISTS, Fetched

READ = ("Customer", "Invoice")


class Counts(NamedTuple):
    """What reading again changed."""

    seen: int
    gone: int


def read_again(*, connection: Connection, entity: str, ids: Sequence[str], now: Callable[[], datetime]) -> Counts:
    """Read the objects `ids` (at most 100) again and apply them; those that do not come back are gone."""
    if entity not in READ:
        return Counts(0, 0)
    calls: list[Call] = []
    client = QuickBooksClient(
        api_base=integrations.current().api_base,
        realm_id=connection.realm_id,
        token=tokens.fresh(connection, now=now),
        record=calls.append,
    )
    try:
        with closing(client):
            page = _query(connection, client, entity=entity, ids=ids, now=now)
    finally:
        ApiCall.objects.bulk_create(ApiCall(connection=connection, at=now(), **vars(call)) for call in calls)
    objects = [Fetched(msgspec.json.decode(raw, type=Head), raw) for raw in page.objects]
    missing = set(ids) - {item.head.Id for item in objects if item.head}
    at = now()
    with transaction.atomic():
        apply_page(connection=connection, entity=entity, objects=objects, at=at)
        gone = Document.objects.filter(
            connection=connection, entity=entity, qbk_id__in=missing, deleted_at__isnull=True
        ).update(deleted_at=at)
        if entity == "Invoice":
            Invoice.objects.filter(company_file=connection.company_file, qbk_invoice_id__in=missing).update(
                books_status=BooksStatus.DELETED
            )
    return Counts(len(objects), gone)


def _query(
    connection: Connection, client: QuickBooksClient, *, entity: str, ids: Sequence[str], now: Callable[[], datetime]
) -> Page:
    listed = ", ".join(f"'{one}'" for one in ids)
    active = " AND Active IN (true, false)" if entity in NAME_LISTS else ""
    statement = f"SELECT * FROM {entity} WHERE Id IN ({listed}){active} MAXRESULTS {len(ids)}"  # noqa: S608
    try:
        return client.query(entity=entity, statement=statement)
    except TokenExpired:
        client.token = tokens.fresh(connection, now=now, refused=client.token)
    try:
        return client.query(entity=entity, statement=statement)
    except TokenExpired as problem:
        raise AccessLost("QuickBooks does not take a fresh token either.", code=problem.code) from problem
