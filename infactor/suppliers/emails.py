"""Emails about decisions on an application, changes of bank accounts, and the people who act for a supplier."""

from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from infactor.core import languages
from infactor.core.email import outbox
from infactor.core.translatable import Text
from infactor.suppliers import notifications
from infactor.suppliers.models import (
    AcceptanceRule,
    AccountClosing,
    Application,
    BankAccount,
    Invitation,
    Membership,
    NotificationKind,
    Supplier,
)
from infactor.users.models import User
from infactor.users.security import account_changes

LEGAL_PAGES = ("dashboard:application", "dashboard:leave")


def application_decided(*, application: Application, at: datetime) -> None:
    """The application was approved, put on hold or refused. Sent once for each decision."""
    _enqueue(
        application.supplier,
        name=f"application_{application.status}",
        occurrence=f"{application.pk}:{_moment(at)}",
        page="dashboard:application",
        at=at,
        application=application,
        is_payable=BankAccount.objects.filter(
            supplier=application.supplier_id, status=BankAccount.Status.IN_USE
        ).exists(),
    )


def account_added(*, account: BankAccount, replaces: BankAccount | None) -> None:
    """An account was added. An owner who did not expect it can still stop it."""
    _account_email(account, name="account_added", at=account.added_at, replaces=replaces)


def account_confirmed(*, account: BankAccount, at: datetime) -> None:
    """An account was confirmed, perhaps not for the first time: payouts go to it from now on."""
    _account_email(account, name="account_confirmed", at=at, occurrence=f"{account.pk}:{_moment(at)}")


def micro_deposits_sent(*, account: BankAccount, occurrence: str, at: datetime) -> None:
    """Two small amounts go to the account; an owner enters them once they have arrived."""
    _account_email(account, name="micro_deposits_sent", at=at, occurrence=occurrence)


def account_suspended(*, account: BankAccount, at: datetime) -> None:
    """The bank returned a payout: nothing goes to the account until it is confirmed anew. To owners and to staff."""
    occurrence = f"{account.pk}:{_moment(at)}"
    _account_email(account, name="account_suspended", at=at, occurrence=occurrence)
    page = reverse("admin:suppliers_bankaccount_change", args=[account.pk])
    host = f"https://{settings.ADMIN_HOST}" if settings.ADMIN_HOST else settings.QUICKBOOKS_REDIRECT_URI
    values = {"account": account, "supplier": account.supplier, "address": urljoin(host, page)}
    permission = "confirm_bank_account"
    may_confirm = Q(groups__permissions__codename=permission) | Q(user_permissions__codename=permission)
    for member in User.objects.filter(may_confirm, is_active=True, is_staff=True).distinct():
        with languages.writing_in(member.language):
            subject, body = _rendered("staff_account_suspended", values)
            outbox.enqueue(
                key=f"suppliers.staff_account_suspended:{occurrence}:{member.pk}",
                to=member.email,
                subject=subject,
                body=body,
                supplier_id=account.supplier_id,
            )


def account_refused(*, account: BankAccount) -> None:
    """Staff refused the account, or an owner withdrew it: payouts go to the same account as before."""
    _account_email(account, name="account_refused", at=account.refused_at or account.added_at)


def _account_email(account: BankAccount, *, name: str, at: datetime, occurrence: str = "", **extra: object) -> None:
    _enqueue(
        account.supplier,
        name=name,
        occurrence=occurrence or str(account.pk),
        page="dashboard:bank",
        at=at,
        account=account,
        **extra,
    )


def invitation(*, invitation: Invitation, token: str) -> None:
    """To the person who is invited. Its text is erased once sent: whoever reads the link may join."""
    values = {
        "invitation": invitation,
        "supplier": invitation.supplier,
        "address": urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse("dashboard:invitation", args=[token])),
        "support_email": settings.SUPPORT_EMAIL,
    }
    # Their own language, if they act for another company already; else that of who invites them.
    language = User.objects.filter(email__iexact=invitation.email).values_list("language", flat=True).first()
    with languages.writing_in(language or languages.current()):
        with timezone.override(invitation.supplier.zone):
            subject, body = _rendered("invitation", values)
        outbox.enqueue(
            key=f"{_invitation_key(invitation)}{invitation.times_sent}",
            to=invitation.email,
            subject=subject,
            body=body,
            supplier_id=invitation.supplier_id,
            erase_body_once_sent=True,
        )


