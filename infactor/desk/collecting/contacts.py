"""Contacts with buyers: who said what, and when to ask again."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.core.plain_text import to_plain_text
from infactor.desk.collecting.accounts import Account
from infactor.desk.models import Contact
from infactor.desk.rights import COLLECT, DeskError
from infactor.financing.models import Advance
from infactor.users import roles
from infactor.users.models import User


def record(
    *,
    account: Account,
    channel: str,
    person: str,
    summary: str,
    next_contact_on: date | None,
    by: User,
    at: datetime,
) -> Contact:
    """Record a contact; its next day, or none, replaces that of the one before. Raises NotAllowed, DeskError."""
    roles.require(by, COLLECT)
    said = to_plain_text(summary)
    if not said:
        raise DeskError("Say in a sentence what was said.")
    if next_contact_on is not None and next_contact_on < business_day(at):
        raise DeskError("The day of the next contact has passed. Choose today or later.")
    with transaction.atomic():
        contact = Contact.objects.create(
            **account.columns,
            channel=channel,
            person=to_plain_text(person, multiline=False)[:150],
            summary=said[:2000],
            next_contact_on=next_contact_on,
            made_by=by,
            made_at=at,
        )
        audit.record(
            event="contact.recorded",
            subject=contact,
            by=by,
            at=at,
            details={"channel": channel, "account": account.slug, "next": next_contact_on and f"{next_contact_on}"},
        )
    return contact


def due_contacts(*, today: date) -> "QuerySet[Contact]":
    """The last contacts of those who owe something and are to be asked again by `today`."""
    same = Q(debtor=OuterRef("debtor")) | Q(buyer=OuterRef("buyer")) | Q(debtor=OuterRef("buyer__debtor"))
    owed = Advance.objects.filter(
        Q(buyer=OuterRef("buyer")) | Q(buyer__debtor=OuterRef("debtor")), status=Advance.Status.FUNDED
    )
    later = Contact.objects.filter(same).filter(
        Q(made_at__gt=OuterRef("made_at")) | Q(made_at=OuterRef("made_at"), pk__gt=OuterRef("pk"))
    )
    return Contact.objects.filter(~Exists(later), Exists(owed), next_contact_on__lte=today)
