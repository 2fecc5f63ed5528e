"""What has been kept long enough is deleted by the clock, and nothing else is."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from infactor.core import bulk
from infactor.core.email import outbox
from infactor.core.models import OutgoingMail
from infactor.core.privacy import retention
from infactor.core.tasks import expire_mails_and_sessions
from infactor.suppliers import unconfirmed_signups
from infactor.suppliers.models import Supplier
from infactor.suppliers.signup import open_account
from infactor.users.models import User
from quickbooks_app import retention as books_retention
from quickbooks_app.auth import integrations
from quickbooks_app.models import ConsentAttempt, Document
from tests.support.factories.quickbooks import ConnectionFactory, create_document
from tests.support.factories.suppliers import MembershipFactory, UserFactory
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def mail(key: str, *, days: int, is_sent: bool = True) -> None:
    outbox.enqueue(key=key, to="a@x.example", subject="Your link", body="https://x.example/buyer/secret/")
    then = timezone.now() - timedelta(days=days)
    OutgoingMail.objects.filter(key=key).update(created_at=then, sent_at=then if is_sent else None)


def test_texts_of_mails_go_first_and_mails_later_but_not_those_that_wait(monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk, "DELETED_AT_ONCE", 1)  # several batches
    for key, days in (("new", 29), ("emptied", 31), ("emptied too", 40), ("gone", 366)):
        mail(key, days=days)
    mail("waiting", days=400, is_sent=False)
    expire_mails_and_sessions()
    left = {one.key: one.body for one in OutgoingMail.objects.all()}
    assert set(left) == {"new", "emptied", "emptied too", "waiting"}
    assert {key for key, body in left.items() if "secret" in body} == {"new", "waiting"}
    assert OutgoingMail.objects.get(key="emptied").subject == "(text deleted after 30 days)"
    assert left["emptied"] == ""
    assert retention.expire_mails(at=timezone.now()) == (0, 0)


def test_ended_sessions_are_deleted_and_open_ones_stay(client: Client) -> None:
    client.force_login(UserFactory())
    ended = Session.objects.create(session_key="ended", session_data="", expire_date=timezone.now())
    expire_mails_and_sessions()
    assert not Session.objects.filter(pk=ended.pk).exists()
    assert client.get("/accounts/email/").status_code == 200


def sign_up(email: str, *, days: int, is_confirmed: bool) -> User:
    user: User = UserFactory(email=email)
    User.objects.filter(pk=user.pk).update(date_joined=timezone.now() - timedelta(days=days))
    EmailAddress.objects.filter(user=user).update(verified=is_confirmed)
    open_account(user=user, company_name=email, at=timezone.now())
    return user


def test_a_signup_that_was_never_confirmed_goes_with_its_company_and_others_stay() -> None:
    sign_up("forgotten@x.example", days=15, is_confirmed=False)
    sign_up("fresh@x.example", days=13, is_confirmed=False)
    sign_up("confirmed@x.example", days=99, is_confirmed=True)
    signed_in = sign_up("signed-in@x.example", days=99, is_confirmed=False)
    User.objects.filter(pk=signed_in.pk).update(last_login=timezone.now())
    colleague = sign_up("colleague@x.example", days=99, is_confirmed=False)
    shared = Supplier.objects.get(name="colleague@x.example")
    MembershipFactory(supplier=shared, user=signed_in)

    assert unconfirmed_signups.delete_expired(at=timezone.now()) == 2
    assert not User.objects.filter(pk=colleague.pk).exists()
    assert set(Supplier.objects.values_list("name", flat=True)) == {
        "fresh@x.example",
        "confirmed@x.example",
        "signed-in@x.example",
        "colleague@x.example",
    }


def test_documents_of_ended_connections_and_old_attempts_are_deleted() -> None:
    now = timezone.now()
    ended = {"status": "disconnected", "access_token": "", "refresh_token": ""}
    old = ConnectionFactory(disconnected_at=now - timedelta(days=366), **ended)
    recent = ConnectionFactory(disconnected_at=now - timedelta(days=364), **ended)
    connected = ConnectionFactory()
    for books in (old, recent, connected):
        create_document(connection=books, at=now)
    for digest, days in (("old", 91), ("new", 89)):
        attempt = ConsentAttempt.objects.create(
            state_digest=digest,
            user=old.connected_by,
            supplier=old.supplier,
            integration=integrations.from_settings(),
            environment="local",
            expires_at=now,
        )
        ConsentAttempt.objects.filter(pk=attempt.pk).update(created_at=now - timedelta(days=days))
    deleted = books_retention.delete_expired(at=now)
    assert (deleted.attempts, deleted.documents) == (1, 1)
    assert set(Document.objects.values_list("connection", flat=True)) == {recent.pk, connected.pk}
    assert ConsentAttempt.objects.get().state_digest == "new"


def test_documents_of_financed_invoices_are_kept_longer_after_the_end(scenario: Scenario, settings: Any) -> None:
    invoice = scenario.invoice(scenario.buyer())
    scenario.funded(invoice)
    now = timezone.now()
    ended = {"status": "disconnected", "access_token": "", "refresh_token": ""}
    books = ConnectionFactory(
        company_file=scenario.books, supplier=scenario.supplier, disconnected_at=now - timedelta(days=400), **ended
    )
    for qbk_id in (invoice.qbk_invoice_id, "another"):
        create_document(connection=books, qbk_id=qbk_id, at=now)
    books_retention.delete_expired(at=now)
    assert Document.objects.get().qbk_id == invoice.qbk_invoice_id
    books_retention.delete_expired(at=now + settings.KEEP_FINANCED_VERSIONS)
    assert not Document.objects.exists()


def test_every_retention_is_run_by_beat() -> None:
    tasks = {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    assert {
        "infactor.core.tasks.expire_mails_and_sessions",
        "infactor.suppliers.tasks.delete_unconfirmed_signups",
        "quickbooks_app.tasks.delete_expired_history",
        "quickbooks_app.tasks.delete_expired_webhooks",
    } <= tasks
