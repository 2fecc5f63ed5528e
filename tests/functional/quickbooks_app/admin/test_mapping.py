"""Staff try a changed mapping on real documents before they save it, and go back to an earlier one."""

import pytest
from django.test import Client
from django.utils import timezone

from infactor.users.models import User
from quickbooks_app.mapping import versions
from quickbooks_app.mapping.overrides import Override
from quickbooks_app.models import Connection, MappingVersion
from tests.support.admin_client import confirm, preview, preview_and_confirm, visible_text
from tests.support.factories.integrations import of_settings
from tests.support.factories.quickbooks import ConnectionFactory, create_document
from tests.support.factories.suppliers import UserFactory
from tests.support.payloads import invoice

pytestmark = pytest.mark.django_db
REASON = "Their purchase order number is in the crew field."


@pytest.fixture
def connection(client: Client, staff: User) -> Connection:
    """A live company of which one invoice has the custom field and one has not, beside a test company."""
    client.force_login(staff)
    made: Connection = ConnectionFactory(integration=of_settings("production"))
    create_document(connection=made, qbk_id="1", raw=invoice("1"))
    create_document(connection=made, qbk_id="2", raw=invoice("2", CustomField=[], DocNumber="1038"))
    test_company = ConnectionFactory(company_name="Try it & Co.")
    create_document(connection=test_company, qbk_id="7", raw=invoice("7", DocNumber="T-7"))
    return made


def address_of(connection: Connection) -> str:
    return f"/admin/quickbooks_app/connection/{connection.pk}/mapping/"


def test_the_preview_shows_present_and_new_side_by_side_and_saves_nothing(
    client: Client, connection: Connection
) -> None:
    shown = visible_text(
        preview(client, address_of(connection), invoice_no="CustomField.1", payable_date="TxnDate", reason=REASON)
    )
    assert "1037 Invoice Number 1037 102" in shown
    assert "1038 Payable Date 2026-05-08 2026-04-08" in shown
    assert "T-7 Invoice Number T-7 102" in shown
    assert "Newest invoices tried 2 Of these, would change 2" in shown
    assert not MappingVersion.objects.exists()


def test_what_was_previewed_is_saved_with_who_and_why(client: Client, connection: Connection, staff: User) -> None:
    answer = preview_and_confirm(
        client,
        address_of(connection),
        invoice_no="CustomField.1",
        source="constant",
        source_constant="Books UK",
        reason=REASON,
    )
    assert answer.status_code == 302
    version = MappingVersion.objects.get()
    assert (version.created_by, version.reason) == (staff, REASON)
    assert versions.current_overrides(connection) == (
        Override("invoice_no", "CustomField.1"),
        Override("source", constant="Books UK"),
    )
    listed = visible_text(client.get("/admin/quickbooks_app/mappingversion/"))
    assert "invoice_no: CustomField.1, source: “Books UK”" in listed
    again = client.get(address_of(connection)).content.decode()
    assert '<option value="CustomField.1" selected>Crew #</option>' in again


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({}, "Nothing would change"),
        ({"invoice_no": "TotalAmt; drop"}, "Select a valid choice"),
        ({"payable_date": "DocNumber"}, "Select a valid choice"),
        ({"source": "constant"}, "choose a QuickBooks field or type a text"),
        ({"source": "constant", "source_constant": "x" * 21}, "at most 20 characters"),
    ],
)
def test_what_cannot_be_is_refused_where_it_was_typed(
    client: Client, connection: Connection, typed: dict[str, str], why: str
) -> None:
    assert why in visible_text(preview(client, address_of(connection), **typed, reason=REASON))
    assert preview_and_confirm(client, address_of(connection), **typed, reason=REASON).status_code == 200
    assert not MappingVersion.objects.exists()


def test_an_earlier_version_is_used_again_as_the_next_one(client: Client, connection: Connection, staff: User) -> None:
    for overrides in ([Override("invoice_no", "CustomField.1")], []):
        versions.save_version(owner=connection, overrides=overrides, reason=REASON, by=staff, at=timezone.now())
    first = MappingVersion.objects.get(number=1)
    address = f"/admin/quickbooks_app/mappingversion/{first.pk}/use_again/"
    assert "Invoice Number DocNumber CustomField.1" in visible_text(client.get(address))
    assert confirm(client, address, reason="It was right.").status_code == 302
    assert versions.current_overrides(connection) == (Override("invoice_no", "CustomField.1"),)
    assert MappingVersion.objects.count() == 3
    assert confirm(client, address, reason="It was right.").status_code == 302
    assert MappingVersion.objects.count() == 3, "it is the one that counts"


def test_only_those_with_the_permission_change_a_mapping(client: Client, connection: Connection) -> None:
    client.force_login(UserFactory(is_staff=True))
    assert client.get(address_of(connection)).status_code in (302, 403)
    assert client.post(address_of(connection), {"invoice_no": "TrackingNum", "reason": REASON}).status_code in (
        302,
        403,
    )
    assert not MappingVersion.objects.exists()


def test_an_integrations_mapping_is_tried_on_a_chosen_company_and_on_a_test_company(
    client: Client, connection: Connection, staff: User
) -> None:
    other = ConnectionFactory(integration=connection.integration, company_name="Second & Co.")
    create_document(connection=other, qbk_id="9", raw=invoice("9", DocNumber="S-9"))
    address = f"/admin/quickbooks_app/integration/{connection.integration_id}/mapping/"
    typed = {"invoice_no": "CustomField.1", "reason": REASON}
    shown = visible_text(preview(client, address, **typed, try_on=other.pk))
    assert "On invoices of Second &amp; Co." in shown
    assert "S-9 Invoice Number S-9 102" in shown
    assert "T-7 Invoice Number T-7 102" in shown
    assert preview_and_confirm(client, address, **typed, try_on=other.pk).status_code == 302
    assert versions.current_overrides(connection) == (Override("invoice_no", "CustomField.1"),)
    listed = visible_text(client.get("/admin/quickbooks_app/mappingversion/"))
    assert f"Integration {connection.integration}" in listed
    assert "0 of 2 companies done" in listed
    own = visible_text(client.get(address_of(connection)))
    assert f"Invoice Number CustomField.1 Integration {connection.integration}, version 1" in own
    assert "Payable Date DueDate Mapping table" in own


def test_a_companys_own_mapping_is_tried_against_its_integrations(
    client: Client, connection: Connection, staff: User
) -> None:
    versions.save_version(
        owner=connection.integration,
        overrides=[Override("invoice_no", "CustomField.1")],
        reason=REASON,
        by=staff,
        at=timezone.now(),
    )
    typed = {"invoice_no": "mapping table", "reason": REASON}
    assert "102 Invoice Number 102 1037" in visible_text(preview(client, address_of(connection), **typed))
    preview_and_confirm(client, address_of(connection), **typed)
    assert versions.current_overrides(connection) == ()
    first = MappingVersion.objects.get(integration=connection.integration)
    assert (
        confirm(client, f"/admin/quickbooks_app/mappingversion/{first.pk}/use_again/", reason=REASON).status_code == 302
    )
    assert MappingVersion.objects.count() == 2, "it is the one that counts"
    address = f"/admin/quickbooks_app/integration/{connection.integration_id}/mapping/"
    shown = visible_text(preview(client, address, reason=REASON, try_on=connection.pk))
    assert "Of these, would change 0" in shown, "the company keeps what it changed itself"
