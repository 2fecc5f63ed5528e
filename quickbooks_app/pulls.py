"""The life cycle of pulls: which objects a connection pulls, when each is due, and who reads it.

The setting QUICKBOOKS_PULLED_OBJECTS names those of every connection; a row of ObjectPull adds one, or leaves one out.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core import checks
from django.db.models import F, Q, QuerySet

from infactor.invoices.ingest import revisions
from infactor.invoices.models import CompanyFile
from quickbooks_app import runs
from quickbooks_app.leases import has_expired
from quickbooks_app.mapping.further import PAYABLES
from quickbooks_app.models import Connection, ObjectPull
from quickbooks_app.objects.table import IMPORTED, OBJECTS

Reading = ObjectPull.Reading
INTERVAL = timedelta(days=1)  # between two readings of what change data capture does not report
# Changes come with import runs. What has not had any for so long missed them, and is asked for by a query.
MISSED_AFTER = timedelta(days=2)
CHANGES_KNOWN_FOR = timedelta(days=29)  # by change data capture, with its deletions
RECONCILE_INTERVAL = timedelta(days=30)  # of what change data capture does not report
REFUSED_INTERVAL = timedelta(days=1)  # before an object is asked for again that QuickBooks, or the edition, refuses


def enable(*, connection: Connection, entities: Iterable[str], is_enabled: bool = True) -> None:
    """Pull these objects of a company from now on, or no longer. What is stored stays. Raises ValueError."""
    names = list(entities)
    if strange := [name for name in names if not can_be_pulled(name)]:
        raise ValueError(f"infactor cannot pull {', '.join(strange)}.")
    ObjectPull.objects.bulk_create(
        (ObjectPull(connection=connection, entity=name, is_enabled=is_enabled) for name in names),
        update_conflicts=True,
        unique_fields=["connection", "entity"],
        update_fields=["is_enabled"],
    )
    note_payables(connection=connection, entities=names)


def can_be_pulled(entity: str) -> bool:
    """Whether all objects of the kind can be read, and import runs do not read them anyway."""
    return entity in OBJECTS and OBJECTS[entity].can_be_pulled and entity not in IMPORTED


def check_setting(**given: object) -> list[checks.CheckMessage]:
    """A system check: the setting names objects that can be pulled."""
    strange = [name for name in settings.QUICKBOOKS_PULLED_OBJECTS if not can_be_pulled(name)]
    text = f"QUICKBOOKS_PULLED_OBJECTS names what infactor cannot pull: {', '.join(strange)}."
    return [checks.Error(text, id="quickbooks_app.E001")] if strange else []


def add_from_settings() -> None:
    """Give every connected company its rows for the objects of the setting. Rows that exist stay as they are."""
    wanted: Sequence[str] = settings.QUICKBOOKS_PULLED_OBJECTS
    if not wanted:
        return
    connected = Connection.objects.filter(
        status=Connection.Status.CONNECTED, integration__is_enabled=True, company_file__as_of__isnull=False
    )
    for entity in wanted:
        missing = connected.exclude(pulls__entity=entity).values_list("pk", flat=True)
        ObjectPull.objects.bulk_create(
            (ObjectPull(connection_id=pk, entity=entity) for pk in missing), ignore_conflicts=True
        )


def due(*, at: datetime) -> QuerySet[ObjectPull]:
    """The pulls that have something to read, and that no worker holds."""
    free = Q(lease_until__isnull=True) | has_expired(at=at, duration=runs.LEASE_DURATION)
    waited = Q(not_before__isnull=True) | Q(not_before__lte=at)
    by_query = [name for name, found in OBJECTS.items() if not found.in_changes]
    is_old = Q(as_of__lt=at - MISSED_AFTER) | Q(as_of__lt=at - INTERVAL, entity__in=by_query)
    return ObjectPull.objects.filter(
        free,
        waited,
        Q(as_of__isnull=True) | ~Q(reading="") | is_old,
        is_enabled=True,
        connection__status=Connection.Status.CONNECTED,
        connection__integration__is_enabled=True,
        connection__company_file__as_of__isnull=False,  # invoices come first
    ).order_by("pk")


def claim(*, pull_id: int, owner: str, at: datetime) -> ObjectPull | None:
    """The pull, held by `owner`, with its reading decided; None if it is not due or another worker holds it."""
    held = due(at=at).filter(pk=pull_id).values("pk")
    if not ObjectPull.objects.filter(pk__in=held).update(lease_owner=owner, lease_until=at + runs.LEASE_DURATION):
        return None
    pull = ObjectPull.objects.select_related("connection__company_file", "connection__supplier").get(pk=pull_id)
    if not pull.reading:
        pull.reading, pull.books_time, pull.cursor = _next_reading(pull, at=at), None, {}
    return pull


def _next_reading(pull: ObjectPull, *, at: datetime) -> str:
    if pull.as_of is None:
        return Reading.WHOLE
    if OBJECTS[pull.entity].in_changes:
        return Reading.CHANGES if at - pull.as_of <= CHANGES_KNOWN_FOR else Reading.RECONCILE
    is_due = at - (pull.reconciled_at or pull.created_at) >= RECONCILE_INTERVAL
    return Reading.RECONCILE if is_due else Reading.CHANGES


def save_page(*, pull: ObjectPull, owner: str, at: datetime, is_last: bool) -> None:
    """Save the cursor of `pull` in the caller's transaction, and its end after the last page. Raises LeaseLost."""
    if is_last:
        if pull.reading == Reading.RECONCILE or pull.as_of is None:
            pull.reconciled_at = at
        pull.as_of = max(moment for moment in (pull.as_of, pull.books_time) if moment is not None)
        pull.reading, pull.cursor, pull.books_time = "", {}, None
    saved = ObjectPull.objects.filter(pk=pull.pk, lease_owner=owner).update(
        as_of=pull.as_of,
        reconciled_at=pull.reconciled_at,
        reading=pull.reading,
        books_time=pull.books_time,
        cursor=pull.cursor,
        objects_seen=pull.objects_seen,
        lease_until=at + runs.LEASE_DURATION,
        attempt=0,
        error="",
        error_code="",
    )
    if not saved:
        raise runs.LeaseLost
    if is_last:
        note_payables(connection=pull.connection, entities=[pull.entity])


