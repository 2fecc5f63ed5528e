"""Threads: found or opened, what a person has not read of them, and who of staff is responsible."""

from datetime import datetime

from django.db.models import Count, Exists, F, IntegerField, Max, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.correspondence.models import ABOUT, Message, Reading, Thread
from infactor.financing.models import Advance, FinancingRequest
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Membership, Supplier
from infactor.users import roles
from infactor.users.models import User

ANSWER_SUPPLIERS = "correspondence.answer_suppliers"
About = Invoice | FinancingRequest | Advance
# The column of a thread that names a row of each model.
COLUMNS: dict[type, str] = {Invoice: "invoice", FinancingRequest: "request", Advance: "advance"}


class MessageRefused(ValueError):
    """It cannot be written, assigned or settled; the message says why. Nothing was kept."""


def of_supplier(supplier: Supplier) -> "QuerySet[Thread]":
    """The threads of `supplier`, the last written first, with the rows that they are about."""
    return with_about(Thread.objects.filter(supplier=supplier))


def with_about(rows: "QuerySet[Thread]") -> "QuerySet[Thread]":
    """With the rows that they are about, in the same query."""
    return rows.select_related("supplier", "invoice", "request", "advance__invoice", "assigned_to")


def find(*, supplier: Supplier, about: About | None) -> Thread | None:
    """The thread of `supplier` about this row, or about none, if anybody has written yet."""
    return of_supplier(supplier).filter(**_key(about)).first()


def find_or_open(*, supplier: Supplier, about: About | None, at: datetime) -> Thread:
    """The thread about this row; the caller has locked the supplier, so nobody opens a second one."""
    if about is not None and about.supplier_id != supplier.pk:
        raise MessageRefused(_("This belongs to another company."))
    found = find(supplier=supplier, about=about)
    return found or Thread.objects.create(supplier=supplier, last_written_at=at, **_key(about))


def with_unread(rows: "QuerySet[Thread]", *, user: User) -> "QuerySet[Thread]":
    """With `unread`, how many messages of staff `user` has not read since they joined the supplier."""
    joined = Membership.objects.filter(user=user, supplier=OuterRef("supplier")).values("created_at")[:1]
    read = Reading.objects.filter(thread=OuterRef("thread"), user=user, last_read__gte=OuterRef("pk"))
    unread = Message.objects.filter(~Exists(read), thread=OuterRef("pk"), is_from_staff=True)
    return rows.annotate(unread=_counted(unread.filter(written_at__gte=Subquery(joined)), by="thread"))


def unread_count() -> Combinable:
    """How many messages of staff a member has not read since they joined, for the query of `access.suppliers_of`."""
    member = OuterRef(OuterRef("memberships__user"))
    read = Reading.objects.filter(thread=OuterRef("thread"), user=member, last_read__gte=OuterRef("pk"))
    unread = Message.objects.filter(~Exists(read), supplier=OuterRef("pk"), is_from_staff=True)
    return _counted(unread.filter(written_at__gte=OuterRef("memberships__created_at")), by="supplier")


def mark_read(rows: "QuerySet[Thread]", *, user: User, last: int) -> None:
    """`user` has read these threads up to the message with the key `last`, or further already."""
    Reading.objects.filter(thread__in=rows, user=user, last_read__lt=last).update(last_read=last)
    new = rows.exclude(readings__user=user).only("pk")
    Reading.objects.bulk_create((Reading(thread=one, user=user, last_read=last) for one in new), ignore_conflicts=True)


def last_message(supplier: Supplier) -> int:
    """The key of the last message of `supplier`; 0 where there is none."""
    return Message.objects.filter(supplier=supplier).aggregate(last=Max("pk"))["last"] or 0


def assign(*, thread: Thread, to: User | None, by: User, at: datetime) -> Thread:
    """Make one of staff responsible, or nobody. Raises roles.NotAllowed, and MessageRefused for who may not answer."""
    roles.require(by, ANSWER_SUPPLIERS)
    if to is not None and not (to.is_active and to.is_staff and to.has_perm(ANSWER_SUPPLIERS)):
        raise MessageRefused(_("Choose somebody who may write to suppliers."))
    thread.assigned_to = to
    thread.save(update_fields=["assigned_to", "updated_at"])
    details = {"to": to.pk if to else None}
    audit.record(event="thread.assigned", subject=thread, by=by, at=at, supplier_id=thread.supplier_id, details=details)
    return thread


def settle(*, thread: Thread, by: User, at: datetime) -> Thread:
    """Staff say that the last message needs no answer. Raises roles.NotAllowed, MessageRefused where nothing waits."""
    roles.require(by, ANSWER_SUPPLIERS)
    waiting = Thread.objects.filter(pk=thread.pk, waiting_since=thread.waiting_since, waiting_since__isnull=False)
    if not waiting.update(waiting_since=None, updated_at=at):
        raise MessageRefused(_("Nothing waits here any more, or the supplier has just written again."))
    audit.record(event="thread.settled", subject=thread, by=by, at=at, supplier_id=thread.supplier_id)
    thread.waiting_since = None
    return thread


def waiting() -> "QuerySet[Thread]":
    """The threads in which a supplier waits for an answer, the longest first."""
    return Thread.objects.filter(waiting_since__isnull=False).order_by(F("waiting_since"), "pk")


def _key(about: About | None) -> dict[str, About | None]:
    values: dict[str, About | None] = dict.fromkeys(ABOUT)
    if about is not None:
        values[COLUMNS[type(about)]] = about
    return values


def _counted(rows: "QuerySet[Message]", *, by: str) -> Combinable:
    counted = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
