"""Staff see all connections, find what fails and why, and release a company with a reason."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.invoices.models import Invoice
from infactor.users.models import User
from quickbooks_app.models import ApiCall, Connection, Document, RateLimitState
from tests.support.admin_client import confirm
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory, create_document
from tests.support.factories.suppliers import BuyerFactory, InvoiceFactory, UserFactory

pytestmark = pytest.mark.django_db
REASON = "The owner sold the company; the buyer of it is a supplier, too."
OVERVIEW = "/admin/quickbooks_app/connection/overview/"


@pytest.fixture
def staff_member(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


@pytest.fixture
def ended() -> Connection:
    """A company that its supplier has disconnected, with three invoices."""
    made: Connection = ConnectionFactory(status="disconnected", access_token="", refresh_token="")
    buyer = BuyerFactory(company_file=made.company_file)
    InvoiceFactory.create_batch(3, buyer=buyer)
    create_document(connection=made)
    return made


def release_of(connection: Connection) -> str:
    return f"/admin/quickbooks_app/connection/{connection.pk}/release/"


def page_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_the_list_shows_age_failures_and_pauses(staff_member: Client) -> None:
    connection = ConnectionFactory(company_file__as_of=timezone.now() - timedelta(hours=30))
    RateLimitState.objects.create(connection=connection, failures=7, open_until=timezone.now() + timedelta(minutes=10))
    ConnectionFactory(company_file__as_of=timezone.now() - timedelta(hours=2))
    page = page_of(staff_member, "/admin/quickbooks_app/connection/")
    assert "more than a day old: 1 day, 6 hours" in page
    assert "2 hours" in page
    assert '<td class="field-failures">7</td>' in page


def test_a_connection_leads_to_all_of_its_records(staff_member: Client) -> None:
    connection = ConnectionFactory(company_file__as_of=datetime(2026, 11, 20, 9, 5, tzinfo=UTC))
    page = page_of(staff_member, f"/admin/quickbooks_app/connection/{connection.pk}/change/")
    assert "Nov 20, 2026, 09:05 UTC" in page
    for name in ("objectpull", "push", "bookkeepingentry", "bookkeepingcomparison", "apicall"):
        records = f"/admin/quickbooks_app/{name}/?connection__id__exact={connection.pk}"
        assert f'href="{records}"' in page
        assert staff_member.get(records).status_code == 200, name


def test_failures_are_grouped_by_cause_and_lead_to_the_calls_with_intuits_ids(staff_member: Client) -> None:
    connections = ConnectionFactory.create_batch(2)
    now = timezone.now()
    for number in range(5):
        ApiCall.objects.create(
            connection=connections[number % 2],
            at=now,
            operation="query",
            status=429,
            error_code="3001",
            duration_ms=1,
            intuit_tid=f"1-tid-{number}",
        )
    ApiCall.objects.create(connection=connections[0], at=now, operation="query", status=200, duration_ms=1)
    RunFactory(
        connection=connections[0], state="failed", finished_at=now, error="No access.", error_code="invalid_grant"
    )
    assert OVERVIEW in page_of(staff_member, "/admin/")
    page = page_of(staff_member, OVERVIEW)
    assert "QuickBooks asked infactor to wait" in page
    assert "<td>429</td><td>5</td><td>2</td>" in page
    assert "QuickBooks does not allow access" in page
    listed = page_of(staff_member, "/admin/quickbooks_app/apicall/?error_code__exact=3001&status__exact=429")
    assert all(f"1-tid-{number}" in listed for number in range(5))


def test_a_runs_page_shows_its_requests_and_no_others(staff_member: Client) -> None:
    run, other = RunFactory(), RunFactory()
    for one, tid in ((run, "1-mine"), (other, "1-other")):
        ApiCall.objects.create(
            connection=one.connection,
            run=one,
            at=timezone.now(),
            operation="query",
            status=500,
            duration_ms=1,
            intuit_tid=tid,
        )
    page = page_of(staff_member, f"/admin/quickbooks_app/importrun/{run.pk}/change/")
    assert "1-mine" in page
    assert "1-other" not in page
    assert 'name="_save"' not in page


def test_no_page_of_staff_holds_a_token_or_a_companys_id(staff_member: Client) -> None:
    connection = ConnectionFactory()
    page = page_of(staff_member, f"/admin/quickbooks_app/connection/{connection.pk}/change/")
    listed = page_of(staff_member, "/admin/quickbooks_app/connection/")
    for secret in (connection.access_token, connection.refresh_token, connection.realm_id):
        assert secret not in page + listed


def test_giving_a_company_free_asks_with_the_figures_and_keeps_every_invoice(
    staff_member: Client, staff: User, ended: Connection
) -> None:
    detail = page_of(staff_member, f"/admin/quickbooks_app/connection/{ended.pk}/change/")
    assert release_of(ended) in detail
    asked = page_of(staff_member, release_of(ended))
    assert 'Invoices that stay</th><td><bdi><span class="figure">3<' in asked
    before = list(Invoice.objects.order_by("pk").values())
    answer = staff_member.get(confirm(staff_member, release_of(ended), reason=REASON)["Location"])
    assert "is released. Its invoices stay with its supplier." in answer.content.decode()
    row = Connection.objects.get()
    assert (row.status, row.realm_id, row.realm_fingerprint) == ("released", "", None)
    assert row.company_name == ended.company_name
    assert list(Invoice.objects.order_by("pk").values()) == before
    assert Document.objects.count() == 1
    event = AuditEvent.objects.get(event="connection.status")
    assert (event.reason, event.actor_id, event.supplier_id) == (REASON, staff.pk, ended.supplier_id)


def test_a_company_that_was_given_free_can_be_connected_by_another_supplier(
    staff_member: Client, ended: Connection
) -> None:
    confirm(staff_member, release_of(ended), reason=REASON)
    again = ConnectionFactory(realm_id=ended.realm_id)
    assert again.supplier_id != ended.supplier_id
    assert Connection.objects.count() == 2


@pytest.mark.parametrize("status", ["connected", "needs_attention", "released"])
def test_what_lives_or_is_free_already_is_not_given_free(staff_member: Client, status: str) -> None:
    gone = {"realm_id": "", "realm_fingerprint": None} if status == "released" else {}
    connection = ConnectionFactory(status=status, access_token="", refresh_token="", **gone)
    assert release_of(connection) not in page_of(
        staff_member, f"/admin/quickbooks_app/connection/{connection.pk}/change/"
    )
    answer = staff_member.post(release_of(connection), {"reason": REASON}, follow=True)
    assert "Only a disconnected company can be released." in answer.content.decode()
    assert Connection.objects.get().status == status
    assert not AuditEvent.objects.filter(event="connection.status").exists()


@pytest.mark.parametrize("reason", ["", "    ", "short", "x" * 501])
def test_without_a_reason_nothing_is_given_free(staff_member: Client, ended: Connection, reason: str) -> None:
    assert staff_member.post(release_of(ended), {"reason": reason}).status_code == 200
    assert Connection.objects.get().status == "disconnected"


@pytest.mark.parametrize("address", ["overview", "release"])
def test_staff_without_the_permission_are_refused(client: Client, ended: Connection, address: str) -> None:
    client.force_login(UserFactory(is_staff=True))
    where = OVERVIEW if address == "overview" else release_of(ended)
    assert client.get(where).status_code == 403
    assert client.post(release_of(ended), {"reason": REASON}).status_code == 403
    assert Connection.objects.get().status == "disconnected"


def test_staff_who_may_only_look_see_the_overview_but_give_nothing_free(client: Client, ended: Connection) -> None:
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_connection"))
    client.force_login(looker)
    assert client.get(OVERVIEW).status_code == 200
    assert release_of(ended) not in page_of(client, f"/admin/quickbooks_app/connection/{ended.pk}/change/")
    assert client.post(release_of(ended), {"reason": REASON}).status_code == 403


def test_a_connection_that_is_not_there_is_not_found(staff_member: Client) -> None:
    assert staff_member.get("/admin/quickbooks_app/connection/999999/release/").status_code == 404
