"""One place decides who of a supplier hears of an event, and by which channel: in the app, by email, or both.

Owners hear of everything by both channels, the others in the app, until somebody chooses otherwise. What concerns the
security of the account or binds the company (MANDATORY) cannot be switched off. The choice is read when the event
happens: an event that is recorded twice tells nobody twice.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from infactor.core import bulk, languages
from infactor.core.email import outbox
from infactor.core.plain_text import to_plain_text
from infactor.suppliers.models import Membership, Notification, NotificationChoice, NotificationKind, Supplier
from infactor.users.models import User

MANDATORY = (NotificationKind.LEGAL, NotificationKind.SECURITY)
FOR_OWNERS = (NotificationKind.SECURITY,)
_signer = Signer(salt="infactor.suppliers.unsubscribe", sep=".")


class UnknownLink(Exception):
    """This link to unsubscribe was not signed here."""


@dataclass(frozen=True)
class Channels:
    """By which channels a person hears of one kind."""

    in_app: bool
    by_mail: bool


@dataclass(frozen=True)
class Event:
    """Something to tell the people of a supplier. `text` renders subject and body, in the language
    of each member; `key` names the event.

    `path` is the page where they read more. `also_to` are further addresses by person, such as a former one: each of
    them gets the email, too.
    """

    supplier_id: int
    kind: NotificationKind
    key: str
    path: str
    text: Callable[[Membership], tuple[str, str]]
    also_to: Callable[[User], Collection[str]] = lambda user: ()


def from_templates(
    *,
    supplier_id: int,
    kind: NotificationKind,
    key: str,
    path: str,
    template: str,
    context: Mapping[str, Any],
    also_to: Callable[[User], Collection[str]] = lambda user: (),
) -> Event:
    """The event that `{template}_subject.txt` and `..._message.txt` tell, in the time zone of the supplier's pages.

    Beside `context` they know the supplier, the address of the page and where to write.
    """

    def text(member: Membership) -> tuple[str, str]:
        values = {
            "supplier": member.supplier,
            # The redirect URI registered with Intuit has infactor's public host, which is always configured correctly.
            "address": urljoin(settings.QUICKBOOKS_REDIRECT_URI, path),
            "support_email": settings.SUPPORT_EMAIL,
            **context,
        }
        with timezone.override(member.supplier.zone):
            subject = render_to_string(f"{template}_subject.txt", values)
            return subject, render_to_string(f"{template}_message.txt", values)

    return Event(supplier_id=supplier_id, kind=kind, key=key, path=path, text=text, also_to=also_to)


def notify(event: Event, *, at: datetime) -> None:
    """Tell who wants to hear of `event`, in the caller's transaction."""
    notify_all([event], at=at)


def notify_all(events: Iterable[Event], *, at: datetime) -> None:
    """`notify` for many events, in few queries."""
    found = list(events)
    members = _members({one.supplier_id for one in found})
    chosen = _choices(members)
    messages: list[outbox.Message] = []
    notes: list[Notification] = []
    links = _Links()
    for event in found:
        for member in members:
            if member.supplier_id != event.supplier_id:
                continue
            channels = chosen.get((member.user_id, member.supplier_id, event.kind)) or default(member.role, event.kind)
            if not channels.in_app and not channels.by_mail:
                continue
            with languages.writing_in(member.user.language):
                subject, body = event.text(member)
                if channels.in_app:
                    notes.append(_note(event, member, subject, at))
                if channels.by_mail:
                    messages.extend(_messages(event, member, subject, body, links))
    Notification.objects.bulk_create(notes, ignore_conflicts=True)
    outbox.enqueue_all(messages)


def default(role: str, kind: str) -> Channels:
    """What holds for a person in `role` who has not chosen, or may not."""
    is_owner = role == Membership.Role.OWNER
    return Channels(in_app=is_owner or kind not in FOR_OWNERS, by_mail=is_owner)


def channels_of(*, user: User, supplier: Supplier, role: str) -> dict[NotificationKind, Channels]:
    """By which channels `user` hears of each kind that their role hears of at all."""
    rows = NotificationChoice.objects.filter(user=user, supplier=supplier)
    chosen = {row.kind: Channels(row.in_app, row.by_mail) for row in rows}
    kinds = [kind for kind in NotificationKind if role == Membership.Role.OWNER or kind not in FOR_OWNERS]
    return {kind: default(role, kind) if kind in MANDATORY else chosen.get(kind, default(role, kind)) for kind in kinds}


def choose(*, user: User, supplier: Supplier, wanted: dict[NotificationKind, Channels]) -> None:
    """Keep what `user` wants to hear of. Kinds that cannot be switched off are left as they are."""
    with transaction.atomic():
        for kind, channels in wanted.items():
            if kind not in MANDATORY:
                values = {"in_app": channels.in_app, "by_mail": channels.by_mail}
                NotificationChoice.objects.update_or_create(user=user, supplier=supplier, kind=kind, defaults=values)


