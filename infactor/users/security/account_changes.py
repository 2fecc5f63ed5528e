"""Changes of how a person signs in: recorded, told to the addresses from before, and watched for some days after.

Who takes over an account changes its address or password first. So for ACCOUNT_CHANGE_WATCH after a change the person
is also written to at the addresses that were given up, and a bank account that they enter waits longer.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from infactor.core import audit
from infactor.users.models import AccountChange, User


def record(*, user: User, kind: AccountChange.Kind, at: datetime, former_email: str = "") -> AccountChange:
    """Record a change by `user`, in the audit log, too. `former_email` is a confirmed address that was given up."""
    audit.record(event=f"user.{kind.value}", subject=user, by=user, at=at)
    return watch(user=user, kind=kind, at=at, former_email=former_email)


def watch(*, user: User, kind: AccountChange.Kind, at: datetime, former_email: str = "") -> AccountChange:
    """Watch the account of `user` after a change that the caller has audited, as one by staff."""
    return AccountChange.objects.create(user=user, kind=kind, at=at, former_email=former_email)


def recent(*, user: User, at: datetime) -> Sequence[AccountChange]:
    """The changes of the last ACCOUNT_CHANGE_WATCH, the latest first."""
    return list(
        AccountChange.objects.filter(user=user, at__gt=at - settings.ACCOUNT_CHANGE_WATCH).order_by("-at", "-pk")
    )


def former_addresses(*, user: User, at: datetime) -> list[str]:
    """The addresses that `user` has given up recently, each once: warnings go to them, too."""
    given_up = [change.former_email for change in recent(user=user, at=at) if change.former_email]
    return [address for address in dict.fromkeys(given_up) if address.casefold() != user.email.casefold()]