def release(*, pull: ObjectPull, owner: str) -> None:
    """Give the pull back."""
    ObjectPull.objects.filter(pk=pull.pk, lease_owner=owner).update(lease_owner="", lease_until=None)


def wait(*, pull: ObjectPull, owner: str, until: datetime, error: str, code: str, is_failure: bool = True) -> None:
    """Read no further before `until`. The cursor stays."""
    ObjectPull.objects.filter(pk=pull.pk, lease_owner=owner).update(
        not_before=until, error=error[:500], error_code=code[:40], attempt=F("attempt") + int(is_failure)
    )


def with_changes(*, connection: Connection, at: datetime) -> tuple[list[str], datetime | None]:
    """The objects whose changes come with the next import run, and the moment up to which all of them are complete.

    They were read whole, had their changes lately, and are reported by change data capture.
    """
    reported = [name for name, found in OBJECTS.items() if found.in_changes]
    found = dict(
        ObjectPull.objects.filter(
            connection=connection, is_enabled=True, reading="", as_of__gte=at - MISSED_AFTER, entity__in=reported
        )
        .order_by("entity")
        .values_list("entity", "as_of")
    )
    return list(found), min((as_of for as_of in found.values() if as_of), default=None)


def mark_current(*, connection: Connection, entities: Sequence[str], as_of: datetime | None) -> None:
    """These objects are complete up to `as_of`, with the changes that the caller's transaction has applied."""
    if as_of is not None:
        pulls = ObjectPull.objects.filter(connection=connection, entity__in=entities, reading="", as_of__lt=as_of)
        pulls.update(as_of=as_of)
        note_payables(connection=connection, entities=entities)


def note_payables(*, connection: Connection, entities: Iterable[str]) -> None:
    """Tell the books up to when what the supplier owes is complete, if one of `entities` is a part of that.

    Unless all parts are pulled and were read, that is not known. Eligibility is due again when that changes.
    """
    if not set(PAYABLES) & set(entities):
        return
    read = ObjectPull.objects.filter(connection=connection, is_enabled=True, entity__in=PAYABLES).order_by()
    moments = [moment for moment in read.values_list("as_of", flat=True) if moment is not None]
    as_of = min(moments) if len(moments) == len(PAYABLES) else None
    file = CompanyFile.objects.filter(pk=connection.company_file_id)
    if file.filter(payables_as_of__isnull=as_of is not None).update(payables_as_of=as_of):
        revisions.increment(company_file_ids=[connection.company_file_id])
    elif as_of is not None:
        file.update(payables_as_of=as_of)