def unsubscribe_url(*, member: Membership, kind: NotificationKind) -> str:
    """The address that stops emails of `kind` to this person for this supplier; "" if they cannot be stopped."""
    if kind in MANDATORY:
        return ""
    token = _signer.sign(f"{member.user_id}-{member.supplier_id}-{kind}")
    return str(urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse("dashboard:unsubscribe", args=[token])))


def read_link(token: str) -> tuple[Membership, NotificationKind]:
    """Whose emails of which kind `token` stops. Raises UnknownLink, also once that person has left."""
    try:
        user_id, supplier_id, kind = _signer.unsign(token).split("-")
        known = NotificationKind(kind)
    except (BadSignature, ValueError) as error:
        raise UnknownLink from error
    rows = Membership.objects.filter(user=int(user_id), supplier=int(supplier_id)).select_related("supplier", "user")
    member = rows.first()
    if member is None or known in MANDATORY:
        raise UnknownLink
    return member, known


def stop_mail(*, member: Membership, kind: NotificationKind) -> None:
    """No more emails of `kind` to this person. In the app they go on as before."""
    now = channels_of(user=member.user, supplier=member.supplier, role=member.role)[kind]
    choose(user=member.user, supplier=member.supplier, wanted={kind: Channels(in_app=now.in_app, by_mail=False)})


def visible(*, user: User, supplier: Supplier) -> QuerySet[Notification]:
    """What `user` was told while acting for `supplier`, the newest first."""
    return Notification.objects.filter(user=user, supplier=supplier)


def mark_read(*, user: User, supplier: Supplier, at: datetime, only: int | None = None) -> int:
    """Mark all as read, or the one with the id `only`. Returns how many."""
    rows = visible(user=user, supplier=supplier).filter(read_at=None)
    return (rows if only is None else rows.filter(pk=only)).update(read_at=at)


def delete_old(*, at: datetime) -> int:
    """Delete what is older than RETENTION_NOTIFICATION_DAYS, read or not. Returns how many."""
    kept = timedelta(days=settings.RETENTION_NOTIFICATION_DAYS)
    return bulk.delete_in_batches(Notification.objects.filter(created_at__lt=at - kept))


def unread_count() -> Combinable:
    """How many notifications a member has not read, for the query of `access.suppliers_of`."""
    unread = Notification.objects.filter(supplier=OuterRef("pk"), user=OuterRef("memberships__user"), read_at=None)
    counted = unread.order_by().values("supplier").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _members(supplier_ids: set[int]) -> list[Membership]:
    rows = Membership.objects.filter(supplier__in=supplier_ids, user__is_active=True)
    return list(rows.select_related("user", "supplier").order_by("pk"))


def _choices(members: list[Membership]) -> dict[tuple[int, int, str], Channels]:
    """What people chose, by person, supplier and kind."""
    rows = NotificationChoice.objects.filter(
        user__in={one.user_id for one in members}, supplier__in={one.supplier_id for one in members}
    )
    return {(row.user_id, row.supplier_id, row.kind): Channels(row.in_app, row.by_mail) for row in rows}


def _note(event: Event, member: Membership, subject: str, at: datetime) -> Notification:
    return Notification(
        supplier_id=member.supplier_id,
        user_id=member.user_id,
        kind=event.kind,
        key=f"{event.key}:{member.user_id}",
        title=to_plain_text(subject, multiline=False)[:200],
        path=event.path,
        created_at=at,
    )


class _Links:
    """The addresses that end the emails of one call, each made once: thousands of emails may go to one person."""

    def __init__(self) -> None:
        self.choose = urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse("dashboard:notification_settings"))
        self._stop: dict[tuple[int, NotificationKind], str] = {}

    def stop(self, member: Membership, kind: NotificationKind) -> str:
        """`unsubscribe_url`."""
        if (known := self._stop.get((member.pk, kind))) is None:
            known = self._stop[member.pk, kind] = unsubscribe_url(member=member, kind=kind)
        return known


def _messages(event: Event, member: Membership, subject: str, body: str, links: _Links) -> Iterator[outbox.Message]:
    key = f"{event.key}:{member.user_id}"
    for number, address in enumerate([member.user.email, *event.also_to(member.user)]):
        yield outbox.Message(
            key=f"{key}:former{number}" if number else key,
            to=address,
            subject=subject,
            body=body,
            supplier_id=member.supplier_id,
            settings_url=links.choose,
            unsubscribe_url=links.stop(member, event.kind),
        )
