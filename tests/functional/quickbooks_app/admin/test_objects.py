"""Staff see for every object and direction what is supported, what ran and what failed, and add pulls."""

import pytest
from django.test import Client

from infactor.users.models import User
from quickbooks_app.models import Connection, ObjectPull, Push
from quickbooks_app.objects.table import OBJECTS
from tests.support.admin_client import confirm, visible_text
from tests.support.factories.quickbooks import ConnectionFactory, create_document
from tests.support.factories.suppliers import UserFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(client: Client, staff: User) -> Connection:
    client.force_login(staff)
    made: Connection = ConnectionFactory(edition="QuickBooks Online Essentials", country="US")
    create_document(connection=made, entity="Vendor")
    ObjectPull.objects.create(connection=made, entity="Vendor", as_of=NOON)
    ObjectPull.objects.create(connection=made, entity="Bill", error="QuickBooks did not answer.")
    for state, error in (("done", ""), ("failed", "Another vendor has this name.")):
        Push.objects.create(
            connection=made,
            entity="Vendor",
            operation="create",
            state=state,
            error=error,
            requested_at=NOON,
            finished_at=NOON,
        )
    return made


def address_of(connection: Connection) -> str:
    return f"/admin/quickbooks_app/connection/{connection.pk}/objects/"


def test_every_object_says_what_is_supported_what_ran_and_what_failed(client: Client, connection: Connection) -> None:
    shown = visible_text(client.get(address_of(connection)))  # type: ignore[arg-type]
    assert [name for name in OBJECTS if f" {name} " not in shown] == []
    contra = "yes, on contra: what the supplier owes its buyers"
    assert f"Vendor {contra} 1 Nov 20, 2026, 12:00 UTC yes, 1 yes yes no Another vendor has this name." in shown
    assert f"Bill {contra} yes yes yes no QuickBooks did not answer." in shown
    assert "Invoice yes, with every import invoices yes yes yes yes" in shown
    assert "PurchaseOrder no, not in this edition proof of order on the page of an invoice no no no no" in shown
    assert "Account yes, off where and when a payment was banked yes yes yes no" in shown
    assert "Term yes, off raw store yes" in shown


def test_a_pull_is_added_and_another_dropped(client: Client, connection: Connection) -> None:
    assert confirm(client, address_of(connection), pulled="Account").status_code == 302
    enabled = dict(ObjectPull.objects.values_list("entity", "is_enabled"))
    assert enabled == {"Vendor": False, "Bill": False, "Account": True}
    assert confirm(client, address_of(connection), pulled="Unicorn").status_code == 200


def test_without_the_permission_the_page_is_closed(client: Client, connection: Connection) -> None:
    client.force_login(UserFactory(is_staff=True))
    assert client.get(address_of(connection)).status_code in (302, 403)
