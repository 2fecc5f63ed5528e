"""Deletes sign-ups whose address was never confirmed, with the company that they opened."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError, QuerySet

from infactor.suppliers.models import Supplier
from infactor.users.models import User


def delete_expired(*, at: datetime) -> int:
    """Delete sign-ups that are older than RETENTION_UNCONFIRMED_DAYS and never signed in. Returns their number.

    One that something else refers to stays: somebody uses it.
    """
    deleted = 0
    for user in _expired(at=at).order_by("pk").iterator():
        deleted += _delete(user)
    return deleted


def _expired(*, at: datetime) -> QuerySet[User]:
    confirmed = EmailAddress.objects.filter(verified=True).values("user")
    found: QuerySet[User] = User.objects.filter(
        date_joined__lt=at - timedelta(days=settings.RETENTION_UNCONFIRMED_DAYS),
        last_login__isnull=True,
        is_staff=False,
        pk__in=EmailAddress.objects.filter(verified=False).values("user"),
    ).exclude(pk__in=confirmed)
    return found


def _delete(user: User) -> bool:
    try:
        with transaction.atomic():
            suppliers = list(user.suppliers.values_list("pk", flat=True))
            user.memberships.all().delete()
            Supplier.objects.filter(pk__in=suppliers, memberships__isnull=True).delete()
            user.delete()
    except ProtectedError:
        return False
    return True
