"""The connection page tells a supplier what is wrong, since when, what was read, and what to do."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from infactor.suppliers.models import Supplier
from quickbooks_app.models import ApiCall, Connection, ImportRun, Inbox, RateLimitState
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory
from tests.support.factories.suppliers import InvoiceFactory, MembershipFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def connection(supplier: Supplier) -> Connection:
    made: Connection = ConnectionFactory(company_file__supplier=supplier, company_name="Larkspur Books")
    return made


def read(connection: Connection, *, ago: timedelta = HOUR, **how: Any) -> ImportRun:
    """A successful import run that ended `ago`."""
    ended = timezone.now() - ago
    connection.company_file.as_of = ended
    connection.company_file.save()
    state = {"state": "succeeded", "stage": "done", "started_at": ended, "finished_at": ended, **how}
    made: ImportRun = RunFactory(connection=connection, **state)
    return made


def shown(member: Client, address: str = "/quickbook/") -> str:
    return " ".join(member.get(address).content.decode().split())


def test_the_last_good_reading_says_what_came_in(member: Client, connection: Connection) -> None:
    run = read(
        connection,
        invoices_seen=1240,
        invoices_new=3,
        invoices_changed=12,
        invoices_deleted=2,
        payments_seen=7,
        credit_memos_seen=1,
    )
    page = shown(member)
    assert "1,240 invoices checked: 3 new, 12 updated, 2 deleted. Also 7 payments, 1 credit memo" in page
    assert f'href="/quickbook/runs/{run.public_id}"' in page
    assert "More than a day old" not in page
    assert "3 new, 12 updated, 2 deleted" in shown(member, "/quickbook/card")


@pytest.mark.parametrize(("ago", "is_stale"), [(23 * HOUR, False), (25 * HOUR, True)])
def test_books_older_than_a_day_are_marked_plainly(
    member: Client, connection: Connection, ago: timedelta, is_stale: bool
) -> None:
    read(connection, ago=ago)
    for address in ("/quickbook/", "/quickbook/card"):
        page = shown(member, address)
        assert ("More than a day old" in page) is is_stale
        assert "Last synced" in page


def test_a_failure_after_a_good_reading_leaves_both_to_be_seen_with_a_next_step(
    member: Client, connection: Connection
) -> None:
    read(connection, invoices_seen=5)
    RunFactory(
        connection=connection,
        state="failed",
        finished_at=timezone.now(),
        error="QuickBooks did not answer.",
        error_code="timeout",
    )
    page = shown(member)
    assert "The last sync did not finish." in page
    assert "QuickBooks did not answer. You do not need to do anything: infactor will try again automatically." in page
    assert "Last successful sync" in page


@pytest.mark.parametrize(
    ("code", "step"),
    [
        ("6190", "Renew the subscription in QuickBooks, then press Reconnect here."),
        ("3100", "Press Reconnect, then Connect at QuickBooks, as an administrator there."),
        ("invalid_grant", "Press Reconnect, then Connect at QuickBooks, as an administrator there."),
        ("", "Press Reconnect, then Connect at QuickBooks, as an administrator there."),
    ],
)
def test_a_connection_that_needs_attention_says_what_to_do(
    member: Client, connection: Connection, code: str, step: str
) -> None:
    RunFactory(connection=connection, state="failed", finished_at=timezone.now(), error="No.", error_code=code)
    Connection.objects.update(status="needs_attention", status_reason="It was ended.", access_token="")
    page = shown(member)
    assert f"It was ended. {step} Nothing is lost." in page
    assert f'action="/quickbook/{connection.public_id}/reconnect"' in page


def test_a_pause_after_failures_is_told_with_its_end(member: Client, connection: Connection) -> None:
    now = timezone.now()
    RateLimitState.objects.create(connection=connection, failures=5, failing_since=now - HOUR, open_until=now + HOUR)
    page = shown(member)
    assert "in a row since" in page
    assert "infactor will try again at" in page
    RateLimitState.objects.update(open_until=timezone.now() - HOUR)
    assert "infactor will try again at" not in shown(member)


def test_an_end_that_comes_near_is_told_above_every_page_and_can_be_renewed(
    member: Client, connection: Connection
) -> None:
    ends = timezone.now() + timedelta(days=10)
    Connection.objects.update(refresh_token_expires_at=ends, expiry_warned_at=timezone.now())
    for address in ("/", "/invoices/", "/quickbook/"):
        page = shown(member, address)
        assert "permission for" in page, address
        assert f'action="/quickbook/{connection.public_id}/reconnect"' in page, address
    Connection.objects.update(refresh_token_expires_at=ends + timedelta(days=90))
    assert "permission for" not in shown(member, "/")


def test_nobody_sees_the_banner_of_another_supplier(member: Client, client: Client) -> None:
    ConnectionFactory(status="needs_attention", access_token="", status_reason="Canary.")
    for address in ("/", "/quickbook/", "/quickbook/banner", "/quickbook/card"):
        assert "Canary." not in shown(member, address)


def test_a_company_that_was_given_free_says_that_its_invoices_stay(member: Client, connection: Connection) -> None:
    Connection.objects.update(status="released", access_token="", refresh_token="", realm_id="", realm_fingerprint=None)
    page = shown(member)
    assert "Its invoices stay in infactor but are not updated." in page
    assert f"/quickbook/{connection.public_id}/" not in page
    assert member.post(f"/quickbook/{connection.public_id}/reconnect").status_code == 404


def test_several_companies_stand_in_one_list_each_with_its_own_end(member: Client, connection: Connection) -> None:
    second = ConnectionFactory(company_file__supplier=connection.supplier, company_name="Second Books")
    page = shown(member)
    for one in (connection, second):
        assert f'href="/quickbook/{one.public_id}/disconnect"' in page
        assert one.company_name in page
    assert "Connect another company" in page
    assert f'name="supplier" value="{connection.supplier.public_id}"' in page


def test_a_reading_is_told_step_by_step_with_intuits_reference(member: Client, connection: Connection) -> None:
    run = read(connection, invoices_seen=2, api_calls=3, kind="changes", trigger="schedule")
    at = run.finished_at
    for call in (
        {"operation": "query", "entity": "Customer", "status": 200, "duration_ms": 120, "size": 2048},
        {"operation": "query", "entity": "Invoice", "status": 429, "error_code": "3001", "duration_ms": 30},
        {"operation": "query", "entity": "Invoice", "status": None, "error_code": "timeout", "duration_ms": 60000},
    ):
        ApiCall.objects.create(connection=connection, run=run, at=at, intuit_tid="1-tid-42", **call)
    page = shown(member, f"/quickbook/runs/{run.public_id}")
    steps = ["Requested by the schedule", "Started", "Read a page of customers", "Read a page of invoices", "Finished"]
    places = [page.index(step) for step in steps]
    assert places == sorted(places)
    assert "QuickBooks asked infactor to wait" in page
    assert "QuickBooks did not answer" in page
    assert page.count("1-tid-42") == 3
    assert "60,000 ms" in page


def test_calls_of_another_reading_are_not_among_its_steps(member: Client, connection: Connection) -> None:
    run = read(connection)
    other = read(connection)
    ApiCall.objects.create(
        connection=connection, run=other, at=timezone.now(), operation="read", entity="Canary", duration_ms=1
    )
    assert "Canary" not in shown(member, f"/quickbook/runs/{run.public_id}")


@pytest.mark.parametrize("what", ["runs/{run}", "{connection}/disconnect"])
def test_another_suppliers_page_is_not_there(member: Client, connection: Connection, what: str) -> None:
    run = read(ConnectionFactory(company_file__supplier=MembershipFactory().supplier))
    address = "/quickbook/" + what.format(run=run.public_id, connection=run.connection.public_id)
    assert member.get(address).status_code == 404


def test_the_card_says_that_something_came_in_by_a_webhook(member: Client, connection: Connection) -> None:
    read(connection)
    Inbox.objects.create(connection=connection)
    address = "/quickbook/card"
    first = member.get(address).content.decode()
    seen = first.partition("?since=")[2].partition('"')[0]
    assert "HX-Trigger" not in member.get(f"{address}?since={seen}")
    Inbox.objects.update(changed_at=timezone.now())
    assert member.get(f"{address}?since={seen}")["HX-Trigger"] == "books-changed"


def test_the_page_takes_no_more_queries_for_many_readings(
    member: Client, connection: Connection, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        read(connection, invoices_new=number)
    InvoiceFactory(supplier=connection.supplier)
    with django_assert_max_num_queries(15):
        member.get("/quickbook/")
