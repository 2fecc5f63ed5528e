"""Reconnecting the same company takes two clicks; a different company needs confirmation and is never mixed in."""

import threading
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.invoices.models import CompanyFile, Invoice
from infactor.suppliers.models import Supplier
from quickbooks_app import tasks
from quickbooks_app.connections import authorization_flow
from quickbooks_app.models import Connection, ConsentAttempt, ImportRun
from quickbooks_app.sync import run_worker
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import MembershipFactory, UserFactory
from tests.support.processes.sandbox_company import MAIN_REALM, SECOND_REALM, Company, parts_of

pytestmark = pytest.mark.django_db
REVOKE = "/v2/oauth2/tokens/revoke"


@pytest.fixture
def held(member: Client, company: Company) -> Connection:
    """The main company, connected and imported."""
    answer = member.post("/quickbook/authorize", {"window": "page"})
    member.get(company.consent(answer["Location"]))
    run_worker.process_run(run_id=ImportRun.objects.get().pk, owner="me", now=timezone.now)
    return Connection.objects.get()


def reconnect(member: Client, company: Company, held: Connection, realm: str = MAIN_REALM) -> ConsentAttempt:
    """Press Reconnect at infactor and Connect at QuickBooks, and return the consent attempt."""
    answer = member.post(f"/quickbook/{held.public_id}/reconnect", {"window": "page"})
    back = member.get(company.consent(answer["Location"], realm=realm))
    return ConsentAttempt.objects.get(public_id=parts_of(back["Location"])["attempt"])


def lose(held: Connection, company: Company) -> None:
    """The supplier disconnects in QuickBooks, and the next import run finds out."""
    company.end_tokens("disconnect")
    run = ImportRun.objects.create(connection=held, kind="changes", not_before=timezone.now())
    run_worker.process_run(run_id=run.pk, owner="me", now=timezone.now)


def ask(held: Connection, member: Client, company: Company) -> ConsentAttempt:
    attempt = reconnect(member, company, held, SECOND_REALM)
    assert attempt.outcome == "other_pending"
    return attempt


def test_what_was_disconnected_in_quickbooks_is_seen_told_once_and_healed_in_two_clicks(
    member: Client, supplier: Supplier, company: Company, held: Connection
) -> None:
    MembershipFactory(supplier=supplier, role="finance")
    closed = MembershipFactory(supplier=supplier, user__is_active=False)
    lose(held, company)
    held.refresh_from_db()
    assert (held.status, held.access_token, held.refresh_token) == ("needs_attention", "", "")
    assert "QuickBooks" in held.status_reason
    (mail,) = OutgoingMail.objects.all()
    assert mail.to == held.connected_by.email != closed.user.email
    assert held.company_name in mail.subject
    assert "http://localhost:3000/quickbook/" in mail.body
    for address in ("/", "/invoices/", "/quickbook/", "/accounts/email/", "/companies/"):
        page = member.get(address).content.decode()
        assert "infactor can no longer read" in page, address
        assert f'action="/quickbook/{held.public_id}/reconnect"' in page, address
    before = Invoice.objects.count()
    assert reconnect(member, company, held).outcome == "connected"
    held.refresh_from_db()
    assert (held.status, held.status_reason, held.attention_emailed_at) == ("connected", "", None)
    assert "infactor can no longer read" not in member.get("/").content.decode()
    assert member.get("/quickbook/banner").content == b""
    run = ImportRun.objects.latest("pk")
    run_worker.process_run(run_id=run.pk, owner="me", now=timezone.now)
    assert Invoice.objects.count() == before
    assert Connection.objects.count() == CompanyFile.objects.count() == 1


def test_each_time_that_access_is_lost_is_told_anew(member: Client, company: Company, held: Connection) -> None:
    for _ in range(2):
        lose(held, company)
        held.refresh_from_db()
        authorization_flow.mark_needs_attention(connection=held, reason="again", at=timezone.now())
        assert reconnect(member, company, held).outcome == "connected"
        held.refresh_from_db()
        run_worker.process_run(run_id=ImportRun.objects.latest("pk").pk, owner="me", now=timezone.now)
    assert OutgoingMail.objects.count() == 2


