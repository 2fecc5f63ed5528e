"""The worker of pushes: each is written once, however often it is tried.

A worker that died is followed by another with the same key, so QuickBooks gives the first answer again. What may pass
is tried again, each time later; what QuickBooks or infactor refuses has failed, with the reason in plain words. A push
that fails after an attempt without an answer says that it may be written all the same.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_noop

from quickbooks_app import runs
from quickbooks_app.api.client import Written
from quickbooks_app.api.writes import bodies
from quickbooks_app.connections import authorization_flow, lost_access
from quickbooks_app.errors import (
    AuthorizationLost,
    CircuitOpen,
    QuickBooksError,
    Throttled,
    Transient,
    WriteRefused,
)
from quickbooks_app.leases import has_expired
from quickbooks_app.models import BookkeepingSettings, Push
from quickbooks_app.pushes import supplier_rules
from quickbooks_app.pushes.requests import BOOKKEEPING_OFF, NOT_ALLOWED, NOT_CONNECTED
from quickbooks_app.writing import refusals
from quickbooks_app.writing.object_writer import ObjectWriter, object_writer

LEASE = timedelta(minutes=10)  # longer than the calls of one push may take
MAX_ATTEMPTS = 10
LOOK_FIRST = gettext_noop(
    "QuickBooks may have written it at an attempt without an answer: look there before you ask again."
)
Operation, State = Push.Operation, Push.State


def due_ids(*, at: datetime) -> list[int]:
    """The pushes that are due and that no worker holds."""
    return list(Push.objects.filter(_due(at)).order_by("pk").values_list("pk", flat=True))


def perform(*, push_id: int, now: Callable[[], datetime]) -> None:
    """Write the push, unless another worker does or did. Never raises QuickBooksError: the row holds it in words."""
    at = now()
    if not Push.objects.filter(_due(at), pk=push_id).update(
        state=State.SENDING,
        lease_until=at + LEASE,
        attempts=F("attempts") + 1,
        # Of a worker that died nobody knows how far it came.
        may_be_written=Case(When(state=State.SENDING, then=Value(True)), default=F("may_be_written")),
    ):
        return
    push = Push.objects.select_related("connection__company_file", "connection__supplier").get(pk=push_id)
    if refusal := _why_not_any_more(push):
        _finish(push, state=State.FAILED, at=now(), error=refusal)
        return
    try:
        with object_writer(connection=push.connection, now=now) as writer:
            written = _write(writer, push)
    except Transient as error:
        push.may_be_written = push.may_be_written or error.may_be_done
        _try_later(push, error, at=now())
    except AuthorizationLost as error:
        _lost(push, error, at=now())
    except QuickBooksError as error:
        _finish(push, state=State.FAILED, at=now(), error=str(error))
    else:
        _finish(push, state=State.DONE, at=now(), qbk_id=(written and written.qbk_id) or push.qbk_id)


def _due(at: datetime) -> Q:
    waiting = Q(state=State.WAITING) & (Q(not_before=None) | Q(not_before__lte=at))
    return waiting | Q(state=State.SENDING) & has_expired(at=at, duration=LEASE)


def _why_not_any_more(push: Push) -> str:
    connection = push.connection
    if connection.status != connection.Status.CONNECTED:
        return NOT_CONNECTED
    if not connection.writes_allowed_at:
        return NOT_ALLOWED
    if push.purpose == Push.Purpose.BOOKKEEPING:
        is_on = BookkeepingSettings.objects.filter(connection=connection, turned_on_at__isnull=False)
        return "" if is_on.exists() else BOOKKEEPING_OFF
    if push.purpose != Push.Purpose.SUPPLIER:
        return ""
    return supplier_rules.why_not(
        connection=connection,
        entity=push.entity,
        operation=push.operation,
        qbk_id=push.qbk_id,
        fields=bodies.decode(push.fields.encode()),
    )


def _write(writer: ObjectWriter, push: Push) -> Written | None:
    entity, qbk_id, key = push.entity, push.qbk_id, f"push {push.public_id}"
    fields, base = bodies.decode(push.fields.encode()), bodies.decode(push.base.encode())
    if push.purpose == Push.Purpose.BOOKKEEPING:
        return _write_or_find(writer, entity=entity, fields=fields, key=f"bookkeeping {push.reference}")
    match push.operation:
        case Operation.CREATE:
            # A repeated call may have been done: then its own payment is why nothing is open, and its key finds it.
            if push.purpose == Push.Purpose.SUPPLIER and entity == "Payment" and not push.may_be_written:
                refusals.require_open(writer, fields=fields)
            return writer.create(entity=entity, fields=fields, key=key)
        case Operation.UPDATE:
            return writer.update(
                entity=entity, qbk_id=qbk_id, fields=fields, key=key, decided=base, is_repeated=push.may_be_written
            )
        case Operation.VOID:
            return writer.void(entity=entity, qbk_id=qbk_id, key=key, decided=base)
        case Operation.INACTIVATE:
            return writer.inactivate(entity=entity, qbk_id=qbk_id, key=key)
        case Operation.SEND:
            return writer.send(entity=entity, qbk_id=qbk_id, key=key, to=fields.get("to", ""))
        case _:
            writer.delete(entity=entity, qbk_id=qbk_id, key=key, decided=base)
            return None


def _write_or_find(writer: ObjectWriter, *, entity: str, fields: bodies.Fields, key: str) -> Written:
    """Create an object, unless it is in the books already. All pushes of one reference have one key."""
    if found := writer.find(entity=entity, fields=fields):
        refusals.require_same_type(bodies.decode(found.raw), fields=fields)
        return found
    refusals.require_open(writer, fields=fields, otherwise=", or mark it as done by hand")
    try:
        return writer.create(entity=entity, fields=fields, key=key)
    except WriteRefused as error:
        raise WriteRefused(refusals.explain(writer, error, fields=fields), code=error.code) from error


def _lost(push: Push, error: AuthorizationLost, *, at: datetime) -> None:
    """Wait for access that may come back; otherwise the supplier must reconnect."""
    is_final = lost_access.is_final(connection=push.connection, error=error, at=at)
    if not is_final or authorization_flow.was_reconnected(push.connection):
        _try_later(push, error, at=at)
        return
    _finish(push, state=State.FAILED, at=at, error=str(error))
    authorization_flow.mark_needs_attention(connection=push.connection, reason=str(error), at=at)


def _try_later(push: Push, error: QuickBooksError, *, at: datetime) -> None:
    made_no_call = isinstance(error, CircuitOpen)
    if push.attempts >= MAX_ATTEMPTS and not made_no_call:
        _finish(push, state=State.FAILED, at=at, error=str(error))
        return
    delay = error.until - at if isinstance(error, CircuitOpen) else runs.backoff(push.attempts)
    if isinstance(error, Throttled):
        delay += timedelta(seconds=error.retry_after)
    _held(push).update(
        state=State.WAITING,
        lease_until=None,
        not_before=at + delay,
        error=str(error)[:300],
        attempts=F("attempts") - int(made_no_call),
        may_be_written=push.may_be_written,
    )


def _finish(push: Push, *, state: str, at: datetime, error: str = "", **values: str) -> None:
    # The bookkeeping looks for what it wrote by itself, before it writes again.
    if state == State.FAILED and push.may_be_written and push.purpose != Push.Purpose.BOOKKEEPING:
        error = f"{error[: 299 - len(LOOK_FIRST)]} {LOOK_FIRST}"
    _held(push).update(
        state=state, lease_until=None, finished_at=at, error=error[:300], may_be_written=push.may_be_written, **values
    )


def _held(push: Push) -> QuerySet[Push]:
    """The row, while this attempt holds it."""
    return Push.objects.filter(pk=push.pk, state=State.SENDING, attempts=push.attempts)
