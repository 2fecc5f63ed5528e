"""An open page is notified of new imports of its own supplier, and of no other."""

import pytest
from django.test import Client
from django.utils import timezone

from quickbooks_app.models import Connection, ImportRun, Inbox
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory
from tests.support.factories.suppliers import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(client: Client) -> Connection:
    connection: Connection = ConnectionFactory()
    client.force_login(MembershipFactory(supplier=connection.supplier).user)
    return connection


def look(client: Client, address: str) -> tuple[bool, str]:
    """Whether the page is notified of new data, and the address that it polls next."""
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.headers.get("HX-Trigger") == "books-changed", answer.text.split('hx-get="')[1].split('"')[0]


def test_the_list_of_invoices_takes_its_own_pulse(client: Client, known: Connection) -> None:
    told, again = look(client, "/quickbook/pulse")
    assert not told
    assert again.startswith("/quickbook/pulse?since=")
    assert look(client, again) == (False, again)


def test_a_webhook_and_a_run_that_brought_something_are_told_once_each(client: Client, known: Connection) -> None:
    _, again = look(client, "/quickbook/pulse")
    Inbox.objects.create(connection=known, changed_at=timezone.now())
    told, again = look(client, again)
    assert told
    run = RunFactory(connection=known)
    _, again = look(client, again)
    ImportRun.objects.filter(pk=run.pk).update(invoices_changed=3)
    told, again = look(client, again)
    assert told
    assert look(client, again) == (False, again)


def test_what_happens_in_other_books_is_not_told(client: Client, known: Connection) -> None:
    _, again = look(client, "/quickbook/pulse")
    Inbox.objects.create(connection=ConnectionFactory(), changed_at=timezone.now())
    assert look(client, again) == (False, again)
