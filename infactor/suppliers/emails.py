"""E-mails to a supplier's owners about decisions on its application and changes of its bank accounts."""

from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from infactor.core.email import outbox
from infactor.suppliers.models import Application, BankAccount, Membership, Supplier
from infactor.users.security import account_changes


def application_decided(*, application: Application, at: datetime) -> None:
    """The application was approved, put on hold or refused. Sent once for each decision."""
    _enqueue(
        application.supplier,
        name=f"application_{application.status}",
        occurrence=f"{application.pk}:{at:%Y%m%dT%H%M%S.%f}",
        page="dashboard:application",
        at=at,
        application=application,
    )


def account_added(*, account: BankAccount, replaces: BankAccount | None) -> None:
    """An account was added. An owner who did not expect it can still stop it."""
    _account_email(account, name="account_added", at=account.added_at, replaces=replaces)


def account_confirmed(*, account: BankAccount) -> None:
    """An account was confirmed: payouts go to it from now on."""
    _account_email(account, name="account_confirmed", at=account.confirmed_at or account.added_at)


def account_refused(*, account: BankAccount) -> None:
    """Staff refused the account, or an owner withdrew it: payouts go to the same account as before."""
    _account_email(account, name="account_refused", at=account.refused_at or account.added_at)


def _account_email(account: BankAccount, *, name: str, at: datetime, **extra: object) -> None:
    occurrence = str(account.pk)
    _enqueue(account.supplier, name=name, occurrence=occurrence, page="dashboard:bank", at=at, account=account, **extra)


def _enqueue(supplier: Supplier, *, name: str, occurrence: str, page: str, at: datetime, **extra: object) -> None:
    owners = Membership.objects.filter(supplier=supplier, role=Membership.Role.OWNER, user__is_active=True)
    context = {
        "supplier": supplier,
        # The redirect URI registered with Intuit has infactor's public host, which is always configured correctly.
        "address": urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse(page)),
        "support_email": settings.SUPPORT_EMAIL,
        **extra,
    }
    with timezone.override(supplier.zone):  # show times in the time zone of the supplier's pages
        subject = render_to_string(f"suppliers/email/{name}_subject.txt", context)
        body = render_to_string(f"suppliers/email/{name}_message.txt", context)
    for owner in owners.select_related("user"):
        # Who has taken an account over has changed its address: the former one hears of it, too.
        former = account_changes.former_addresses(user=owner.user, at=at)
        for number, address in enumerate([owner.user.email, *former]):
            key = f"suppliers.{name}:{occurrence}:{owner.user_id}"
            outbox.enqueue(
                key=f"{key}:former{number}" if number else key,
                to=address,
                subject=subject,
                body=body,
                supplier_id=supplier.pk,
            )
