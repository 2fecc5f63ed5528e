"""What a supplier makes in its QuickBooks: put on the list of a worker once, changed and ended.

A push is the truth. Its reference is the content, so a double click, a second tab and a retry after a crash find the
row that is there. A push that failed is repeated in its own row: with the key that it had, nothing is written twice.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy

from infactor.core import audit
from infactor.suppliers.access import require_member
from infactor.users.models import User
from quickbooks_app.api.writes import bodies
from quickbooks_app.documents import payloads
from quickbooks_app.making.choices import CannotMake
from quickbooks_app.models import Connection, Push
from quickbooks_app.pushes import requests, supplier_rules
from quickbooks_app.pushes.requests import CannotPush
from quickbooks_app.writing import answers

Operation, State = Push.Operation, Push.State
ENDED = {Operation.DELETE: gettext_lazy("Deleted"), Operation.VOID: gettext_lazy("Voided")}
NOT_WRITTEN = gettext_lazy("QuickBooks has not answered yet. Wait until it is written.")


class Refused(Exception):
    """What was entered cannot be made: `found` holds (field of the form, sentence)."""

    def __init__(self, found: Iterable[tuple[str, str]]) -> None:
        self.found = list(found)
        super().__init__(" ".join(sentence for _, sentence in self.found))


class ChangedMeanwhile(CannotMake):
    """The object in QuickBooks is no longer the version that was shown. Nothing was written."""


def blocker(connection: Connection) -> str:
    """Why nothing can be made in this company now, in the supplier's words; "" if it can."""
    if connection.status != Connection.Status.CONNECTED:
        return gettext("This company is not connected. Connect it on your QuickBooks page first.")
    if connection.writes_allowed_at is None:
        return gettext("infactor may not write into these books yet. An owner of your company can allow it.")
    return ""


def digest_of(*, entity: str, fields: Mapping[str, Any], about: str = "") -> str:
    """What tells one write from another: the object, the QuickBooks id and version that it changes, the fields."""
    content = "\x00".join((entity, about, bodies.encode(fields).decode()))
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def make(
    *,
    connection: Connection,
    entity: str,
    fields: Mapping[str, Any],
    check: Callable[[], Iterable[tuple[str, str]]],
    by: User,
    at: datetime,
) -> Push:
    """Make a customer, an invoice or a payment. Asked twice for the same, it returns the push that there is.

    Raises Refused, CannotPush, NotAllowed. `check` runs under the lock of the connection, so that two tabs cannot both
    take a number.
    """
    require_member(by=by, supplier=connection.supplier, owner=True)
    digest = digest_of(entity=entity, fields=fields)
    with transaction.atomic():
        _lock(connection)
        reference = f"{digest} {_ended_before(connection, digest)}"
        if push := _repeated(connection, reference, by=by, at=at):
            return push
        if found := list(check()):
            raise Refused(found)
        return _request(connection, entity, Operation.CREATE, "", fields=fields, reference=reference, by=by, at=at)


def change(
    *,
    made: Push,
    present: Mapping[str, Any],
    fields: Mapping[str, Any],
    check: Callable[[], Iterable[tuple[str, str]]],
    by: User,
    at: datetime,
) -> Push:
    """Change an invoice that was made here, and that is `present` on the page where `fields` were entered.

    Raises Refused, CannotMake, CannotPush, NotAllowed.
    """
    connection = made.connection
    require_member(by=by, supplier=connection.supplier, owner=True)
    if not fields:
        raise Refused([("", gettext("Nothing would change."))])
    with transaction.atomic():
        _lock(connection)
        present_fields(made)
        reference = digest_of(entity=made.entity, fields=fields, about=_version(made, present))
        if push := _repeated(connection, reference, by=by, at=at):
            return push
        if found := list(check()):
            raise Refused(found)
        return _request(
            connection,
            made.entity,
            Operation.UPDATE,
            made.qbk_id,
            fields=fields,
            present=present,
            reference=reference,
            by=by,
            at=at,
        )