@pytest.mark.parametrize("kind", ["server_error", "unavailable", "html", "throttled"])
def test_a_token_endpoint_in_trouble_is_no_lost_access(company: Company, held: Connection, kind: str) -> None:
    Connection.objects.update(access_token_expires_at=timezone.now())
    company.switch(kind, target="tokens")
    run = ImportRun.objects.create(connection=held, kind="changes", not_before=timezone.now())
    run_worker.process_run(run_id=run.pk, owner="me", now=timezone.now)
    held.refresh_from_db()
    assert (held.status, held.refresh_token != "") == ("connected", True)
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    ("away", "compared", "kind"),
    [(1, True, "changes"), (24, True, "changes"), (26, True, "reconcile"), (1, False, "reconcile")],
)
def test_how_much_is_read_again_depends_on_how_long_it_was_away(
    member: Client, company: Company, held: Connection, away: int, compared: bool, kind: str
) -> None:
    then = timezone.now() - timedelta(days=away)
    CompanyFile.objects.update(as_of=then)
    Connection.objects.update(reconciled_at=then if compared else None)
    reconnect(member, company, held)
    assert ImportRun.objects.latest("pk").kind == kind


def test_another_company_is_asked_about_and_nothing_is_connected_meanwhile(
    member: Client, company: Company, held: Connection
) -> None:
    before = Connection.objects.values().get()
    attempt = ask(held, member, company)
    assert Connection.objects.values().get() == before
    assert CompanyFile.objects.count() == 1
    page = member.get(f"/quickbook/connected?attempt={attempt.public_id}").content.decode()
    assert "Did you mean another company?" in page
    assert held.company_name in page
    assert "eyJ" not in page
    assert "You chose another company" in member.get("/quickbook/card").content.decode()
    secret = authorization_flow.Grant.from_text(attempt.pending_grant)
    with database.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM quickbooks_app_consentattempt t")
        dump = " ".join(row[0] for row in cursor.fetchall())
    for canary in (secret.tokens.access_token, secret.tokens.refresh_token, SECOND_REALM):
        assert canary not in dump
        assert canary not in repr(secret)


def test_another_company_that_was_meant_stands_beside_the_first(
    member: Client, supplier: Supplier, company: Company, held: Connection
) -> None:
    first = set(Invoice.objects.values_list("pk", "company_file"))
    attempt = ask(held, member, company)
    answer = member.post(f"/quickbook/other/{attempt.public_id}/connect")
    attempt.refresh_from_db()
    assert answer["Location"] == f"/quickbook/connected?attempt={attempt.public_id}"
    assert (attempt.outcome, attempt.pending_grant, attempt.pending_until) == ("connected", "", None)
    second = Connection.objects.get(realm_fingerprint=attempt.connection.realm_fingerprint)  # type: ignore[union-attr]
    assert (second.realm_id, second.supplier, second.company_file_id != held.company_file_id) == (
        SECOND_REALM,
        supplier,
        True,
    )
    run_worker.process_run(run_id=ImportRun.objects.latest("pk").pk, owner="me", now=timezone.now)
    assert first <= set(Invoice.objects.values_list("pk", "company_file"))
    assert Invoice.objects.filter(company_file=second.company_file).exists()
    again = member.post(f"/quickbook/other/{attempt.public_id}/connect", follow=True)
    assert "works once" in again.content.decode()
    assert Connection.objects.count() == 2


def test_another_company_that_was_not_meant_is_forgotten_and_its_grant_given_back(
    member: Client, company: Company, held: Connection
) -> None:
    attempt = ask(held, member, company)
    total = company.state()["calls_total"]
    page = member.post(f"/quickbook/other/{attempt.public_id}/decline", follow=True).content.decode()
    assert "Nothing was changed" in page
    assert f'action="/quickbook/{held.public_id}/reconnect"' in page
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.pending_grant, attempt.pending_until) == ("other_rejected", "", None)
    assert company.calls_since(total) == [REVOKE]
    assert Connection.objects.get() == held
    assert AuditEvent.objects.filter(event="quickbooks.other_company_rejected").count() == 1


def test_declining_a_company_that_is_connected_already_leaves_its_grant_alive(
    member: Client, company: Company, held: Connection
) -> None:
    answer = member.post("/quickbook/authorize", {"window": "page"})
    member.get(company.consent(answer["Location"], realm=SECOND_REALM))
    attempt = ask(held, member, company)
    total = company.state()["calls_total"]
    member.post(f"/quickbook/other/{attempt.public_id}/decline")
    assert company.calls_since(total) == []


