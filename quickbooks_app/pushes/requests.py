"""Requests of pushes: what may be written, what an object has now, and the row that a worker writes from."""

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from infactor.core import audit
from infactor.users.models import User
from quickbooks_app.api.session import ApiSession, save_calls, take_calls
from quickbooks_app.api.transport import INTERACTIVE
from quickbooks_app.api.writes import bodies
from quickbooks_app.api.writes.financed import financed_invoices
from quickbooks_app.documents import payloads
from quickbooks_app.models import Connection, Push
from quickbooks_app.objects import availability
from quickbooks_app.objects.editions import CompanyProfile
from quickbooks_app.objects.table import Operation
from quickbooks_app.pushes import supplier_rules
from quickbooks_app.pushes.custom_fields import WITH_CUSTOM_FIELDS, Definitions, definitions_in
from quickbooks_app.writing import answers

PREFERENCES_KEPT = 24 * 60 * 60  # seconds
NOT_CONNECTED = gettext_noop("The company is not connected: nothing can be written into its books.")
NOT_ALLOWED = gettext_noop(
    "The supplier has not allowed infactor to write into its books. It can on its QuickBooks page."
)
BOOKKEEPING_OFF = gettext_noop("The bookkeeping is turned off for this company.")
FINANCED = gettext_noop("The invoice is financed, so infactor neither deletes nor voids it.")
MISSING = gettext_noop("QuickBooks has no such object, or it is deleted there.")
ENDS = frozenset({Push.Operation.DELETE, Push.Operation.VOID})


class CannotPush(Exception):
    """Nothing is written. The message says why, for staff."""


class AlreadyPushed(CannotPush):
    """This was written already, or is on its way."""


def require_possible(*, connection: Connection, entity: str, operation: str, qbk_id: str) -> None:
    """Raise CannotPush unless `operation` may be asked of the company's `entity`."""
    if connection.status != Connection.Status.CONNECTED:
        raise CannotPush(NOT_CONNECTED)
    if connection.writes_allowed_at is None:
        raise CannotPush(NOT_ALLOWED)
    company = CompanyProfile(edition=connection.edition, country=connection.country)
    if reason := availability.why_not(entity=entity, operation=Operation(operation), company=company):
        raise CannotPush(reason)
    if operation != Push.Operation.CREATE and not qbk_id:
        raise CannotPush("Write the QuickBooks id of the object.")
    if operation in ENDS and entity == "Invoice" and financed_invoices(connection)(qbk_id):
        raise CannotPush(FINANCED)


def present_fields(
    *, connection: Connection, entity: str, qbk_id: str, now: Callable[[], datetime]
) -> Mapping[str, Any]:
    """What the object has now: as stored, or else as QuickBooks says, for a call.

    Raises CannotPush, QuickBooksError.
    """
    if not qbk_id:
        return {}
    if document := answers.stored(connection=connection, entity=entity, qbk_id=qbk_id):
        return bodies.decode(payloads.read(document))
    raw = _read(connection=connection, entity=entity, qbk_id=qbk_id, now=now)
    if raw is None:
        raise CannotPush(MISSING)
    return bodies.decode(raw)


def definitions(*, connection: Connection, entity: str, now: Callable[[], datetime]) -> Definitions:
    """The custom fields that the company defines, read from its Preferences once a day. Raises QuickBooksError."""
    if entity not in WITH_CUSTOM_FIELDS:
        return []
    key = f"quickbooks:custom-fields:{connection.pk}"
    found = cache.get(key)
    if found is None:
        raw = _read(connection=connection, entity="Preferences", qbk_id="1", now=now)
        found = definitions_in(json.loads(raw or b"{}"))
        cache.set(key, found, PREFERENCES_KEPT)
    return found  # type: ignore[no-any-return]


def request_push(
    *,
    connection: Connection,
    entity: str,
    operation: str,
    qbk_id: str = "",
    fields: Mapping[str, Any],
    present: Mapping[str, Any] | None = None,
    purpose: str = Push.Purpose.MANUAL,
    reference: str = "",
    by: User | None,
    at: datetime,
    reason: str = "",
) -> Push:
    """Put a write on the list of a worker. Raises CannotPush; AlreadyPushed where its `reference` was written.

    `present` is the object on which the write was decided, where it is not the stored one: what others change from then
    on is not overwritten, and a version that nobody saw is neither deleted nor voided.
    """
    require_possible(connection=connection, entity=entity, operation=operation, qbk_id=qbk_id)
    if purpose == Push.Purpose.SUPPLIER and (
        refusal := supplier_rules.why_not(
            connection=connection, entity=entity, operation=operation, qbk_id=qbk_id, fields=fields
        )
    ):
        raise CannotPush(refusal)
    try:
        with transaction.atomic():
            push = Push.objects.create(
                connection=connection,
                entity=entity,
                operation=operation,
                qbk_id=qbk_id,
                fields=bodies.encode(fields).decode(),
                base=bodies.encode(_base(connection, entity, qbk_id, fields, present)).decode(),
                purpose=purpose,
                reference=reference,
                requested_by=by,
                requested_at=at,
            )
            # The values may be personal data: the audit log says which fields.
            audit.record(
                event="quickbooks.push_requested",
                subject=push,
                by=by,
                at=at,
                supplier_id=connection.supplier_id,
                reason=reason,
                details={"object": entity, "operation": operation, "id": qbk_id, "fields": sorted(fields)},
            )
    except IntegrityError as error:
        raise AlreadyPushed("This was written already, or is being written.") from error
    return push


def _base(
    connection: Connection, entity: str, qbk_id: str, fields: Mapping[str, Any], present: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The version and the fields on which a write was decided; {} if nothing is known of the object."""
    if present is None and qbk_id and (document := answers.stored(connection=connection, entity=entity, qbk_id=qbk_id)):
        present = bodies.decode(payloads.read(document))
    if not present or not qbk_id:
        return {}
    return {name: present.get(name) for name in ("SyncToken", *fields)}


def _read(*, connection: Connection, entity: str, qbk_id: str, now: Callable[[], datetime]) -> bytes | None:
    with closing(ApiSession(connection=connection, now=now, timeouts=INTERACTIVE)) as session:
        try:
            return session.call(partial(session.client.read, entity=entity, qbk_id=qbk_id))
        finally:
            save_calls(take_calls(session.calls), connection=connection, run=None, at=now())