def end(*, made: Push, operation: str, version: str, by: User, at: datetime) -> Push:
    """Void or delete what was made here, in the `version` that was shown (as `version_of` gave it).

    Raises CannotMake, CannotPush, NotAllowed; ChangedMeanwhile where it is another version by now.
    """
    connection = made.connection
    require_member(by=by, supplier=connection.supplier, owner=True)
    with transaction.atomic():
        _lock(connection)
        # One that met a change in QuickBooks has failed for its version, and may be asked for again for the next.
        present = present_fields(made)
        if version != version_of(present):
            raise ChangedMeanwhile(
                gettext("It has changed in QuickBooks since you opened this page. Look at it once more.")
            )
        about = f"{operation} {_version(made, present)}"
        reference = digest_of(entity=made.entity, fields={}, about=about)
        if push := _repeated(connection, reference, by=by, at=at):
            return push
        return _request(
            connection,
            made.entity,
            operation,
            made.qbk_id,
            fields={},
            present=present,
            reference=reference,
            by=by,
            at=at,
        )


def repeat(*, push: Push, by: User, at: datetime) -> bool:
    """Write a failed push again, with its own key. Returns whether it had failed. Raises CannotPush, NotAllowed."""
    connection = push.connection
    require_member(by=by, supplier=connection.supplier, owner=True)
    requests.require_possible(connection=connection, entity=push.entity, operation=push.operation, qbk_id=push.qbk_id)
    refusal = supplier_rules.why_not(
        connection=connection,
        entity=push.entity,
        operation=push.operation,
        qbk_id=push.qbk_id,
        fields=bodies.decode(push.fields.encode()),
    )
    if refusal:
        raise CannotPush(refusal)
    with transaction.atomic():
        failed = Push.objects.filter(pk=push.pk, state=State.FAILED)
        if not failed.update(state=State.WAITING, attempts=0, not_before=None, finished_at=None, error=""):
            return False
        audit.record(event="quickbooks.push_repeated", subject=push, by=by, at=at, supplier_id=connection.supplier_id)
    return True


def pushes_of(connection: Connection) -> QuerySet[Push]:
    """Everything that the supplier asked to be written, the latest first."""
    return connection.pushes.filter(purpose=Push.Purpose.SUPPLIER)


def present_fields(made: Push) -> Mapping[str, Any]:
    """What stands in QuickBooks, as it was read last. Raises CannotMake where it is not written, or ended."""
    if made.operation != Operation.CREATE or made.state != State.DONE:
        raise CannotMake(NOT_WRITTEN)
    if ended := endings_of(made.connection, [made.qbk_id]).get((made.entity, made.qbk_id)):
        raise CannotMake(gettext("It is %(ended)s already, or about to be.") % {"ended": str(ended).lower()})
    document = answers.stored(connection=made.connection, entity=made.entity, qbk_id=made.qbk_id)
    if document is None:
        raise CannotMake(gettext("It is deleted in QuickBooks."))
    return bodies.decode(payloads.read(document))


def endings_of(connection: Connection, qbk_ids: Iterable[str]) -> dict[tuple[str, str], str]:
    """What was done to end these objects, or is about to be, by (object, QuickBooks id). One query."""
    ends = pushes_of(connection).filter(qbk_id__in=set(qbk_ids), operation__in=ENDED).exclude(state=State.FAILED)
    return {(one.entity, one.qbk_id): str(ENDED[Operation(one.operation)]) for one in ends.order_by("pk")}


def _ended_before(connection: Connection, digest: str) -> int:
    """How many objects of this very content were made and ended: after that it may be made once more."""
    ids = pushes_of(connection).filter(operation=Operation.CREATE, reference__startswith=digest).exclude(qbk_id="")
    ended = pushes_of(connection).filter(
        operation__in=ENDED, state=State.DONE, qbk_id__in=ids.values("qbk_id"), entity__in=ids.values("entity")
    )
    return ended.values("qbk_id").distinct().count()


def _repeated(connection: Connection, reference: str, *, by: User, at: datetime) -> Push | None:
    """The push of this reference, if there is one; if it failed, it is written again with its own key."""
    push = pushes_of(connection).filter(reference=reference).select_related("connection__supplier").first()
    if push is not None and push.state == State.FAILED:
        repeat(push=push, by=by, at=at)
    return push


def version_of(present: Mapping[str, Any]) -> str:
    """The version of an object in QuickBooks, which changes with every change of it."""
    return str(present.get("SyncToken", ""))


def _version(made: Push, present: Mapping[str, Any]) -> str:
    return f"{made.qbk_id} {version_of(present)}"


def _request(connection: Connection, entity: str, operation: str, qbk_id: str, **more: Any) -> Push:
    return requests.request_push(
        connection=connection,
        entity=entity,
        operation=operation,
        qbk_id=qbk_id,
        purpose=Push.Purpose.SUPPLIER,
        **more,
    )


def _lock(connection: Connection) -> None:
    Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