def test_without_an_answer_in_ten_minutes_the_choice_is_erased(
    member: Client, company: Company, held: Connection
) -> None:
    attempt = ask(held, member, company)
    tasks.expire_pending_choices()
    attempt.refresh_from_db()
    assert attempt.pending_grant
    assert attempt.pending_until is not None
    assert timedelta(0) < attempt.pending_until - timezone.now() <= timedelta(minutes=10)
    ConsentAttempt.objects.filter(pk=attempt.pk).update(pending_until=timezone.now())
    assert "The attempt expired" in member.get(f"/quickbook/connected?attempt={attempt.public_id}").content.decode()
    tasks.expire_pending_choices()
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.pending_grant, attempt.pending_until) == ("expired", "", None)


def test_an_answer_that_comes_too_late_connects_nothing(member: Client, company: Company, held: Connection) -> None:
    attempt = ask(held, member, company)
    ConsentAttempt.objects.filter(pk=attempt.pk).update(pending_until=timezone.now())
    member.post(f"/quickbook/other/{attempt.public_id}/connect")
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.pending_grant) == ("expired", "")
    assert Connection.objects.count() == 1


@pytest.mark.parametrize("answer", ["connect", "decline"])
def test_nobody_else_can_answer_nor_see_what_is_asked(
    member: Client, supplier: Supplier, company: Company, held: Connection, answer: str
) -> None:
    attempt = ask(held, member, company)
    for other in (MembershipFactory(supplier=supplier).user, MembershipFactory().user):
        stranger = Client()
        stranger.force_login(other)
        stranger.post(f"/quickbook/other/{attempt.public_id}/{answer}")
        assert "Did you mean" not in stranger.get(f"/quickbook/connected?attempt={attempt.public_id}").content.decode()
    attempt.refresh_from_db()
    assert attempt.outcome == "other_pending"


def test_who_left_the_company_meanwhile_connects_nothing_to_it(
    member: Client, supplier: Supplier, company: Company, held: Connection
) -> None:
    attempt = ask(held, member, company)
    supplier.memberships.all().delete()
    member.post(f"/quickbook/other/{attempt.public_id}/connect")
    assert Connection.objects.count() == 1


def test_another_suppliers_company_is_refused_without_being_asked_about(
    member: Client, supplier: Supplier, company: Company, held: Connection
) -> None:
    Connection.objects.filter(pk=held.pk).update(supplier=MembershipFactory().supplier)
    mine = ConnectionFactory(company_file__supplier=supplier, realm_id="1")
    assert reconnect(member, company, mine).outcome == "realm_taken"


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_connect_one_company(member: Client, company: Company, held: Connection) -> None:
    attempt = ask(held, member, company)
    start, ended = threading.Barrier(4), []

    def answer() -> None:
        try:
            start.wait()
            authorization_flow.confirm_other_company(user=attempt.user, attempt_id=attempt.public_id, at=timezone.now())
            ended.append("connected")
        except authorization_flow.InvalidState:
            ended.append("refused")
        finally:
            database.close()

    threads = [threading.Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["connected", "refused", "refused", "refused"]
    assert Connection.objects.count() == 2


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_suppliers_connection_cannot_be_reconnected(member: Client, method: str) -> None:
    other = ConnectionFactory()
    answer = getattr(member, method)(f"/quickbook/{other.public_id}/reconnect")
    assert answer.status_code == (404 if method == "post" else 405)
    assert not ConsentAttempt.objects.exists()


def test_a_page_of_before_a_switch_of_company_connects_nothing_to_the_other(
    member: Client, supplier: Supplier, company: Company
) -> None:
    other = MembershipFactory(supplier__name="Second", user=supplier.members.get()).supplier
    member.post(f"/companies/{other.public_id}/choose")
    page = member.post("/quickbook/authorize", {"supplier": supplier.public_id}, follow=True).content.decode()
    assert "You now act for Second." in page
    assert not ConsentAttempt.objects.exists()


def test_a_person_without_a_company_is_refused(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.post("/quickbook/authorize").status_code == 403
