"""Mails to a supplier's owners: what was decided about its application, and each change of where it is paid."""

from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from infactor.core.email import outbox
from infactor.suppliers.models import Application, BankAccount, Membership, Supplier


def decided(*, application: Application, at: datetime) -> None:
    """The application was approved, put on hold or refused. Once for each decision."""
    _write(
        application.supplier,
        name=f"application_{application.status}",
        occurrence=f"{application.pk}:{at:%Y%m%dT%H%M%S.%f}",
        page="dashboard:application",
        application=application,
    )


def account_added(*, account: BankAccount, replaces: BankAccount | None) -> None:
    """Somebody entered another account: whoever did not may still stop it."""
    _of_account(account, name="account_added", replaces=replaces)


def account_confirmed(*, account: BankAccount) -> None:
    """From now on payouts go to this account."""
    _of_account(account, name="account_confirmed")


def account_refused(*, account: BankAccount) -> None:
    """Staff refused the account, or an owner took it back: payouts go where they went."""
    _of_account(account, name="account_refused")


def _of_account(account: BankAccount, *, name: str, **said: object) -> None:
    _write(account.supplier, name=name, occurrence=str(account.pk), page="dashboard:bank", account=account, **said)


def _write(supplier: Supplier, *, name: str, occurrence: str, page: str, **said: object) -> None:
    owners = Membership.objects.filter(supplier=supplier, role=Membership.Role.OWNER, user__is_active=True)
    context = {
        "supplier": supplier,
        # Ours and the address that is registered with Intuit share their host: the one that is always right.
        "address": urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse(page)),
        "support_email": settings.SUPPORT_EMAIL,
        **said,
    }
    with timezone.override(supplier.zone):  # the moments of a mail are those of the supplier's pages
        subject = render_to_string(f"suppliers/email/{name}_subject.txt", context)
        body = render_to_string(f"suppliers/email/{name}_message.txt", context)
    for owner in owners.select_related("user"):
        outbox.write(
            key=f"suppliers.{name}:{occurrence}:{owner.user_id}",
            to=owner.user.email,
            subject=subject,
            body=body,
            supplier_id=supplier.pk,
        )