def withdraw_invitation(*, invitation: Invitation) -> None:
    """Its link has ended, so what is not sent yet is not sent."""
    outbox.withdraw(key_prefix=_invitation_key(invitation))


def person_invited(*, invitation: Invitation, by: User, at: datetime) -> None:
    _people_email(
        invitation.supplier, "person_invited", f"{invitation.pk}", at=at, email=invitation.email, by=by, row=invitation
    )


def person_joined(*, membership: Membership, at: datetime) -> None:
    _people_email(
        membership.supplier, "person_joined", f"{membership.pk}", at=at, email=membership.user.email, row=membership
    )


def role_changed(*, membership: Membership, before: Text, by: User, at: datetime) -> None:
    """To the owners, and to the person."""
    extra = {"email": membership.user.email, "before": before, "by": by, "row": membership}
    _people_email(membership.supplier, "role_changed", f"{membership.pk}:{_moment(at)}", at=at, **extra)
    _to_person(membership, "your_role_changed", at=at, **extra)


def member_removed(*, membership: Membership, by: User, at: datetime) -> None:
    """To the owners, and to the person."""
    extra = {"email": membership.user.email, "by": by, "row": membership, "own": by.pk == membership.user_id}
    _people_email(membership.supplier, "person_removed", f"{membership.pk}", at=at, **extra)
    _to_person(membership, "you_were_removed", at=at, **extra)


def closing_changed(*, closing: AccountClosing, name: str, at: datetime) -> None:
    """The account is to be closed, or is not, or is: as `name` says, which is that of the texts."""
    _enqueue(closing.supplier, name=name, occurrence=f"{closing.pk}", page="dashboard:leave", at=at, closing=closing)


def acceptance_rule_changed(*, rule: AcceptanceRule, event: str, by: User, at: datetime) -> None:
    """Two people accept offers, or somebody asks that one be enough, or it is so: `event` says which."""
    values = {"event": event, "by": by, "row": rule}
    occurrence = f"{rule.pk}:{_moment(at)}"
    _enqueue(rule.supplier, name="acceptance_rule", occurrence=occurrence, page="dashboard:two_people", at=at, **values)


def _people_email(supplier: Supplier, name: str, occurrence: str, *, at: datetime, **extra: object) -> None:
    _enqueue(supplier, name=name, occurrence=occurrence, page="dashboard:people", at=at, **extra)


def _to_person(membership: Membership, name: str, *, at: datetime, **extra: object) -> None:
    """To somebody who is no owner, and so hears of it in no other way."""
    if membership.role == Membership.Role.OWNER:
        return
    values = {"supplier": membership.supplier, "support_email": settings.SUPPORT_EMAIL, **extra}
    with languages.writing_in(membership.user.language):
        subject, body = _rendered(name, values)
        outbox.enqueue(
            key=f"suppliers.{name}:{membership.pk}:{_moment(at)}",
            to=membership.user.email,
            subject=subject,
            body=body,
            supplier_id=membership.supplier_id,
        )


def _enqueue(supplier: Supplier, *, name: str, occurrence: str, page: str, at: datetime, **extra: object) -> None:
    event = notifications.from_templates(
        supplier_id=supplier.pk,
        kind=NotificationKind.LEGAL if page in LEGAL_PAGES else NotificationKind.SECURITY,
        key=f"suppliers.{name}:{occurrence}",
        path=reverse(page),
        template=f"suppliers/email/{name}",
        context=extra,
        # Who has taken an account over has changed its address: the former one hears of it, too.
        also_to=lambda user: account_changes.former_addresses(user=user, at=at),
    )
    notifications.notify(event, at=at)


def _rendered(name: str, values: dict[str, object]) -> tuple[str, str]:
    """Subject and body."""
    return (
        render_to_string(f"suppliers/email/{name}_subject.txt", values),
        render_to_string(f"suppliers/email/{name}_message.txt", values),
    )


def _invitation_key(invitation: Invitation) -> str:
    return f"suppliers.invitation:{invitation.pk}:"


def _moment(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S.%f}"
